"""Pictures of what was tested: beliefs about customers, and why values are missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import percent
from hm_assets.warehouse.charts import Block, Chart, Grid, NotEnough, axes, interval, label
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE, VERMILION

Row = Mapping[str, Any]
COLOURS = {"holds": BLUE, "the opposite holds": VERMILION, "too small to matter": GREY, "not shown": GREY}
MARKS = {
    "holds": "circle",
    "the opposite holds": "square",
    "too small to matter": "x",
    "not shown": "circle-open",
}


def in_order(lines: Sequence[Row]) -> list[Row]:
    """Beliefs as they stand on the page."""
    return sorted(lines, key=lambda line: line["position"])


def forest(lines: Sequence[Row]) -> Block:
    """All effects on one scale: multiples of the smallest effect that would matter."""
    tested = [line for line in in_order(lines) if line["effect"] is not None and line["low"] is not None]
    if not tested:
        return NotEnough("beliefs", "Beliefs, tested", "no belief has enough data")
    held = sum(line["verdict"] == "holds" for line in tested)
    against = sum(line["verdict"] == "the opposite holds" for line in tested)
    verdicts = [v for v in COLOURS if any(line["verdict"] == v for line in tested)]

    def scaled(line: Row, end: str) -> float:
        return float((line[end] - line["no_effect"]) / line["smallest_that_matters"])

    traces = []
    for verdict in verdicts:
        mine = [line for line in tested if line["verdict"] == verdict]
        values = [scaled(line, "effect") for line in mine]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": verdict,
                "x": values,
                "y": [label(line["claim"], 24) for line in mine],
                "error_x": interval(
                    values, [scaled(n, "low") for n in mine], [scaled(n, "high") for n in mine]
                ),
                "marker": {"color": COLOURS[verdict], "symbol": MARKS[verdict], "size": 11},
            }
        )
    return Chart(
        "beliefs",
        f"Of {len(tested)} beliefs {held} hold" + (f"; of {against} the opposite holds" if against else ""),
        traces,
        axes(
            "Effect in multiples of<br>the smallest that would matter",
            "Belief",
            yaxis={
                "categoryorder": "array",
                "categoryarray": [label(line["claim"], 24) for line in reversed(tested)],
            },
            showlegend=True,
            shapes=[
                {
                    "type": "rect",
                    "xref": "x",
                    "yref": "paper",
                    "x0": -1,
                    "x1": 1,
                    "y0": 0,
                    "y1": 1,
                    "fillcolor": "#e8ebee",
                    "line": {"width": 0},
                    "layer": "below",
                }
            ],
        ),
        ("explore/hypotheses",),
        f"n = {len(tested)} beliefs tested; lines: 95 % intervals; grey band: too small to matter",
        height=140 + 56 * len(tested),
        wide=True,
    )


def verdicts(lines: Sequence[Row]) -> Block:
    """Each belief with its effect in its own unit, the test and p."""
    if not lines:
        return NotEnough("belief_table", "Beliefs, one by one", "no belief has been tested")

    def effect(line: Row) -> str:
        if line["effect"] is None:
            return "not enough data"
        form = ".2f" if abs(line["effect"]) >= 1 else ".3f"
        ends = "" if line["low"] is None else f" ({line['low']:{form}} to {line['high']:{form}})"
        return f"{line['effect']:{form}}{ends}: {line['effect_is']}"

    def p(line: Row) -> str:
        if line["p_adjusted"] is None:
            return "–"
        return "under 0.001" if line["p_adjusted"] < 0.001 else f"{line['p_adjusted']:.3f}"

    body = [
        [
            line["claim"],
            line["verdict"],
            effect(line),
            f"{line['customers']:,} {'weeks' if 'by week' in line['test'] else 'customers'}"
            if line["customers"]
            else "–",
            f"{line['test']}; {line['groups']}",
            p(line),
        ]
        for line in in_order(lines)
    ]
    return Grid(
        "belief_table",
        "Each belief with its effect first, p last",
        ("Belief", "Verdict", "Effect (95 % interval)", "n", "Test, and who is compared", "p, by Holm"),
        body,
        ("explore/hypotheses",),
        "n as stated in each line",
        "Nobody was assigned to a group by chance, so an effect is a difference, not a cause.",
    )


def missing(columns: Sequence[Row]) -> Block:
    """Known, structural and unknown values of each column of the customer file."""
    ordered = sorted(columns, key=lambda line: line["position"])
    if not ordered or not ordered[0]["rows"]:
        return NotEnough("missing", "What is missing", "the customer file is empty")
    names = [label(line["column"].replace("_", " "), 14) for line in ordered]
    total = ordered[0]["rows"]
    parts = {
        "known": ([line["known"] - line["structural"] for line in ordered], BLUE),
        "empty, and means no": ([line["structural"] for line in ordered], "#9cc7e6"),
        "unknown": ([line["unknown"] for line in ordered], ORANGE),
    }
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": names,
            "x": [100 * count / total for count in counts],
            "marker": {"color": colour, "line": {"color": "#ffffff", "width": 1}},
        }
        for name, (counts, colour) in parts.items()
    ]
    worst = max(ordered, key=lambda line: line["share_unknown"])
    structural = [line["column"] for line in ordered if line["structural"] > 0]
    said = f"{worst['column']} is unknown most often, for {percent(worst['share_unknown'])} of the customers"
    if structural:
        said += f"; empty {' and '.join(structural)} mean no"
    return Chart(
        "missing",
        label(said, 400) if worst["unknown"] else "Nothing is unknown in the customer file",
        traces,
        axes(
            "Customers (%)",
            "Column of the file",
            yaxis={"autorange": "reversed"},
            barmode="stack",
            showlegend=True,
        ),
        ("customers/missingness",),
        f"n = {total:,} customers on file, with or without a purchase",
        height=340,
    )


def mechanisms(columns: Sequence[Row], tests: Sequence[Row]) -> Block:
    """Why values are missing: the tests in words."""
    words = {
        "little_mcar": "Completely at random (MCAR)? Little’s test",
        "logistic_mar": "Explained by other attributes (MAR)? Logistic regression",
        "mnar_sensitivity": "By the value itself (MNAR)? Cannot be tested; what if",
    }
    if not tests:
        return NotEnough("mechanisms", "Why values are missing", "no test was made")
    # Of the what-ifs the outermost two say enough.
    assumed = [line["assumed_years"] for line in tests if line["assumed_years"] is not None]
    kept = [
        line
        for line in tests
        if line["assumed_years"] in (None, min(assumed, default=0), max(assumed, default=0))
    ]
    body = [
        [
            words.get(line["test"], line["test"]),
            line["column"],
            f"{line['unknown']:,} of {line['customers']:,}",
            line["finding"],
            "–"
            if line["p_value"] is None
            else "under 0.001"
            if line["p_value"] < 0.001
            else f"{line['p_value']:.3f}",
        ]
        for line in sorted(
            kept, key=lambda t: (list(words).index(t["test"]), t["column"], t["assumed_years"] or 0)
        )
    ]
    depends = [line for line in tests if line["test"] == "logistic_mar" and (line["p_value"] or 1) < 0.05]
    tested = [line for line in tests if line["test"] == "logistic_mar" and line["p_value"] is not None]
    if not tested:
        title = "Too few values are missing to tell why"
    elif depends:
        names = " and ".join(line["column"] for line in depends)
        verb = "depends" if len(depends) == 1 else "depend"
        title = f"Values are not missing completely at random: {names} {verb} on other attributes"
    else:
        title = "No missing value depends on another attribute, as far as the data tell"
    return Grid(
        "mechanisms",
        title,
        ("Question and test", "Column", "Unknown", "Finding", "p"),
        body,
        ("customers/missingness_tests", "customers/missingness"),
        f"n = {columns[0]['rows']:,} customers on file" if columns else "n = 0",
    )


def patterns(lines: Sequence[Row]) -> Block:
    """Which attributes are unknown together."""
    mine = sorted(lines, key=lambda line: (-line["customers"], line["pattern"]))
    if not mine:
        return NotEnough("patterns", "What is unknown together", "the customer file is empty")
    together = sum(line["customers"] for line in mine if line["columns_unknown"] > 1)
    total = sum(line["customers"] for line in mine)
    return Grid(
        "patterns",
        f"{percent(together / total)} of the customers lack more than one attribute",
        ("Unknown together", "Customers", "Share"),
        [[line["pattern"], f"{line['customers']:,}", percent(line["share"])] for line in mine[:8]],
        ("customers/missing_patterns",),
        f"n = {total:,} customers on file",
        wide=False,
    )

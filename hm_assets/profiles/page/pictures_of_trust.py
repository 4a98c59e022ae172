"""How far the segments can be trusted: their passports side by side, and the ladder of `profiles/validity`."""

from collections.abc import Sequence

from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.passport.criteria import FAIL, NOT_MEASURED, PASS, WARN
from hm_assets.profiles.passport.documents import written
from hm_assets.profiles.validity.facts import BY_NAME
from hm_assets.profiles.wording import WORDINGS
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, axes, interval, label
from hm_assets.warehouse.pictures import BLUE, GREEN, GREY, ORANGE

CRITERIA = ("profiles/passport_criteria",)
VALIDITY = ("profiles/validity",)
MARKS = {PASS: "pass", WARN: "warn", FAIL: "fail"}
# The tests that lead: one row for each fact, over all segments.
LEADING = ("by_construction", "welch_anova", "brown_forsythe", "chi_square")
TIERS = {
    "later": ("Later: the 90 days after", GREEN, "diamond"),
    "held_out": ("Held out: the clustering never saw it", BLUE, "circle"),
    "construction": ("By construction: the clustering was made of it", ORANGE, "square-open"),
}


def everybody(month: Month) -> Block:
    """The criteria that all segments are held against together."""
    rows = _of(month, None)
    if not rows:
        return NotEnough("criteria_of_all", "All segments together", "no criterion was measured")
    return Grid(
        "criteria_of_all",
        f"All segments together: {_tally(rows)}",
        ["Criterion", "Verdict", "Figure", "Asked for", "What it says"],
        [
            [row["title"], Cell(row["status"], mark=_mark(row)), written(row), row["threshold"], row["words"]]
            for row in rows
        ],
        CRITERIA,
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: only a FAIL keeps segments from being published; a WARN is to be known before they are used.",
    )


def passports(month: Month) -> Block:
    """Criteria and segments, with PASS, WARN or FAIL in each cell."""
    each = {i: {row["criterion"]: row for row in _of(month, i)} for i in month.ids}
    if not any(each.values()):
        return NotEnough("passports", "Each segment’s passport", "no criterion was measured")
    rows = sorted((row for i in month.ids for row in each[i].values()), key=lambda row: int(row["position"]))
    titles = {row["criterion"]: row["title"] for row in rows}
    return Grid(
        "passports",
        f"Each segment’s passport: {_tally(rows)}",
        ["Criterion", *(month.short(i) for i in month.ids)],
        [[title, *(_cell(each[i].get(name)) for i in month.ids)] for name, title in titles.items()],
        CRITERIA,
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: a column is a segment. What each figure means, and what was asked for, stands in its "
        "passport.",
    )


def ladder(month: Month) -> Block:
    """How large the differences between segments are, by tier, beside what there would be without structure."""
    rows = [
        row
        for row in month.validity
        if row["segment_id"] is None
        and row["test"] in LEADING
        and row["tier"] in TIERS
        and row["effect"] is not None
    ]
    if not rows:
        return NotEnough(
            "ladder",
            "How real the differences are",
            "profiles/validity has nothing on this month: it takes 90 days of purchases after the judged day",
        )
    rows = sorted(rows, key=lambda row: (list(TIERS).index(row["tier"]), -row["effect"], row["fact"]))
    real = [row for row in rows if row["tier"] != "construction"]
    beyond = sum(row["low"] is not None and row["low"] > (row["null_effect"] or 0.0) for row in real)
    nulls = [row for row in rows if row["null_effect"] is not None]
    traces = [
        {
            **_dots(nulls, [float(row["null_effect"]) for row in nulls], "Without structure, mean"),
            "marker": {"color": GREY, "symbol": "line-ns-open", "size": 13},
        }
    ]
    for tier, (words, colour, symbol) in TIERS.items():
        mine = [row for row in rows if row["tier"] == tier]
        values = [float(row["effect"]) for row in mine]
        traces.append(
            {
                **_dots(mine, values, words),
                "marker": {"color": colour, "symbol": symbol, "size": 10},
                "error_x": interval(values, [row["low"] for row in mine], [row["high"] for row in mine]),
            }
        )
    facts = list(dict.fromkeys(_fact(row) for row in rows))
    return Chart(
        "ladder",
        f"{beyond} of {len(real)} facts that the clustering never saw differ more than without structure",
        [trace for trace in traces if trace["x"]],
        axes(
            "Size of the difference<br>(0 = none, 1 = all of it lies between segments)",
            "Fact",
            xaxis={"range": [-0.03, 1.03]},
            yaxis={"type": "category", "categoryorder": "array", "categoryarray": facts[::-1]},
            showlegend=True,
        ),
        VALIDITY,
        f"n = {max(int(row['n']) for row in rows):,} customers, judged on "
        f"{rows[0]['as_of'].isoformat()} with the 90 days after",
        "How to read it: omega squared, or Cramer’s V of shares, with 95 % intervals; 0.01 is small, 0.06 medium, 0.14 "
        "large for the first. What a clustering was made of differs by construction, which proves nothing.",
        height=150 + 30 * len(facts),
        wide=True,
        narrow={
            "yaxis.title.text": "",
            "yaxis.tickfont.size": 9,
            "xaxis.title.font.size": 10,
            "margin.r": 8,
            "legend.font.size": 10,
        },
    )


def _of(month: Month, segment: int | None) -> list[Row]:
    mine = [row for row in month.criteria if row["segment_id"] == segment]
    return sorted(mine, key=lambda row: int(row["position"]))


def _cell(row: Row | None) -> Cell:
    if row is None:
        return Cell("–")
    if row["status"] == NOT_MEASURED:
        return Cell(NOT_MEASURED)
    figure = "" if row["value"] is None else f" · {written(row)}"
    return Cell(f"{row['status']}{figure}", mark=_mark(row))


def _mark(row: Row) -> str:
    return MARKS.get(row["status"], "")


def _tally(rows: Sequence[Row]) -> str:
    counts = {
        status: sum(row["status"] == status for row in rows) for status in (FAIL, WARN, PASS, NOT_MEASURED)
    }
    said = [f"{count}\u00a0{status}" for status, count in counts.items() if count or status == PASS]
    return ", ".join(said)


def _fact(row: Row) -> str:
    wording, fact = WORDINGS.get(row["fact"]), BY_NAME.get(row["fact"])
    known = row.get("words") or (fact and fact.words)
    words = wording.label if wording else known or str(row["fact"]).replace("_", " ")
    return label(words[:1].upper() + words[1:], 30)


def _dots(rows: Sequence[Row], values: Sequence[float], name: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [round(v, 5) for v in values],
        "y": [_fact(row) for row in rows],
        "hovertemplate": "%{y}: %{x:.3f}<extra>" + name + "</extra>",
    }

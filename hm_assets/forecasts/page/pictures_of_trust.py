"""How far to trust the forecasts: every model beside the plain ones, the shift of the seasons, and kept promises."""

from hm_assets.explore.words import percent
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page import grids_of_scores as scores
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.grids_of_scores import BOARD, UNJUDGED, VALUE
from hm_assets.forecasts.page.month import Outlook, Row, Rows, days_of, where
from hm_assets.forecasts.page.words import model
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section
from hm_assets.warehouse.pictures import BLUE, GREEN, GREY, ORANGE

TIMING = ("forecasts/timing_scoreboard",)


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "trust",
        headline(month),
        "Every model was fitted for past days on what was known then, and judged by what came after. Intervals are "
        "95 % over customers; which days were judged is not in them, so look at how the days differ.",
        [_picture(month), scores.orders(month), scores.value(month), _shift(month), _kept(month)],
    )


def _judged(month: Outlook, metric: str) -> list[Row]:
    rows = where(month.scoreboard, metric=metric, horizon_days=LONGEST)
    return [row for row in rows if row["value"] is not None]


def _means(rows: Rows) -> dict[str, float]:
    """Of each model over the days that all of them were judged on."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["model"], []).append(row["value"])
    most = max((len(values) for values in found.values()), default=0)
    return {name: sum(values) / most for name, values in found.items() if len(values) == most}


def headline(month: Outlook) -> str:
    """Which model is taken, and whether it beats the plain ones."""
    rows = _judged(month, "brier")
    chosen = next((row["model"] for row in rows if row["chosen"]), None)
    if chosen is None:
        return "How far to trust the forecasts cannot be said yet"
    means = _means(rows)
    plain = {row["model"] for row in rows if row["baseline"]} & means.keys()
    better = sorted((name for name in plain if means[name] < means.get(chosen, 0.0)), key=means.__getitem__)
    if chosen in plain:
        return f"Nothing beats a plain rule here: “{model(chosen)}” is taken"
    if better:
        return f"A plain rule is better than the model on these days: “{model(better[0])}”"
    auc = _means(_judged(month, "auc"))
    of_plain = max((auc[name] for name in plain if name in auc), default=None)
    beside = "" if of_plain is None else f" against {of_plain:.2f} of the best plain rule"
    return f"The model taken, “{model(chosen)}”, ranks customers with an AUC of {auc.get(chosen, 0.5):.2f}{beside}"


def _picture(month: Outlook) -> Block:
    rows = _judged(month, "brier")
    if not rows:
        return NotEnough("models", "Every model beside the plain ones", UNJUDGED)
    means = _means(rows)
    names = sorted(means, key=lambda name: (means[name], name))
    days = days_of(rows)[::-1]
    traces = []
    colours, symbols = (BLUE, ORANGE, GREEN, GREY), ("circle", "square", "diamond", "x")
    for n, day in enumerate(days):
        mine = {row["model"]: row for row in where(rows, as_of=day)}
        marks = [
            Dot(scores.line(name, mine[name]), mine[name]["value"], mine[name]["low"], mine[name]["high"])
            for name in names
            if name in mine
        ]
        traces.append(
            dots.trace(
                marks,
                day.isoformat(),
                colours[n % len(colours)],
                symbols[n % len(symbols)],
                form=".3f",
                size=9,
            )
        )
    by_name = {row["model"]: row for row in rows}
    lines = [scores.line(name, by_name[name]) for name in names]
    chosen = next((row["model"] for row in rows if row["chosen"]), names[0])
    plain = [name for name in names if by_name[name]["baseline"]]
    beaten = ""
    if plain and chosen not in plain:
        word = "lower" if means[chosen] < means[plain[0]] else "not lower"
        beaten = f", {word} than the best plain rule’s {means[plain[0]]:.3f}"
    return Chart(
        "models",
        f"“{model(chosen)}” is taken: its Brier score is {means[chosen]:.3f}{beaten}",
        traces,
        dots.layout(
            lines, "Brier score of P(order within 90 days) (lower is better)", "Model", showlegend=True
        ),
        BOARD,
        f"n = {max(row['customers'] for row in rows):,} customers at most on each of {len(days)} past days",
        "How to read it: the best is on top; * marks the plain ones to beat, > the one taken. Why: "
        f"{scores.why(rows)}.",
        height=dots.height(len(lines), legend=True) - 8 * len(lines),
        wide=True,
        narrow={**dots.NARROW, "yaxis.tickfont.size": 8},
    )


def _shift(month: Outlook) -> Block:
    rows = sorted(
        (row for row in _judged(month, "mean_error") if row["chosen"]),
        key=lambda row: row["as_of"],
        reverse=True,
    )
    if not rows:
        return NotEnough("shift", "How the days differ", UNJUDGED)
    known = [row for row in rows if row["base_rate_year_before"] is not None and row["base_rate"] is not None]
    title = "How the days differ: no past day has the same month a year before"
    if known:
        most = max(
            known, key=lambda row: (abs(row["base_rate"] - row["base_rate_year_before"]), row["as_of"])
        )
        off = 100 * (most["base_rate"] - most["base_rate_year_before"])
        title = (
            f"After {most['as_of'].isoformat()} {percent(most['base_rate'])} ordered, {abs(off):.0f} points "
            f"{'more' if off > 0 else 'fewer'} than a year before; the model was off by {_signed(100 * most['value'])} "
            "points"
        )
    return Grid(
        "shift",
        title,
        ["Day", "Ordered within 90 days", "A year before", "Expected minus true, points"],
        [
            [
                row["as_of"].isoformat(),
                "–" if row["base_rate"] is None else percent(row["base_rate"]),
                "–" if row["base_rate_year_before"] is None else percent(row["base_rate_year_before"]),
                _points(row),
            ]
            for row in rows
        ],
        BOARD,
        f"n = {max(row['customers'] for row in rows):,} customers at most a day",
        "How to read it: seasons differ, and spring 2020 had closed shops. A model learns a season once it has seen "
        "it a year before; a break like that one it cannot know.",
        wide=False,
    )


def _points(row: Row) -> str:
    if row["low"] is None:
        return _signed(100 * row["value"])
    return f"{_signed(100 * row['value'])} ({_signed(100 * row['low'])} to {_signed(100 * row['high'])})"


def _signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−")


def _kept(month: Outlook) -> Block:
    windows = [
        row
        for row in where(month.timing, method="waiting", of_whom="all", metric="coverage")
        if row["value"] is not None
    ]
    value = [
        row
        for row in where(month.value_scores, metric="coverage_80", tenth=0, chosen=True)
        if row["value"] is not None
    ]
    if not windows and not value:
        return NotEnough("kept", "How often the intervals hold", UNJUDGED)
    kinds = [
        *(("Window of the next order", row["level"], row) for row in windows),
        *((f"Spend of {_horizon(row)}", 80, row) for row in value),
    ]
    rows = [
        [
            words,
            row["as_of"].isoformat(),
            f"{level} %",
            Cell(
                f"{percent(row['value'])}"
                + ("" if row["low"] is None else f" ({percent(row['low'])} to {percent(row['high'])})"),
                mark="pass" if abs(100 * row["value"] - level) <= 5 else "warn",
            ),
        ]
        for words, level, row in kinds
    ]
    off = sum(abs(100 * row["value"] - level) > 5 for _, level, row in kinds)
    return Grid(
        "kept",
        f"{len(kinds) - off} of {len(kinds)} promised intervals held within five points of what they say",
        ["What", "Day", "Promised", "Held"],
        rows,
        tuple(source for source, found in ((TIMING[0], windows), (VALUE[0], value)) if found),
        f"n = {max(row['customers'] for _, _, row in kinds):,} customers at most a day",
        "How to read it: of a hundred customers so many were within. Yellow: off by more than five points; take those "
        "intervals as too narrow or too wide by that much.",
        wide=False,
    )


def _horizon(row: Row) -> str:
    return "12 months" if row["horizon_days"] > LONGEST else f"{row['horizon_days']} days"

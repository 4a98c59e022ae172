"""What to expect: who orders and what they spend, beside what came before, and how good this was in the past."""

from hm_assets.explore.words import number, percent
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import FROM_MODEL, NO_MODEL, Outlook, Row, days_of, where
from hm_assets.forecasts.page.reading import BEFORE, YEAR_BEFORE
from hm_assets.forecasts.page.words import change, joined, model, span
from hm_assets.warehouse.charts import Block, Chart, NotEnough, Section, axes, interval
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE, SKY

PERIODS = {
    YEAR_BEFORE: ("The same 90 days a year before", ORANGE, "square"),
    BEFORE: ("The 90 days before", GREY, "diamond"),
}
COUNTED = ("features/customer_days",)
SCORES, VALUE_SCORES = ("forecasts/segment_scores",), ("forecasts/value_scoreboard",)
SPEND = "value_90d_sum"
NO_VALUE = "there is no model of value: the files are too short to learn one"
UNJUDGED = "no past day has 90 days after it and enough before it to learn from"


def section(month: Outlook) -> Section:
    """The chapter."""
    blocks = [_shares(month), _spend(month), _past_shares(month), _past_spend(month)]
    return Section(
        "expect",
        _finding(month),
        "What customers who have bought so far will do. Who comes for the first time is in none of these forecasts.",
        blocks,
    )


def headline(month: Outlook) -> str:
    """Who orders within 90 days and what they spend, in a sentence."""
    orders, spend = month.told(f"ordering_{LONGEST}d"), month.told(SPEND)
    if orders is None:
        return "What customers will do cannot be said yet"
    text = f"{percent(orders['value'])} of customers are expected to order within 90 days"
    before = _period(month, YEAR_BEFORE) or _period(month, BEFORE)
    if spend is None or before is None:
        return text
    when = "the same days a year before" if before["period"] == YEAR_BEFORE else "the 90 days before"
    return f"{text}, and to spend {change(spend['value'], before['spend_known'])} {when}"


def _finding(month: Outlook) -> str:
    """How many customers that is, and how good such forecasts were."""
    orders = month.told(f"ordering_{LONGEST}d")
    if orders is None:
        return headline(month)
    who = f"{orders['value'] * orders['customers']:,.0f} of {orders['customers']:,} customers"
    text = f"About {who} order within 90 days"
    off = [abs(row["expected"] - row["ordered"]) for row in _judged_shares(month)]
    if off:
        text += f"; on {_days(len(off))} such a share was off by at most {100 * max(off):.1f} points"
    return text


def _judged_shares(month: Outlook) -> list[Row]:
    rows = where(month.segment_scores, segment=ALL, horizon_days=LONGEST)
    return sorted(rows, key=lambda row: row["as_of"], reverse=True)


def _period(month: Outlook, name: str) -> Row | None:
    return next(where(month.periods, period=name), None)


def _shares(month: Outlook) -> Block:
    told = {h: row for h in HORIZONS if (row := month.told(f"ordering_{h}d"))}
    if not told:
        return NotEnough("shares", "Who will order", NO_MODEL)
    lines = {h: f"Within {h} days" for h in told}
    traces = []
    for name, (words, colour, symbol) in PERIODS.items():
        row = _period(month, name)
        if row is not None:
            then = [Dot(lines[h], row[f"ordered_{h}d"] / row["customers"]) for h in told]
            traces.append(dots.trace(then, f"{words}: true", colour, symbol, scale=100, unit=" %", size=9))
    now = [Dot(lines[h], row["value"], row["low"], row["high"]) for h, row in told.items()]
    traces.append(dots.trace(now, "Expected now", BLUE, scale=100, form=".0f", unit=" %", size=13, said=True))
    last = told[max(told)]
    counted = [
        f"{row['customers']:,} {words[:1].lower()}{words[1:]}"
        for name, (words, _, _) in PERIODS.items()
        if (row := _period(month, name))
    ]
    return Chart(
        "shares",
        f"{span(last)} of customers order within {max(told)} days, {percent(told[min(told)]['value'])} within "
        f"{min(told)}",
        traces,
        dots.layout(
            list(lines.values()),
            "Share of customers who order (%)",
            "Days from now",
            xaxis={"range": [-4, 108]},
            showlegend=True,
        ),
        FROM_MODEL + (COUNTED if counted else ()),
        f"n = {last['customers']:,} customers who have bought"
        + (f"; then {joined(counted)}" if counted else ""),
        "How to read it: the dot is the expected share, its line the 80 % interval: chance, and how far off the model "
        "was on past days. The other marks are what customers known by then did."
        + (
            ""
            if last["low"] is not None
            else " No past day tells how far off it may be, so there is no interval."
        ),
        height=dots.height(len(lines), legend=True),
        narrow=dots.NARROW,
    )


def _spend(month: Outlook) -> Block:
    row = month.told(SPEND)
    if row is None:
        return NotEnough("spend", "What they will spend", NO_VALUE)
    bars = [(words, found) for name, (words, _, _) in PERIODS.items() if (found := _period(month, name))]
    labels = [*(words for words, _ in bars), "The next 90 days, expected"]
    known = [float(found["spend_known"]) for _, found in bars]
    new = [float(found["spend_new"]) for _, found in bars]
    expected = round(float(row["value"]), 9)
    said = [
        f"{change(expected, found['spend_known'])} {words[:1].lower()}{words[1:]}" for words, found in bars
    ]
    return Chart(
        "spend",
        f"They are expected to spend {span(row, 'number')} in 90 days"
        + (f": {joined(said)}" if said else ""),
        [
            {
                "type": "bar",
                "orientation": "h",
                "name": "By customers known by then",
                "y": labels,
                "x": [*known, expected],
                "text": [number(v) for v in (*known, expected)],
                "textposition": "inside",
                "insidetextanchor": "start",
                "marker": {"color": [GREY] * len(bars) + [BLUE]},
                "error_x": {
                    **interval(
                        [*known, expected],
                        [*(None for _ in bars), row["low"]],
                        [*(None for _ in bars), row["high"]],
                    )
                },
                "hovertemplate": "%{y}: %{x:.3f}<extra>by customers known by then</extra>",
            },
            {
                "type": "bar",
                "orientation": "h",
                "name": "By customers who came later",
                "y": labels[:-1],
                "x": new,
                "marker": {"color": SKY, "pattern": {"shape": "/"}},
                "hovertemplate": "%{y}: %{x:.3f}<extra>by customers who came later</extra>",
            },
        ],
        axes(
            "Sum of prices in 90 days (price index)",
            "Period",
            barmode="stack",
            xaxis={"rangemode": "tozero"},
            yaxis={"type": "category", "autorange": "reversed"},
            showlegend=bool(bars),
        ),
        FROM_MODEL + (COUNTED if bars else ()),
        f"n = {row['customers']:,} customers who have bought; no new customer is in the forecast",
        "How to read it: compare the solid parts. The line is the 80 % interval of the sum; an error that all values "
        "share is not in it, see how good it was. A price index is no currency.",
        height=130 + 56 * len(labels),
        narrow={**dots.NARROW, "yaxis.tickfont.size": 9},
    )


def _past_shares(month: Outlook) -> Block:
    name, title = "past_shares", "How good the shares were"
    rows = _judged_shares(month)
    if not rows:
        return NotEnough(name, title, UNJUDGED)
    lines = [row["as_of"].isoformat() for row in rows]
    said = [Dot(at, row["expected"], row["low"], row["high"]) for at, row in zip(lines, rows, strict=True)]
    came = [Dot(at, row["ordered"]) for at, row in zip(lines, rows, strict=True)]
    off = max(abs(row["expected"] - row["ordered"]) for row in rows)
    inside = [row["inside"] for row in rows if row["inside"] is not None]
    held = f"; {sum(inside)} of {len(inside)} intervals held" if inside else ""
    return Chart(
        name,
        f"On {_days(len(rows))} the share was off by at most {100 * off:.1f} points{held}",
        [
            dots.trace(said, "Expected on that day", BLUE, scale=100, unit=" %"),
            dots.trace(came, "True", ORANGE, "x", scale=100, unit=" %"),
        ],
        dots.layout(lines, "Share that orders within 90 days (%)", "Past day", showlegend=True),
        SCORES,
        f"n = {min(row['customers'] for row in rows):,} to {max(row['customers'] for row in rows):,} customers a day, "
        "each with a model that knew nothing later",
        "How to read it: the blue dot is what would have been said that day, with the 80 % interval known by then; the "
        "cross is what came. The first day has none: no error was known yet.",
        height=dots.height(len(lines), legend=True),
        narrow=dots.NARROW,
    )


def _past_spend(month: Outlook) -> Block:
    name, title = "past_spend", "How good the spend was"
    rows = [
        row
        for row in where(month.value_scores, metric="total_ratio", horizon_days=LONGEST, tenth=0, chosen=True)
        if row["value"] is not None
    ]
    if not rows:
        return NotEnough(name, title, UNJUDGED)
    plain = [
        row
        for row in where(
            month.value_scores, metric="total_ratio", horizon_days=LONGEST, tenth=0, baseline=True
        )
        if row["value"] is not None and not row["chosen"]
    ]
    lines = [day.isoformat() for day in days_of(rows)[::-1]]

    def marks(found: list[Row]) -> list[Dot]:
        return [Dot(row["as_of"].isoformat(), row["value"], row["low"], row["high"]) for row in found]

    low, high = min(row["value"] for row in rows), max(row["value"] for row in rows)
    traces = [dots.trace(marks(rows), model(rows[0]["model"]), BLUE, form=".2f")]
    if plain:
        traces.append(dots.trace(marks(plain), model(plain[0]["model"]), GREY, "square", form=".2f", size=9))
    return Chart(
        name,
        f"On {_days(len(lines))} the expected spend was {low:.2f} to {high:.2f} times what came"
        if len(lines) > 1
        else f"On one past day the expected spend was {low:.2f} times what came",
        traces,
        dots.layout(
            lines,
            "Expected spend by true spend (1 = right)",
            "Past day",
            shapes=[
                {
                    "type": "line",
                    "x0": 1,
                    "x1": 1,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": GREY, "dash": "dash"},
                }
            ],
            showlegend=True,
        ),
        VALUE_SCORES,
        f"n = {max(row['customers'] for row in rows):,} customers at most on a day, each with a model that knew "
        "nothing later",
        "How to read it: right of the dashed line too much was promised, left of it too little; lines are 95 % "
        "intervals over customers.",
        height=dots.height(len(lines), legend=True),
        narrow=dots.NARROW,
    )


def _days(many: int) -> str:
    return "one past day" if many == 1 else f"{many} past days"

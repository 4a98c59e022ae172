"""When they order next: who is late by their own rhythm and by 90 days, how often each was right, and usual windows."""

from hm_assets.explore.words import percent
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import NO_MODEL, Outlook, Row, Rows, days_of, where
from hm_assets.forecasts.timing.rules import OWN, PRESET
from hm_assets.warehouse.charts import Block, Chart, NotEnough, Section
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE

RULES, OUTLOOK = ("forecasts/churn_rules",), ("forecasts/customers",)
NAMES = {
    OWN: ("Late by their own rhythm", BLUE, "circle"),
    PRESET: ("No order for 90 days", ORANGE, "square"),
}
METRICS = {
    "precision": "Of those flagged<br>did not order in 90 days",
    "recall": "Of those who did not order<br>were flagged",
}
TODAY = "Of all<br>flagged today"


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "when",
        headline(month),
        "Everybody has a rhythm of their own. The preset of 90 days treats a weekly customer like one who comes "
        "twice a year; the own rhythm does not.",
        [_rules(month), _windows(month)],
    )


def _share(month: Outlook, rule: str) -> Row | None:
    rows = where(month.rules, rule=rule, metric="share", as_of=month.as_of)
    return next((row for row in rows if row["value"] is not None), None)


def headline(month: Outlook) -> str:
    """Both shares, and the usual wait."""
    own, preset = _share(month, OWN), _share(month, PRESET)
    if own is None or preset is None:
        return "When they order next cannot be said yet"
    return (
        f"{percent(own['value'])} of customers are late by their own rhythm, {percent(preset['value'])} have not "
        "ordered for 90 days"
    )


def _rules(month: Outlook) -> Block:
    name, title = "rules", "How often each rule was right"
    judged = [row for row in month.rules if row["metric"] in METRICS and row["value"] is not None]
    if not judged:
        return NotEnough(name, title, "no past day has 90 days after it")
    latest = days_of(judged)[-1]
    shares = {rule: row for rule in NAMES if (row := _share(month, rule))}
    lines = [*([TODAY] if shares else []), *METRICS.values()]
    traces = []
    for rule, (words, colour, symbol) in NAMES.items():
        found = {METRICS[row["metric"]]: row for row in where(judged, rule=rule, as_of=latest)}
        if rule in shares:
            found[TODAY] = shares[rule]
        marks = [Dot(line, row["value"], row["low"], row["high"]) for line, row in found.items()]
        # Of two marks on one spot the lower one is larger.
        size = 15 if rule == OWN else 9
        traces.append(dots.trace(marks, words, colour, symbol, scale=100, unit=" %", size=size))
    right = {
        rule: row["value"]
        for rule in NAMES
        for row in where(judged, rule=rule, metric="precision", as_of=latest)
    }
    quiet = next(where(month.rules, metric="quiet_share", as_of=latest), None)
    blindly = ""
    if quiet is not None and quiet["value"] is not None:
        blindly = f" Without any rule {percent(quiet['value'])} did not order: that much is right blindly."
    finding = title
    if len(right) == len(NAMES):
        finding = f"Own rhythm was right for {percent(right[OWN])}, the 90 days for {percent(right[PRESET])}"
    return Chart(
        name,
        f"{finding}, on {latest.isoformat()}",
        traces,
        dots.layout(lines, "Share (%)", "What is counted", xaxis={"range": [-3, 105]}, showlegend=True),
        RULES,
        f"n = {max(row['customers'] for row in judged):,} customers at most on a day; {_over_days(judged)}",
        "How to read it: a rule that flags more finds more of the silent and is wrong more often; lines are 95 % "
        "intervals." + blindly,
        height=dots.height(len(lines), legend=True) + 20,
        narrow=dots.NARROW,
    )


def _over_days(judged: Rows) -> str:
    days = days_of(judged)
    return (
        f"judged on {len(days)} past days, the latest is shown" if len(days) > 1 else "judged on one past day"
    )


def _windows(month: Outlook) -> Block:
    name, title = "windows", "A typical window of the next order"
    rows = {row["segment"]: row for row in month.windows}
    if not rows:
        return NotEnough(name, title, NO_MODEL)
    ids = [i for i in month.names.ids if str(i) in rows]
    ids.sort(key=lambda i: (rows[str(i)]["next_order_high_50"], i))
    shown = [(month.names.tick(i, 22), rows[str(i)], month.names.colour(i)) for i in ids]
    every = rows.get(ALL)
    if every is not None:
        shown.append(("Everybody", every, GREY))
    traces = []
    for level, width in ((80, 5), (50, 15)):
        for line, row, colour in shown:
            low, high = row[f"next_order_low_{level}"], row[f"next_order_high_{level}"]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": f"{level} % of next orders",
                    "x": [low, high],
                    "y": [line, line],
                    "line": {"color": colour, "width": width},
                    "hovertemplate": f"%{{y}}: {low:.0f} to {high:.0f} days<extra>{level} %</extra>",
                }
            )
    far = max(1.0, *(row["next_order_high_80"] for _, row, _ in shown))
    finding = title
    if every is not None:
        finding = (
            f"Typically the next order comes in {every['next_order_low_50']:.0f} to "
            f"{every['next_order_high_50']:.0f} days "
            f"(50 %), {every['next_order_low_80']:.0f} to {every['next_order_high_80']:.0f} (80 %)"
        )
    return Chart(
        name,
        finding,
        traces,
        dots.layout(
            [line for line, _, _ in shown], "Days from now", "Segment", xaxis={"range": [0, 1.05 * far]}
        ),
        OUTLOOK,
        f"n = {sum(rows[str(i)]['customers'] for i in ids):,} customers",
        "How to read it: medians of the customers’ own windows. Half of those who order do so within the thick bar, "
        "four in five within the thin one; who does not come back at all is in neither. Each customer’s own dates "
        "are in forecasts/customers.",
        height=dots.height(len(shown)),
        narrow=dots.NARROW,
    )

"""Why: which themes move the probability of an order, of whom, and every customer as a dot."""

from hm_assets.explore.words import percent
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import NO_MODEL, Outlook, Row, where
from hm_assets.forecasts.why.shown import beeswarm
from hm_assets.forecasts.why.themes import LABELS
from hm_assets.profiles.fairness.privacy import K
from hm_assets.warehouse.charts import Block, Chart, Grid, NotEnough, Section
from hm_assets.warehouse.pictures import BLUE

IMPORTANCE, REASONS = ("forecasts/importance",), ("forecasts/segment_reasons",)
UNEXPLAINED = "there is no model whose probabilities can be split by input"


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "why",
        headline(month),
        "What the model reads in a customer. It is no cause: making somebody do it need change nothing.",
        [_beeswarm(month), _themes(month), _segments(month)],
    )


def headline(month: Outlook) -> str:
    """What moves probabilities most."""
    themes = _by_size(month)
    if not themes:
        return "Why cannot be said yet"
    told = [f"“{row['name']}” ({100 * row['mean_points']:.0f} points)" for row in themes[:2]]
    return f"P(order) rests most on {' and '.join(told)}"


def _by_size(month: Outlook) -> list[Row]:
    rows = [row for row in where(month.importance, level="theme") if row["mean_points"] is not None]
    return sorted(rows, key=lambda row: (-row["mean_points"], row["name"]))


def _missing(month: Outlook) -> str:
    return UNEXPLAINED if month.told("ordering_90d") else NO_MODEL


def _beeswarm(month: Outlook) -> Block:
    if month.explained is None:
        return NotEnough("drivers", "What moves each customer’s probability of an order", _missing(month))
    rows = [row for row in where(month.importance, level="input") if row["mean_points"] is not None]
    title = "What moves each customer’s probability of an order within 90 days, and by how much"
    if rows:
        most = max(rows, key=lambda row: (row["mean_points"], row["name"]))
        points = f"{100 * most['mean_points']:.0f} points"
        title = f"“{LABELS.get(most['name'], most['name'])}” moves it most, by {points} in the mean"
    return beeswarm(month.explained, title)


def _themes(month: Outlook) -> Block:
    themes = _by_size(month)
    if not themes:
        return NotEnough("themes", "How much rests on each theme", _missing(month))
    lines = [row["name"][:1].upper() + row["name"][1:] for row in themes]
    marks = [
        Dot(line, row["mean_points"], row["mean_points_low"], row["mean_points_high"])
        for line, row in zip(lines, themes, strict=True)
    ]
    first = themes[0]
    traces = [dots.trace(marks, "Mean over customers", BLUE, scale=100, unit=" points")]
    every = month.told("ordering_90d")
    customers = every["customers"] if every else month.names.customers
    lost = ""
    if first["auc_loss"] is not None:
        lost = f"; shuffled among customers, the model’s AUC falls by {first['auc_loss']:.2f}"
    return Chart(
        "themes",
        f"“{first['name'].capitalize()}” moves P(order) by {100 * first['mean_points']:.1f} points in the mean{lost}",
        traces,
        dots.layout(lines, "Mean move of P(order) (points)", "Theme", xaxis=dots.reach(traces)),
        IMPORTANCE,
        f"n = {customers:,} customers"
        + (
            ""
            if first["judged_as_of"] is None
            else f"; what is lost was measured on {first['judged_as_of'].isoformat()}"
        ),
        "How to read it: mean absolute SHAP value, inputs that tell the same added up; lines are 95 % intervals.",
        height=dots.height(len(lines)) - 14 * len(lines),
        narrow=dots.NARROW,
    )


def _segments(month: Outlook) -> Block:
    first = {row["segment"]: row for row in where(month.reasons, rank=1) if row["moved"] >= K}
    ids = [i for i in month.names.ids if str(i) in first]
    if not ids:
        return NotEnough("segment_reasons", "The main reason by segment", _missing(month))
    rows = []
    for key, name in [*((str(i), month.names.short(i)) for i in ids), (ALL, "Everybody")]:
        mine = [row for row in where(month.reasons, segment=key) if row["moved"] >= K]
        mine.sort(key=lambda row: int(row["rank"]))
        rows.append(
            [name, *(f"{row['theme']} {row['effect']} it: {_share(row)}" for row in mine[:2])]
            + ["–"] * max(0, 2 - len(mine))
        )
    lowered = [(i, first[str(i)]) for i in ids if first[str(i)]["effect"] == "lowers"]
    # Of those whom something keeps from ordering, else of the segment with the most spend.
    i, row = (
        max(lowered, key=lambda pair: (pair[1]["share"], -pair[0]))
        if lowered
        else (ids[0], first[str(ids[0])])
    )
    who = f"{_share(row)} of {month.names.short(i)}"
    title = f"“{row['theme'].capitalize()}” {row['effect']} P(order) most for {who}"
    return Grid(
        "segment_reasons",
        title,
        ["Segment", "First driver of most", "Of next most"],
        rows,
        REASONS,
        f"n = {sum(first[str(i)]['customers'] for i in ids):,} customers",
        "How to read it: the share of the segment’s customers whose probability that theme moves most, beside the "
        "average customer of the month.",
        wide=False,
    )


def _share(row: Row) -> str:
    """The share whose first driver it is; whose rest is of fewer than twenty is not told exactly."""
    return "nearly all" if 0 < row["customers"] - row["moved"] < K else percent(row["share"])

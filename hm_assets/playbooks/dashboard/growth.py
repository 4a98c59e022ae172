"""Where there is room to grow: who is one order away from a segment of higher spend, and what it would bring if.

How many of them order once more nobody can know from these data: it is an assumption that a reader changes. What each
of these orders is, the mean order of their segment, is in the data.
"""

from typing import Final

from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import NOT_IN_DATA, Assumption, Content, Sheet, View
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import Figure, write_figure
from hm_assets.profiles.fairness.privacy import K
from hm_assets.profiles.page.month import Row
from hm_assets.warehouse.charts import Chart, NotEnough, axes, interval
from hm_assets.warehouse.pictures import ORANGE

MOVEMENT: Final = "profiles/customer_movement"
ASSUMED: Final = Assumption("Share of them who place one more order", 10, 5, 20)
FOLLOWS: Final = "assumed"
COLUMNS: Final = (
    "Segment",
    "Customers",
    "One order away",
    "Mean order (price index)",
    "Assumption: if each of them ordered once",
    "Assumption: if the share above did",
    "Assumption: half that share",
    "Assumption: twice that share",
)


def growth(told: Told) -> View:
    """Customers one order away from a segment of higher spend, and the spend that follows under the assumption."""
    name, title = "growth", "Room to grow: who is one order away from a segment of higher spend"
    month = told.month
    rows = {row["segment_id"]: row for row in told.one_order_away}
    order = {i: value for i in month.ids if (value := month.value(i, "spend_per_order")) is not None}
    near = {i: row for i, row in rows.items() if i in order and row["rises"]}
    if not near:
        return View(
            NotEnough(name, title, f"of no segment {K} customers or more are one order away from another")
        )
    shown = [i for i in month.ids if i in near]
    most = max(shown, key=lambda i: (near[i]["rises"], -i))
    total = sum(int(near[i]["rises"]) for i in shown)
    title = (
        f"About {total:,} customers are one order away from a segment of higher spend; "
        f"{near[most]['rises']:,} of them are {month.short(most)}"
    )
    full = {i: near[i]["rises"] * order[i] for i in shown}
    parts = {
        share: [full[i] * share / 100 for i in shown]
        for share in (ASSUMED.percent, ASSUMED.low, ASSUMED.high)
    }
    values = parts[ASSUMED.percent]
    chart = Chart(
        name,
        title,
        [
            {
                "type": "bar",
                "orientation": "h",
                "name": "Assumption",
                "y": [month.tick(i, 20) for i in shown],
                "x": [float(f"{value:.6g}") for value in values],
                "error_x": interval(values, parts[ASSUMED.low], parts[ASSUMED.high]),
                "marker": {
                    "color": ORANGE,
                    "pattern": {"shape": "/", "fgcolor": "#ffffff", "bgcolor": ORANGE, "size": 8},
                },
                "hovertemplate": "%{y}: %{x:.3g} (assumption)<extra></extra>",
            }
        ],
        axes(
            "Assumption: spend that one more order<br>of a share of them is (price index)",
            "Segment",
            yaxis={"type": "category", "autorange": "reversed"},
            xaxis={"rangemode": "tozero"},
        ),
        (MOVEMENT, PROFILES),
        f"n = {sum(int(row['customers']) for row in rows.values()):,} customers with a purchase",
        "How to read it: hatched bars are no forecast and no result. They are the share assumed above, times the "
        f"customers one order away (rounded to {K}), times their segment’s mean order; the lines are half and twice "
        "that share. What a campaign would add only a group that is left out can tell.",
        height=180 + 46 * len(shown),
        wide=True,
        narrow={"yaxis.title.text": "", "margin.r": 8, "xaxis.title.font.size": 10},
    )
    lines = [(month.short(i), _cells(told, i, rows.get(i)), i) for i in month.ids]
    return View(chart, Sheet.of(COLUMNS, lines), FOLLOWS)


def _cells(told: Told, segment: int, row: Row | None) -> list[Content]:
    customers, order = told.cell(segment, "customers"), told.cell(segment, "spend_per_order")
    if row is None or not row["rises"] or not isinstance(order, Figure):
        why = f"fewer than {K}" if row is not None and not row["rises"] else NOT_IN_DATA
        return [customers, why, order, "–", "–", "–", "–"]
    full = row["rises"] * order.value
    near = Figure(
        MOVEMENT, str(segment), "one_order_away", "rises", row["rises"], f"{row['rises']:,}", "growth"
    )
    # The share above does not change this one, so it is marked in its heading only.
    each = Figure(MOVEMENT, str(segment), "one_order_of_each", "value", full, write_figure(full), "growth")
    shares = {"value": ASSUMED.percent, "low": ASSUMED.low, "high": ASSUMED.high}
    return [customers, near, order, each, *(_assumed(segment, full, at, of) for at, of in shares.items())]


def _assumed(segment: int, full: float, field: str, percent: float) -> Figure:
    value = full * percent / 100
    return Figure(
        MOVEMENT,
        str(segment),
        "one_order_of_some",
        field,
        value,
        write_figure(value),
        "growth",
        assumption=True,
    )

"""The first tab: how large the segments are, what they bring, and the figures that matter most."""

from hm_assets.explore.words import percent
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Bare, Sheet, Tab, View
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, interval
from hm_assets.warehouse.pictures import BLUE, GREY

# Fact -> heading of the table of the figures that matter most.
KEY_FIGURES = {
    "customers": "Customers",
    "share_of_customers": "Share of customers",
    "share_of_spend_365d": "Share of the year’s spend",
    "recency_days": "Last order (days ago, median)",
    "orders_365d": "Orders in a year (mean)",
    "spend_per_order": "Spend per order (price index)",
    "online_share": "Ordered online",
    "fashion_news": "Get the fashion news",
}
NEXT = {"ordering_90d": "Expected to order within 90 days"}


def tab(told: Told) -> Tab:
    """The tab."""
    return Tab(
        "overview",
        "Overview",
        "How large the segments are, and what they bring",
        "Who the segments are, in one look. Shares count customers who have bought; who brings the most spend comes "
        "first, and a segment has the same colour everywhere.",
        figures=_totals(told),
        said=told.expected.get(ALL, ()),
        parts=[_sizes(told), _shares(told), _key_figures(told)],
    )


def _totals(told: Told) -> list[tuple[str, Figure, str]]:
    """The base of the first segment is that of all of them."""
    customers = told.base("customers")
    found = []
    if isinstance(customers, Figure):
        found.append(("Customers who have bought", customers, f"in {len(told.month.ids)} segments"))
    waiting = told.store.get(str(NO_PURCHASE), "customers")
    if waiting:
        found.append(("No purchase yet", waiting, "on file, in no share"))
    ordering = told.store.get(ALL, "ordering_90d")
    if ordering:
        found.append(("Expected to order", ordering, "of all who have bought, within 90 days"))
    return found


def _sizes(told: Told) -> View:
    month, name = told.month, "sizes"
    share = {i: value for i in month.ids if (value := month.value(i, "share_of_customers"))}
    if not share:
        return View(NotEnough(name, "How large the segments are", "no customer has bought"))
    most = max(share, key=lambda i: (share[i], -i))
    chart = Chart(
        name,
        f"“{month.short(most)}” is the largest segment: {percent(share[most])} of {month.customers:,} customers",
        [
            {
                "type": "pie",
                "labels": [month.tick(i, 18) for i in share],
                "values": [round(100 * value, 2) for value in share.values()],
                "marker": {
                    "colors": [month.colour(i) for i in share],
                    "line": {"color": "#ffffff", "width": 2},
                },
                "hole": 0.5,
                "sort": False,
                "direction": "clockwise",
                "texttemplate": "%{label}<br>%{value:.0f} %",
                "textposition": "outside",
                "hovertemplate": "%{label}: %{value} % of customers<extra></extra>",
                "automargin": True,
            }
        ],
        {"margin": {"l": 20, "r": 20, "t": 30, "b": 30}},
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: the ring is all customers who have bought; it begins at the top with who brings the most "
        "spend and goes on clockwise.",
        height=400,
        narrow={"margin": {"l": 10, "r": 10, "t": 10, "b": 10}, "font.size": 10, "height": 300},
    )
    rows = [
        (month.short(i), [told.cell(i, "customers"), told.cell(i, "share_of_customers")], i) for i in share
    ]
    return View(chart, Sheet.of(["Segment", "Customers", "Share of customers"], rows))


def _shares(told: Told) -> View:
    month = told.month
    columns = ["Segment", "Share of customers", "Share of spend", "Lower end (95 %)", "Upper end"]
    rows = [
        (
            month.short(i),
            [
                told.cell(i, "share_of_customers"),
                *(told.cell(i, "share_of_spend_365d", end) for end in ("value", "low", "high")),
            ],
            i,
        )
        for i in month.ids
    ]
    return View(_bars(told), Sheet.of(columns, rows))


def _bars(told: Told) -> Block:
    month, name = told.month, "shares"
    shown = [i for i in month.ids if month.value(i, "share_of_spend_365d") is not None]
    if not shown:
        return NotEnough(name, "Who brings the spend", "nobody spent anything in the last 365 days")
    share = {i: 100 * (month.value(i, "share_of_customers") or 0.0) for i in shown}
    spend = {i: month.facts[i, "share_of_spend_365d"] for i in shown}
    value = {i: 100 * float(spend[i]["value"]) for i in shown}
    over = max(shown, key=lambda i: (value[i] - share[i], -i))
    title = f"“{month.short(over)}” bring {value[over]:.0f} % of the year’s spend with {share[over]:.0f} % of customers"

    def bars(called: str, values: dict[int, float], colour: str) -> dict[str, object]:
        return {
            "type": "bar",
            "orientation": "h",
            "name": called,
            "y": [month.tick(i, 20) for i in shown],
            "x": [round(v, 2) for v in values.values()],
            "marker": {"color": colour},
            "hovertemplate": "%{y}: %{x:.1f} %<extra>" + called + "</extra>",
        }

    ends = {
        end: [None if r[end] is None else 100 * r[end] for r in spend.values()] for end in ("low", "high")
    }
    return Chart(
        name,
        title,
        [
            bars("Share of customers", share, GREY),
            {
                **bars("Share of spend", value, BLUE),
                "error_x": interval(list(value.values()), ends["low"], ends["high"]),
            },
        ],
        axes(
            "Share (%)",
            "Segment",
            yaxis={"type": "category", "autorange": "reversed"},
            xaxis={"rangemode": "tozero"},
            barmode="group",
            bargap=0.3,
            showlegend=True,
        ),
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: where blue is longer than grey, a segment spends more than its number suggests. Lines are "
        "95 % intervals.",
        height=400,
        narrow={"yaxis.title.text": "", "margin.r": 6},
    )


def _key_figures(told: Told) -> View:
    month = told.month
    after = {fact: words for fact, words in NEXT.items() if told.store.get(ALL, fact)}
    rows = [(month.short(i), [told.cell(i, fact) for fact in (*KEY_FIGURES, *after)], i) for i in month.ids]
    every = [told.base(fact) for fact in KEY_FIGURES] + [told.cell(ALL, fact) for fact in after]
    title = "The figures that matter most, each segment beside all customers"
    about = f"n = {month.customers:,} customers with a purchase"
    sources = (PROFILES, *(["forecasts/segments"] if after else []))
    note = "How to read it: every figure with its interval stands in the tab “One segment”."
    return View(
        Bare("key_figures", title, sources, about, note),
        Sheet.of(
            ["Segment", *KEY_FIGURES.values(), *after.values()], [*rows, ("All customers", every, None)]
        ),
    )

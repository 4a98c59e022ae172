"""What segments are made of: ages, channels, ranges and prices, each as parts of a whole beside everybody."""

from collections.abc import Collection, Mapping, Sequence

from hm_assets.explore.words import percent
from hm_assets.profiles.page.month import Month
from hm_assets.profiles.page.pictures_of_facts import is_clear
from hm_assets.profiles.page.reading import OTHERS
from hm_assets.profiles.taste.prices import BANDS
from hm_assets.warehouse.charts import Block, Chart, NotEnough, axes, interval, label
from hm_assets.warehouse.pictures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

PROFILES = ("profiles/segment_profiles",)
CURVES = ("profiles/price_curves",)
AGES = {
    "age_under_25": "Under 25",
    "age_25_34": "25 to 34",
    "age_35_49": "35 to 49",
    "age_50_plus": "50 and over",
}
EVERYBODY = "Everybody"
# From light to dark, for parts that have an order.
IN_ORDER = ("#cfe3f3", "#8fc1e3", "#3f8fc9", "#0b5fa5", "#003f66")
APART = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
# A narrower part has no room for its figure; the reader finds it by pointing.
ROOM = 0.04

Parts = Mapping[str, float]


def ages(month: Month) -> Block:
    """Age bands, pooled over what unknown ages may be."""
    shares, base, clear = {}, {}, set()
    for i in month.ids:
        rows = {name: row for name in AGES if (row := month.facts.get((i, name)))}
        if len(rows) == len(AGES):
            shares[i] = {AGES[name]: float(row["value"]) for name, row in rows.items()}
            base = {AGES[name]: float(row["base"] or 0.0) for name, row in rows.items()}
            clear |= {(i, AGES[name]) for name, row in rows.items() if is_clear(row)}
    if not shares:
        return NotEnough("ages", "Ages", "no age is known in the files")
    return _stacked(
        month,
        "ages",
        "Ages",
        shares,
        base,
        IN_ORDER[:1] + IN_ORDER[2:],
        PROFILES,
        f"n = {month.customers:,} customers; unknown ages drawn several times and pooled",
        clear,
    )


def channels(month: Month) -> Block:
    """Orders placed online and in stores, last 365 days."""
    rows = {i: row for i in month.ids if (row := month.facts.get((i, "online_share")))}
    if not rows:
        return NotEnough("channels", "Channels", "nobody ordered in the last 365 days")

    def parts(online: float) -> Parts:
        return {"Online": online, "In stores": 1 - online}

    base = next(iter(rows.values()))["base"]
    return _stacked(
        month,
        "channels",
        "Channels",
        {i: parts(float(row["value"])) for i, row in rows.items()},
        parts(float(base)) if base is not None else {},
        (BLUE, ORANGE),
        PROFILES,
        f"Orders of the last 365 days, of n = {month.customers:,} customers",
        {(i, part) for i, row in rows.items() if is_clear(row) for part in ("Online", "In stores")},
    )


def groups(month: Month) -> Block:
    """Units by index group, this month and the eleven before."""
    units: dict[int, dict[str, int]] = {}
    whole: dict[str, int] = {}
    for row in month.bought:
        mine = units.setdefault(row["segment_id"], {})
        mine[row["value"]] = mine.get(row["value"], 0) + int(row["units"] or 0)
        whole[row["value"]] = whole.get(row["value"], 0) + int(row["units"] or 0)
    total = sum(whole.values())
    if not total:
        return NotEnough("groups", "Ranges", "nobody bought anything in twelve months")
    # The catalogue's rest is last, however large it is; what nobody bought is not listed.
    order = sorted((v for v in whole if whole[v]), key=lambda v: (v == OTHERS, -whole[v], v))
    shares = {
        i: {v: mine.get(v, 0) / many for v in order}
        for i, mine in units.items()
        if i in month.names and (many := sum(mine.values(), 0))
    }
    return _stacked(
        month,
        "groups",
        "Ranges",
        shares,
        {v: whole[v] / total for v in order},
        APART,
        ("features/customer_tastes", "features/attribute_values", "segments/assignments"),
        f"n = {total:,} units of this month and the eleven before",
    )


def price_bands(month: Month) -> Block:
    """Units by fifth of prices."""
    if not month.prices:
        return NotEnough(
            "price_bands", "Prices", "a segment alone is its own base, or nobody bought in 365 days"
        )
    shares: dict[int, dict[str, float]] = {}
    base: dict[str, float] = {}
    for row in sorted(month.prices, key=lambda row: int(row["price_band"])):
        band = BANDS[row["price_band"] - 1].capitalize()
        shares.setdefault(row["segment_id"], {})[band] = float(row["share"])
        base[band] = float(row["base"])
    units = sum(int(row["units"]) for row in month.prices)
    clear = {
        (row["segment_id"], BANDS[row["price_band"] - 1].capitalize())
        for row in month.prices
        if is_clear(row)
    }
    return _stacked(
        month,
        "price_bands",
        "Prices",
        shares,
        base,
        IN_ORDER,
        CURVES,
        f"n = {units:,} units of the last 365 days",
        clear,
    )


def price_curves(month: Month) -> Block:
    """The same as curves, with intervals."""
    name, title = "price_curves", "Price curves"
    rows = sorted(month.prices, key=lambda row: int(row["price_band"]))
    if not rows:
        return NotEnough(name, title, "a segment alone is its own base, or nobody bought in 365 days")
    bands = sorted({int(row["price_band"]) for row in rows})
    shown = [i for i in month.ids if any(row["segment_id"] == i for row in rows)]
    top = {row["segment_id"]: row for row in rows if row["price_band"] == bands[-1]}
    most, least = (pick(top, key=lambda i: (top[i]["share"], -i)) for pick in (max, min))
    finding = (
        f"{month.short(most)} buy {percent(top[most]['share'])} of their units in the highest fifth of prices"
    )
    if most != least:
        finding += f", {month.short(least)} {percent(top[least]['share'])}"
    traces = []
    for place, i in enumerate(shown):
        mine = [row for row in rows if row["segment_id"] == i]
        # Side by side, or the intervals would hide one another.
        aside = 0.5 * ((place + 0.5) / len(shown) - 0.5)
        values = [100 * row["share"] for row in mine]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": month.tick(i, 40),
                "x": [round(row["price_band"] + aside, 3) for row in mine],
                "y": [round(v, 3) for v in values],
                "error_y": {
                    **interval(values, [100 * r["low"] for r in mine], [100 * r["high"] for r in mine]),
                    "color": month.colour(i),
                },
                "line": {"color": month.colour(i), "width": 2, "dash": month.dash(i)},
                "marker": {"size": 8, "symbol": month.symbol(i), "color": month.colour(i)},
                "hovertemplate": "%{y:.1f} % of the units<extra>" + month.tick(i, 40) + "</extra>",
            }
        )
    of_band = {int(row["price_band"]): row for row in rows}
    ends = [
        f"{BANDS[b - 1].capitalize()}<br>{of_band[b]['lowest_price']:.3f} to {of_band[b]['highest_price']:.3f}"
        for b in bands
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": EVERYBODY,
            "x": bands,
            "y": [round(100 * of_band[b]["base"], 3) for b in bands],
            "line": {"color": GREY, "width": 2, "dash": "dash"},
            "hoverinfo": "skip",
        }
    )
    return Chart(
        name,
        finding,
        traces,
        axes(
            "Fifth of prices (price index of an article)",
            "Share of the segment’s units (%)",
            xaxis={"tickvals": bands, "ticktext": ends, "range": [bands[0] - 0.45, bands[-1] + 0.45]},
            showlegend=True,
        ),
        CURVES,
        f"n = {sum(int(row['units']) for row in rows):,} units of the last 365 days",
        "How to read it: each point is a segment’s share of units in a fifth of prices, with its 95 % interval over "
        "buyers; a line that rises to the right belongs to a segment that buys dear articles.",
        height=460,
        wide=True,
        narrow={"xaxis.tickfont.size": 8, "xaxis.tickangle": -60, "margin.r": 8, "legend.font.size": 10},
    )


def _stacked(
    month: Month,
    name: str,
    title: str,
    shares: Mapping[int, Parts],
    base: Parts,
    colours: Sequence[str],
    sources: tuple[str, ...],
    about: str,
    clear: Collection[tuple[int, str]] | None = None,
) -> Block:
    """Bars of 100 %, everybody at the top; the finding is the part that differs the most from everybody's.

    `clear`: the segments and parts whose interval keeps clear of everybody's; None where there is no interval.
    """
    shown = [i for i in month.ids if i in shares]
    kinds = list(base) or list(next(iter(shares.values())))
    bars = [(EVERYBODY, base)] if base and len(shown) > 1 else []
    bars += [(month.tick(i), shares[i]) for i in shown]
    first = shares[shown[0]]
    largest = max(kinds, key=lambda kind: (first.get(kind, 0.0), kind))
    finding = f"{title}: the largest part is “{largest}” with {percent(first.get(largest, 0.0))}"
    if base and len(shown) > 1:
        pairs = [(i, k) for i in shown for k in kinds if clear is None or (i, k) in clear]
        finding = f"{title}: no segment differs clearly from everybody in any of {len(kinds)} parts"
        if pairs:
            i, kind = max(pairs, key=lambda p: (abs(shares[p[0]].get(p[1], 0) - base[p[1]]), -p[0], p[1]))
            finding = (
                f"{title}: {month.short(i)} differ most, {percent(shares[i].get(kind, 0))} “{kind}” against "
                f"{percent(base[kind])} of everybody’s"
            )
    traces = []
    for place, kind in enumerate(kinds):
        colour = GREY if kind == OTHERS else colours[place % len(colours)]
        values = [parts.get(kind, 0.0) for _, parts in bars]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": label(kind, 30),
                "y": [tick for tick, _ in bars],
                "x": [round(100 * v, 3) for v in values],
                "text": [f"{100 * v:.0f} %" if v >= ROOM else "" for v in values],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": 12, "color": _ink(colour)},
                "marker": {"color": colour, "line": {"color": "#ffffff", "width": 1.5}},
                "hovertemplate": "%{y}: %{x:.1f} %<extra>" + label(kind, 30) + "</extra>",
            }
        )
    return Chart(
        name,
        finding,
        traces,
        axes(
            "Share (%)",
            "Segment",
            barmode="stack",
            bargap=0.28,
            uniformtext={"mode": "hide", "minsize": 11},
            xaxis={"range": [0, 100.5]},
            yaxis={"type": "category", "autorange": "reversed"},
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        ),
        sources,
        about,
        "How to read it: each bar is a segment, the first one everybody; its parts add up to 100 %.",
        height=150 + 38 * len(bars),
        narrow={"yaxis.title.text": "", "yaxis.tickfont.size": 10, "margin.r": 8, "legend.font.size": 10},
    )


def _ink(colour: str) -> str:
    """Black or white, whichever stands out (relative luminance of sRGB)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return "#ffffff" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.3 else "#111111"

"""What acting is worth: a campaign against leaving by how many are contacted, under assumptions that can be edited."""

from dataclasses import dataclass

from hm_assets.explore.words import number, percent
from hm_assets.forecasts.decisions.audiences import LEAVES, ORDERS
from hm_assets.forecasts.page.month import NO_MODEL, Outlook, Row, where
from hm_assets.forecasts.page.words import decimals, model
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section, axes
from hm_assets.warehouse.pictures import BLACK, BLUE, SKY

THRESHOLDS, PROFIT = ("forecasts/thresholds",), ("forecasts/profit",)
CURVE = "profit"
"""The chart that the slider moves a mark on."""
BUDGETS = ("forecasts/budgets",)
RANKINGS = {
    "value_at_risk": "By value x chance to leave",
    "value": "By value",
    "p_leave": "By chance to leave",
    "random": "At random",
}
SHARES = (5, 10, 20, 30, 50)
NO_MONEY = "no customer has a probability, or nothing was ever paid"


@dataclass(frozen=True)
class Slider:
    """What the script of the slider reads: an entry per whole per cent, and the assumptions that it begins with.

    `percent` is where it stands at first: the most profitable share, or 1 where none pays.
    """

    rows: list[dict[str, float | None]]
    assumed: dict[str, float]
    percent: int
    version_of: str
    judged: str


def slider(month: Outlook) -> Slider | None:
    """The slider, or None where there is nothing to choose from."""
    rows = _leaving(month)
    if not rows:
        return None
    names = (
        "customers",
        "expected_hits",
        "value_at_risk",
        "threshold",
        "precision",
        "precision_low",
        "precision_high",
        "recall",
    )
    first = rows[0]
    assumed = {
        name: float(first[name])
        for name in ("contact", "incentive", "kept_share", "kept_share_low", "kept_share_high")
    }
    judged = "" if first["judged_as_of"] is None else first["judged_as_of"].isoformat()
    best = max(rows, key=lambda row: (row["profit"], -row["top_percent"]))
    return Slider(
        [{name: None if row[name] is None else round(float(row[name]), 6) for name in names} for row in rows],
        assumed,
        int(best["top_percent"]) if best["profit"] > 0 else 1,
        THRESHOLDS[0],
        judged,
    )


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "worth",
        headline(month),
        "A campaign that keeps leavers: everybody contacted costs a little, an incentive goes to whoever takes it, "
        "and a share of leavers stays. Who leaves was tested on past days. What a campaign costs and keeps is "
        "assumed, not measured: change it below. All money is counted in mean orders of the shop.",
        [_curve(month), _budgets(month), _models(month), _audience(month)],
    )


def headline(month: Outlook) -> str:
    """Whether contacting pays by these assumptions, and whom."""
    rows = _leaving(month)
    if not rows:
        return "What acting is worth cannot be said yet"
    best = max(rows, key=lambda row: (row["profit"], -row["top_percent"]))
    if best["profit"] <= 0:
        text = "By these assumptions it does not pay to contact the likeliest leavers"
        pays = any(row["profit"] > 0 for row in where(month.budgets, ranking="value_at_risk"))
        return f"{text}; those with most value at risk it does" if pays else text
    return (
        f"By these assumptions it pays most to contact the {best['top_percent']} % likeliest to leave: "
        f"{number(best['profit'])} mean orders"
    )


def _leaving(month: Outlook) -> list[Row]:
    rows = [row for row in where(month.thresholds, audience=LEAVES) if row["profit"] is not None]
    return sorted(rows, key=lambda row: int(row["top_percent"]))


def _missing(month: Outlook) -> str:
    return NO_MONEY if month.told("ordering_90d") else NO_MODEL


def _curve(month: Outlook) -> Block:
    rows = _leaving(month)
    if not rows:
        return NotEnough(CURVE, "What contacting them would earn", _missing(month))
    x = [int(row["top_percent"]) for row in rows]
    best = max(rows, key=lambda row: (row["profit"], -row["top_percent"]))
    whole = rows[-1]["profit"]
    of_all = f"contacting everybody would {'lose' if whole < 0 else 'earn'} {number(abs(whole))} mean orders"
    finding = f"No share of the likeliest leavers is worth contacting; {of_all}"
    if best["profit"] > 0:
        finding = (
            f"The likeliest {best['top_percent']} % would earn {number(best['profit'])} mean orders; {of_all}"
        )

    def line(name: str) -> list[float]:
        return [round(float(row[name]), 6) for row in rows]

    return Chart(
        CURVE,
        finding,
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": x,
                "y": line("profit_low"),
                "line": {"width": 0},
                "hoverinfo": "skip",
                "showlegend": False,
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Few to many kept (80 %)",
                "x": x,
                "y": line("profit_high"),
                "fill": "tonexty",
                "fillcolor": "rgba(86,180,233,0.3)",
                "line": {"width": 0, "color": SKY},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Expected profit",
                "x": x,
                "y": line("profit"),
                "line": {"color": BLUE, "width": 3},
                "hovertemplate": "likeliest %{x} %: %{y:.1f} mean orders<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": "Your choice",
                "x": [int(best["top_percent"]) if best["profit"] > 0 else 1],
                "y": [round(float(best["profit"] if best["profit"] > 0 else rows[0]["profit"]), 6)],
                "marker": {"size": 14, "symbol": "diamond", "color": BLACK},
                "hovertemplate": "%{x} %: %{y:.1f} mean orders<extra>your choice</extra>",
            },
        ],
        axes(
            "Contacted: the likeliest to leave (% of customers)",
            "Expected profit (mean orders)",
            xaxis={"range": [0, 101]},
            yaxis={"zeroline": True, "zerolinecolor": BLACK},
            showlegend=True,
        ),
        THRESHOLDS,
        f"n = {rows[-1]['customers']:,} customers; at first {rows[0]['assumptions']}",
        "How to read it: the band is what is left open by the share of leavers that stays (its 10 % and 90 % "
        "quantile). Which customers are likeliest was tested on past days, the money never.",
        height=400,
        wide=True,
        narrow={"xaxis.title.font.size": 11, "yaxis.title.font.size": 11, "margin.r": 8},
    )


def _budgets(month: Outlook) -> Block:
    """The same money spent from the top of different rankings."""
    rows = {(row["ranking"], row["budget_percent"]): row for row in month.budgets}
    shares = sorted({percent for _, percent in rows})
    if not rows:
        return NotEnough("budgets", "By what to rank them", _missing(month))
    best = max(shares, key=lambda share: (rows["value_at_risk", share]["profit"], -share))
    mine, plain = (rows[ranking, best]["profit"] for ranking in ("value_at_risk", "p_leave"))
    return Grid(
        "budgets",
        f"Ranked by value at risk, {best} % of the budget would {_earn(mine)}; by the chance to leave alone, "
        f"{_earn(plain)}",
        ["Budget, of contacting all", *RANKINGS.values()],
        [
            [
                Cell(f"{share} %", float(share)),
                *(
                    Cell(
                        f"{_signed(rows[ranking, share]['profit'])} from {rows[ranking, share]['customers']:,}"
                    )
                    for ranking in RANKINGS
                ),
            ]
            for share in shares
        ],
        BUDGETS,
        f"n = {month.names.customers:,} customers; expected profit in mean orders, and who is contacted for it",
        "How to read it: by the model’s own probabilities and values, under the assumptions at first. It compares "
        "rankings and promises no profit.",
    )


def _earn(profit: float) -> str:
    return f"{'lose' if profit < 0 else 'earn'} {number(abs(profit))} mean orders"


def _signed(value: float) -> str:
    return f"{value:,.1f}".replace("-", "−")


def _models(month: Outlook) -> Block:
    rows = [row for row in month.profit if row["metric"] == "emp" and row["value"] is not None]
    if not rows:
        return NotEnough("money", "Which model earns most", "no past day could be judged")
    latest = max(row["as_of"] for row in rows)
    mine = sorted(where(rows, as_of=latest), key=lambda row: (-row["value"], row["model"]))
    best = next((row for row in rows if row["best_by_money"]), mine[0])
    title = f"“{model(best['model'])}” would have earned most over the judged days"
    return Grid(
        "money",
        title
        + (", and is the one taken" if best["chosen"] else "; another one is taken, by its Brier score"),
        ["Model", "Largest profit a customer (mean orders)", ""],
        [
            [
                model(row["model"]),
                decimals(row),
                "taken" if row["chosen"] else "best by money" if row["best_by_money"] else "",
            ]
            for row in mine
        ],
        PROFIT,
        f"n = {mine[0]['customers']:,} customers on {latest.isoformat()}, at the best cut in hindsight",
        "How to read it: expected maximum profit (Verbraken et al. 2013) compares rankings under the assumptions at "
        f"first; brackets are 95 % intervals. {best['words'][:1].upper()}{best['words'][1:]}.",
        wide=False,
    )


def _audience(month: Outlook) -> Block:
    rows = {int(row["top_percent"]): row for row in where(month.thresholds, audience=ORDERS)}
    shown = [rows[share] for share in SHARES if share in rows]
    if not shown:
        return NotEnough("orders", "Who is likeliest to order", _missing(month))
    ten = shown[1] if len(shown) > 1 else shown[0]
    expected = percent(ten["expected_hits"] / ten["customers"])
    title = f"Of the {ten['top_percent']} % likeliest to order {expected} are expected to"
    judged = ten["judged_as_of"]
    return Grid(
        "orders",
        title
        if ten["precision"] is None
        else f"{title}; on {judged.isoformat()} {percent(ten['precision'])} of such did",
        ["The likeliest", "Customers", "Expected to order", "Of such before", "Of all orderers"],
        [
            [
                f"{row['top_percent']} %",
                Cell(f"{row['customers']:,}", float(row["customers"])),
                f"{row['expected_hits']:,.0f}",
                _share(row, "precision"),
                _share(row, "recall"),
            ]
            for row in shown
        ],
        THRESHOLDS,
        f"n = {rows[max(rows)]['customers']:,} customers",
        "How to read it: an audience for news, not for a discount: they come anyhow. What a message adds to that "
        "nobody knows from these files.",
        wide=False,
    )


def _share(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    if row[f"{name}_low"] is None:
        return percent(row[name])
    return f"{percent(row[name])} ({percent(row[f'{name}_low'])} to {percent(row[f'{name}_high'])})"

"""The tab of what tells segments apart: how real the differences are, and where each segment differs."""

from hm_assets.playbooks.dashboard import beside, sheets
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import NOT_IN_DATA, Column, Content, Line, Sheet, Tab, View
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.profiles.page import pictures_of_facts, pictures_of_trust
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_trust import LEADING, TIERS, VALIDITY
from hm_assets.profiles.statistics.ranks import DELTA
from hm_assets.profiles.validity.facts import BY_NAME
from hm_assets.profiles.wording import WORDINGS
from hm_assets.warehouse.charts import LESS_AND_MORE, Block, Chart, NotEnough, axes, label

NEGLIGIBLE = DELTA[0]


def tab(told: Told) -> Tab:
    """The tab."""
    month = told.month
    heat = pictures_of_facts.heat_map(month)
    table = sheets.by_segment(told, beside.facts_of(month), "index_to_base")
    return Tab(
        "differences",
        "What differentiates",
        "What tells the segments apart, and how real it is",
        "Whatever is clustered comes apart by what it was clustered on: “by construction” proves nothing. What counts "
        "are facts that the clustering never saw (“held out”) and what happened afterwards (“later”).",
        parts=[
            View(pictures_of_trust.ladder(month), _ladder(month)),
            View(_effects(month), _deltas(month)),
            View(heat, None if isinstance(heat, NotEnough) else table),
        ],
    )


def _ladder(month: Month) -> Sheet | None:
    rows = [
        row
        for row in month.validity
        if row["segment_id"] is None and row["test"] in LEADING and row["effect"] is not None
    ]
    tiers = list(TIERS)
    rows = sorted(rows, key=lambda r: (tiers.index(r["tier"]), -r["effect"], r["fact"]))
    columns = ["Fact", "Tier", "Effect", "Measured as", "Lower end (95 %)", "Upper end", "Without structure"]
    lines = []
    for row in rows:
        effect, low, high, null = (_effect(row, field) for field in ("effect", "low", "high", "null_effect"))
        tier = TIERS[row["tier"]][0]
        named = str(row["effect_name"]).replace("_", " ")
        lines.append((_called(row), [tier, effect, named, low, high, null, row["verdict"]], None))
    return Sheet.of([*columns, "What it says"], lines) if lines else None


def _effect(row: Row, field: str) -> Content:
    if row[field] is None:
        return "–"
    text = f"{row[field] + 0.0:.3f}".replace("-0.000", "0.000").replace("-", "−")
    fact = f"{row['fact']} {row['test']}"
    return Figure(VALIDITY[0], ALL, fact, field, float(row[field]), text, row["tier"])


def _called(row: Row) -> str:
    wording, fact = WORDINGS.get(row["fact"]), BY_NAME.get(row["fact"])
    known = row.get("words") or (fact and fact.words)
    words = wording.label if wording else known or str(row["fact"]).replace("_", " ")
    return words[:1].upper() + words[1:]


def _effects(month: Month) -> Block:
    """Cliff's delta of every fact and segment against all other segments."""
    name, title = "effects", "Where each segment differs from the others"
    facts = _with_effect(month)
    if len(month.ids) < 2 or not facts:
        return NotEnough(name, title, beside.ALONE if len(month.ids) < 2 else "no difference was measured")
    cells = {(i, fact): month.facts[i, fact] for fact in facts for i in month.ids if (i, fact) in month.facts}
    known = [row for row in cells.values() if row["effect"] is not None]
    reach = {fact: max(abs(r["effect"]) for r in known if r["fact"] == fact) for fact in facts}
    facts = sorted(facts, key=lambda fact: (-reach[fact], fact))
    most = max(known, key=lambda r: (abs(r["effect"]), -r["segment_id"], r["fact"]))
    small = sum(value < NEGLIGIBLE for value in reach.values())
    which, more = WORDINGS[facts[0]].label, "more" if most["effect"] > 0 else "less"
    title = (
        f"“{which}” sets segments apart most: {month.short(most['segment_id'])} have {more} than the others (delta "
        f"{_signed(most['effect'])}); {small} of {len(facts)} facts hardly differ anywhere"
    )

    def at(i: int, fact: str) -> float | None:
        row = cells.get((i, fact))
        return None if row is None or row["effect"] is None else round(float(row["effect"]), 3)

    values = [[at(i, fact) for i in month.ids] for fact in facts]
    return Chart(
        name,
        title,
        [
            {
                "type": "heatmap",
                "x": [month.tick(i, 16) for i in month.ids],
                "y": [label(WORDINGS[fact].label, 30) for fact in facts],
                "z": values,
                "text": [["–" if v is None else _signed(v) for v in line] for line in values],
                "texttemplate": "%{text}",
                "textfont": {"size": 12},
                "hovertemplate": "%{x}, %{y}: %{text}<extra></extra>",
                "colorscale": LESS_AND_MORE,
                "zmin": -1,
                "zmax": 1,
                "xgap": 2,
                "ygap": 2,
                "colorbar": {"thickness": 12, "title": {"text": "Cliff’s<br>delta"}},
            }
        ],
        axes(
            "Segment",
            "Fact, the widest apart first",
            xaxis={"type": "category", "side": "top", "showgrid": False},
            yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
            margin={"l": 60, "r": 16, "t": 80, "b": 16},
        ),
        (PROFILES,),
        f"n = {month.customers:,} customers with a purchase",
        "How to read it: the chance that a member has more than somebody of another segment, minus the chance of less. "
        f"0 is no difference, under {NEGLIGIBLE} negligible, 1 everybody more. Facts that the clustering "
        "was made of differ by construction: the tiers stand in the picture above.",
        height=130 + 27 * len(facts),
        wide=True,
        narrow={
            "yaxis.tickfont.size": 9,
            "xaxis.tickfont.size": 8,
            "xaxis.tickangle": -90,
            "yaxis.title.text": "",
            "margin.r": 4,
        },
    )


def _with_effect(month: Month) -> list[str]:
    return [
        fact
        for fact in WORDINGS
        if any((r := month.facts.get((i, fact))) and r.get("effect") is not None for i in month.ids)
    ]


def _deltas(month: Month) -> Sheet:
    lines = []
    for fact in _with_effect(month):
        cells: list[Content] = []
        for i in month.ids:
            row = month.facts.get((i, fact))
            known = row is not None and row.get("effect") is not None
            cells.append(_delta(row) if known and row is not None else NOT_IN_DATA)
        lines.append(Line(WORDINGS[fact].label, cells))
    return Sheet([Column("Fact"), *(Column(month.short(i), i) for i in month.ids)], lines)


def _delta(row: Row) -> Figure:
    value = float(row["effect"])
    return Figure(PROFILES, str(row["segment_id"]), row["fact"], "effect", value, _signed(value), row["kind"])


def _signed(value: float) -> str:
    return f"{value + 0.0:+.2f}".replace("+0.00", "0.00").replace("-0.00", "0.00").replace("-", "−")

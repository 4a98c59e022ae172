"""The tab of validity: what the segments were held against, and whether they passed."""

from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Bare, Column, Content, Line, Marked, Sheet, Tab, View
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.profiles.page import pictures_of_trust
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_trust import CRITERIA, MARKS
from hm_assets.profiles.passport.documents import written
from hm_assets.warehouse.charts import Block, NotEnough


def tab(told: Told) -> Tab:
    """The tab."""
    month = told.month
    return Tab(
        "validity",
        "Validity",
        "How far to trust the segments",
        "Each segment, and all of them together, were held against thresholds. Only a FAIL keeps segments "
        "from being published; a WARN is to be known before they are used.",
        parts=[
            View(*_bare(pictures_of_trust.everybody(month), _everybody(month))),
            View(*_bare(pictures_of_trust.passports(month), _passports(month))),
        ],
    )


def _bare(block: Block, sheet: Sheet) -> tuple[Bare | NotEnough, Sheet | None]:
    """The finding of the segments' own page, over a table whose figures name their origin."""
    if isinstance(block, NotEnough):
        return block, None
    return Bare(block.name, block.title, block.sources, block.about, block.note), sheet


def _of(month: Month, segment: int | None) -> list[Row]:
    mine = [row for row in month.criteria if row["segment_id"] == segment]
    return sorted(mine, key=lambda row: int(row["position"]))


def _everybody(month: Month) -> Sheet:
    columns = ["Criterion", "Verdict", "Figure", "Asked for", "What it says"]
    rows = [
        (
            row["title"],
            [Marked(row["status"], _mark(row)), _figure(row) or "–", row["threshold"], row["words"]],
            None,
        )
        for row in _of(month, None)
    ]
    return Sheet.of(columns, rows)


def _passports(month: Month) -> Sheet:
    each = {i: {row["criterion"]: row for row in _of(month, i)} for i in month.ids}
    rows = sorted((row for i in month.ids for row in each[i].values()), key=lambda row: int(row["position"]))
    titles = {row["criterion"]: row["title"] for row in rows}
    lines = [
        Line(title, [_cell(each[i].get(criterion)) for i in month.ids]) for criterion, title in titles.items()
    ]
    return Sheet([Column("Criterion"), *(Column(month.short(i), i) for i in month.ids)], lines)


def _cell(row: Row | None) -> Content:
    return "–" if row is None else Marked(row["status"], _mark(row), _figure(row))


def _figure(row: Row) -> Figure | None:
    if row["value"] is None:
        return None
    segment = ALL if row["segment_id"] is None else str(row["segment_id"])
    return Figure(
        CRITERIA[0], segment, row["criterion"], "value", float(row["value"]), written(row), "criterion"
    )


def _mark(row: Row) -> str:
    return MARKS.get(row["status"], "")

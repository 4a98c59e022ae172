"""The tab of movement: where customers went since the month before, and which of four causes moved them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Choice, Choices, Content, Sheet, Tab, View
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.profiles.fairness.privacy import K, rounded
from hm_assets.profiles.movement.transitions import ALL as EVERY_STEP
from hm_assets.profiles.page import pictures_of_movement as pictures
from hm_assets.profiles.page.month import Month, Row
from hm_assets.profiles.page.pictures_of_movement import FLOWS, STEPS
from hm_assets.profiles.wording import write_number
from hm_assets.warehouse.charts import Chart, NotEnough

CAUSES: Final = {
    EVERY_STEP: "All causes together",
    "behaviour": "They bought: behaviour changed",
    "time": "Time passed: they did not buy",
    "model": "Thresholds or model changed",
    "price": "Prices changed",
}
FEW: Final = f"fewer than {K}"


def tab(told: Told) -> Tab:
    """The tab."""
    month = told.month
    causes, spend = pictures.causes(month), pictures.spend(month)
    return Tab(
        "movement",
        "Movement",
        "Where customers went since the month before, and why",
        "Each move is split into what customers did (they bought), what only the calendar did (time passed), and what "
        "we did (thresholds, model) or prices did. Only the first is a change of behaviour.",
        parts=[
            View(causes, _steps(month) if isinstance(causes, Chart) else None),
            View(spend, _steps(month, spend=True) if isinstance(spend, Chart) else None),
            Choices("cause", "Cause", [_of(month, step, words) for step, words in CAUSES.items()]),
        ],
    )


def _of(month: Month, step: str, words: str) -> Choice:
    """The pictures of one step of the chain: its rows stand in for those of all."""
    mine = [{**row, "step": EVERY_STEP} for row in month.transitions if row["step"] == step]
    alone = replace(month, transitions=mine)
    sheet = _flows(month, step)
    views = []
    for block in (pictures.flow(alone), pictures.matrix(alone)):
        title = block.title if step == EVERY_STEP else f"{words.partition(':')[0]}: {block.title}"
        named = replace(block, name=f"{block.name}_{step}", title=title)
        views.append(View(named, None if isinstance(named, NotEnough) else sheet))
    return Choice(step, words, views=views)


def _flows(month: Month, step: str) -> Sheet:
    rows = [row for row in month.transitions if row["step"] == step]
    rows = sorted(rows, key=lambda r: (r["from_segment"], r["to_segment"]))
    sizes: dict[int, int] = {}
    for row in rows:
        sizes[row["from_segment"]] = sizes.get(row["from_segment"], 0) + int(row["customers"])
    return Sheet.of(
        ["From", "To", f"Customers (to the nearest {K})", "Share of those in the segment before"],
        [
            (
                month.short(row["from_segment"]),
                [month.short(row["to_segment"]), *_many(row, sizes)],
                None,
            )
            for row in rows
        ],
    )


def _many(row: Row, sizes: Mapping[int, int]) -> list[Content]:
    many = rounded(int(row["customers"]))
    if many is None:
        return [FEW, FEW]
    share = min(1.0, many / sizes[row["from_segment"]])
    start, fact = str(row["from_segment"]), f"to {row['to_segment']}"
    return [
        Figure(FLOWS[0], start, fact, "customers", many, f"{many:,}", str(row["step"])),
        Figure(FLOWS[0], start, fact, "share_of_from", share, write_number(share, "share"), str(row["step"])),
    ]


def _steps(month: Month, spend: bool = False) -> Sheet:
    """A line per cause: the customers whom it moved, or what it did to the year's spend."""
    lines = []
    for step, words in STEPS.items():
        mine = [row for row in month.transitions if row["step"] == step]
        if spend:
            change = sum(float(row["spend_change"]) for row in mine)
            text = write_number(change, "number").replace("-", "−")
            cell: Content = Figure(FLOWS[0], ALL, "spend_change", "spend_change", change, text, step)
        else:
            moved = sum(int(r["customers"]) for r in mine if r["from_segment"] != r["to_segment"])
            hidden = 0 < moved < K
            cell = FEW if hidden else Figure(FLOWS[0], ALL, "moved", "customers", moved, f"{moved:,}", step)
        lines.append((words, [cell], None))
    return Sheet.of(["Cause", "Change of the year’s spend (price index)" if spend else "Moves"], lines)

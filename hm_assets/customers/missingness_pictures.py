"""The picture of what is missing: as delivered on the left, after recoding on the right."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.customers.encoding import LIMIT_UNKNOWN
from hm_assets.customers.missingness import FILE_FLAGS
from hm_assets.warehouse import pictures

LONG, SHORT = "Empty that means no, and unknown", "Unknown after recoding (own scale)"


def title(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the picture shows, as a sentence."""
    if not rows or not rows[0]["rows"]:
        return "No customer, so nothing is missing"
    structural = max((row for row in rows if row["column"] in FILE_FLAGS), key=lambda row: row["structural"])
    widest = max(rows, key=lambda row: row["unknown"])
    left = (
        f"{structural['structural'] / structural['rows']:.0%} of {structural['column']} is empty and means no"
    )
    if not widest["unknown"]:
        right = "nothing is unknown"
    else:
        right = f"the largest gap is {widest['column']} with {_percent(widest['share_unknown'])} unknown"
    return f"{left}; {right}" if structural["structural"] else right[0].upper() + right[1:]


def draw(rows: Sequence[Mapping[str, Any]]) -> str:
    """The picture as a markdown image."""
    with pictures.figure(columns=2, width=10.0, height=3.2) as (drawn, (delivered, after)):
        shown = list(reversed(rows))
        names = [row["column"] for row in shown]
        total = max((row["rows"] for row in rows), default=0) or 1
        no = [row["structural"] / total for row in shown]
        unknown = [row["share_unknown"] for row in shown]
        delivered.barh(names, no, color=pictures.SKY, label="empty, means no")
        delivered.barh(names, unknown, left=no, color=pictures.VERMILION, label="unknown")
        delivered.axvline(LIMIT_UNKNOWN, color=pictures.GREY, linestyle="--", linewidth=1)
        delivered.text(LIMIT_UNKNOWN, len(names) - 0.45, f" {LIMIT_UNKNOWN:.0%} rule", color=pictures.GREY)
        delivered.set_xlim(0, 1)
        delivered.set_title(LONG, fontsize=9)
        delivered.legend(loc="lower right")
        after.barh(names, unknown, color=pictures.VERMILION)
        widest = max(unknown, default=0.0)
        for position, row in enumerate(shown):
            label = f" {_percent(row['share_unknown'])} ({row['unknown']:,})" if row["unknown"] else " none"
            after.text(row["share_unknown"], position, label, va="center")
        after.set_xlim(0, min(1.0, widest * 1.4) or 1)
        after.set_yticks([])
        after.set_title(SHORT, fontsize=9)
        for axis in (delivered, after):
            axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
            axis.set_xlabel("share of customers")
        drawn.suptitle(title(rows), x=0.01, ha="left", fontsize=11)
        return pictures.markdown(drawn, title(rows))


def _percent(share: float) -> str:
    return (
        f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}" if share >= 0.001 else f"{share:.2%}"
    )

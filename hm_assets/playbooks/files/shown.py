"""What the Dagster UI shows of the files: the finding, a picture, and where to download them."""

from collections.abc import Iterable

from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.text import written
from hm_assets.warehouse import pictures
from hm_assets.warehouse.manifest import FileEntry

SHARES = (("share_of_customers", pictures.GREY), ("share_of_spend_365d", pictures.BLUE))


def summary(c: Contents, entries: Iterable[FileEntry], portal: str) -> str:
    """Markdown with the finding of a month, who brings the spend, and a link for each file."""
    listed = "\n".join(
        f"- [{entry.title}]({portal}/reports/{c.month}/{entry.name}?download=true)" for entry in entries
    )
    return f"**{written(words.finding(c))}**\n\n{_picture(c)}\n\n{listed}"


def _picture(c: Contents) -> str:
    order = c.by_spend[::-1]
    told = [segment for segment in order if c.get(segment, "share_of_spend_365d")]
    if not told:
        return ""
    with pictures.figure(width=7.0, height=0.8 + 0.45 * len(told)) as (drawn, axes):
        for place, (fact, colour) in enumerate(SHARES):
            values = [100 * (c.store.value(segment, fact) or 0.0) for segment in told]
            at = [i + 0.2 - 0.4 * place for i in range(len(told))]
            label = "customers" if place == 0 else "spend"
            axes.barh(at, values, 0.36, color=colour, label=f"share of {label}, %")
        axes.set_yticks(range(len(told)), [c.brief(segment).replace("$", r"\$") for segment in told])
        axes.set_title("Who brings the spend")
        axes.legend(loc="lower right")
        return pictures.markdown(drawn, "Who brings the spend")

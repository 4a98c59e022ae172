"""What the Dagster UI shows of the files of a month."""

from collections.abc import Iterable

from hm_assets.playbooks import shown
from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.text import written
from hm_assets.warehouse.manifest import FileEntry


def summary(c: Contents, entries: Iterable[FileEntry], portal: str) -> str:
    """Markdown with the finding of a month, who brings the spend, and a link for each file."""
    shares = [
        shown.Shares(c.brief(segment), c.store.value(segment, "share_of_customers") or 0.0, spend)
        for segment in c.by_spend
        if (spend := c.store.value(segment, "share_of_spend_365d"))
    ]
    return shown.summary(written(words.finding(c)), shares, entries, portal, c.month)

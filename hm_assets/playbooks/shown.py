"""What the Dagster UI shows of documents: the finding, who brings the spend, and where to download them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hm_assets.playbooks.facts import read_profiles
from hm_assets.profiles.fairness import privacy
from hm_assets.warehouse import pictures
from hm_assets.warehouse.manifest import FileEntry

TITLE: Final = "Who brings the spend"
PLACES: Final = (("customers", 0.2, pictures.GREY), ("spend", -0.2, pictures.BLUE))


class Shares(NamedTuple):
    """A segment's share of customers and of the year's spend."""

    name: str
    customers: float
    spend: float


def summary(
    finding: str, shares: Sequence[Shares], entries: Iterable[FileEntry], portal: str, month: str
) -> str:
    """Markdown with the finding of a month, the picture, and a link that downloads each file from the portal.

    Parameters
    ----------
    shares
        Of the segments that have any, the one that brings the most spend first.
    entries
        The files, as their manifest lists them.
    """
    return f"**{finding}**\n\n{_picture(shares)}\n\n{downloads(entries, portal, month)}"


def downloads(entries: Iterable[FileEntry], portal: str, month: str) -> str:
    """A list of links that download the files."""
    return "\n".join(download(entry.title, portal, month, entry.name) for entry in entries)


def download(says: str, portal: str, month: str, name: str) -> str:
    """A line of such a list."""
    return f"- [{says}]({portal}/reports/{month}/{name}?download=true)"


def of_profiles(rows: Sequence[Mapping[str, Any]]) -> list[Shares]:
    """The shares of a month of `profiles/segment_profiles`, without what would tell of fewer than twenty."""
    found = []
    for profile in read_profiles(privacy.without(rows, privacy.withheld(rows))):
        customers, spend = (profile.value(f"share_of_{what}") for what in ("customers", "spend_365d"))
        if spend:
            found.append(Shares(profile.name.split(":")[0], customers or 0.0, spend))
    return sorted(found, key=lambda shares: (-shares.spend, shares.name))


def _picture(shares: Sequence[Shares]) -> str:
    if not shares:
        return ""
    upwards = shares[::-1]
    with pictures.figure(width=7.0, height=0.8 + 0.45 * len(shares)) as (drawn, axes):
        for what, aside, colour in PLACES:
            values = [100 * getattr(each, what) for each in upwards]
            at = [place + aside for place in range(len(upwards))]
            axes.barh(at, values, 0.36, color=colour, label=f"share of {what}, %")
        axes.set_yticks(range(len(upwards)), [each.name.replace("$", r"\$") for each in upwards])
        axes.set_title(TITLE)
        axes.legend(loc="lower right")
        return pictures.markdown(drawn, TITLE)

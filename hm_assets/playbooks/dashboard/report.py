"""The dashboard of a month as one page: tabs of pictures with their tables; it opens from disk without a network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hm_assets.playbooks.dashboard import (
    comparison,
    deep_dive,
    differences,
    impact,
    movement,
    overview,
    validity,
)
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.origins import of_figure, of_line
from hm_assets.playbooks.dashboard.parts import Tab, View
from hm_assets.profiles.page import cards, links
from hm_assets.warehouse import artifacts, chart_page
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.charts import Chart, NotEnough, Section
from hm_assets.warehouse.manifest import DASHBOARD_MANIFEST, Manifest, describe, publish

TITLE: Final = "Segment dashboard"


def tabs(told: Told) -> list[Tab]:
    """The tabs in order."""
    return [
        stage.tab(told)
        for stage in (overview, deep_dive, differences, comparison, impact, movement, validity)
    ]


def findings(told: Told) -> list[str]:
    """What its pictures find, but for those of a choice."""
    parts = [part for tab in tabs(told) for part in tab.parts if isinstance(part, View)]
    return [view.picture.title for view in parts if not isinstance(view.picture, NotEnough)]


def write_dashboard(
    told: Told,
    *,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
    segmentation: str = "",
    banner: str = "",
) -> Path:
    """Write `<reports>/<YYYY-MM>/dashboard.html` and its manifest.

    Parameters
    ----------
    told
        What it shows.
    versions
        The version of each table that it reads, by its path.
    source
        The data in words, printed on the page.
    segmentation
        How the segments came to be, printed on the page.
    banner
        What must be read first: that a failed criterion was signed for, and by whom.
    """
    as_of, key = told.month.as_of, f"{month_of(told.month.as_of):%Y-%m}"
    found = tabs(told)
    finding = cards.headline(told.month)
    page = chart_page.render(
        "dashboard.html.j2",
        "hm_assets.playbooks.dashboard",
        _sections(found),
        drawing="dashboard.js.j2",
        tabs=found,
        title=f"{TITLE}, {key}",
        headline=finding,
        of_figure=of_figure,
        of_line=of_line,
        banner=banner,
        segmentation=segmentation,
        as_of=as_of,
        month=key,
        source_name=source,
        versions=dict(sorted(versions.items())),
    )
    folder = reports / key
    path = artifacts.write_text(folder / links.DASHBOARD, page)
    entry = describe(path, f"{TITLE}, {key}", "dashboard", finding)
    publish(folder, Manifest(key, as_of, source, dict(versions), (entry,)), DASHBOARD_MANIFEST)
    return path


def _sections(found: list[Tab]) -> list[Section]:
    """The charts of the tabs, as the page takes them."""
    return [
        Section(
            tab.name, tab.title, tab.lead, [v.picture for v in tab.views() if isinstance(v.picture, Chart)]
        )
        for tab in found
    ]

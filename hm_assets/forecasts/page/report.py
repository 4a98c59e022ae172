"""The page of a month: what customers will do, what is worth doing, how far to trust it; it opens without a network."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from hm_assets.forecasts.page import pictures_of_demand as demand
from hm_assets.forecasts.page import pictures_of_expectation as expectation
from hm_assets.forecasts.page import pictures_of_reasons as reasons
from hm_assets.forecasts.page import pictures_of_segments as segments
from hm_assets.forecasts.page import pictures_of_timing as timing
from hm_assets.forecasts.page import pictures_of_trust as trust
from hm_assets.forecasts.page import pictures_of_warning as warning
from hm_assets.forecasts.page import pictures_of_worth as worth
from hm_assets.forecasts.page.cards import cards
from hm_assets.forecasts.page.month import Outlook
from hm_assets.profiles.page import links
from hm_assets.warehouse import artifacts, chart_page
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.charts import Block, NotEnough, Section, without_gaps
from hm_assets.warehouse.manifest import FORECASTS_MANIFEST, Manifest, describe, write_manifest

TITLE: Final = "What customers will do"
CHAPTERS: Final = {
    "expect": "What to expect",
    "segments": "By segment",
    "warning": "Whom to look after now",
    "when": "When they order",
    "why": "Why",
    "worth": "What acting is worth",
    "demand": "What will be bought",
    "trust": "How far to trust this",
}


def write_report(
    month: Outlook, *, reports: Path, versions: Mapping[str, str], source: str, banner: str = ""
) -> Path:
    """Write `<reports>/<YYYY-MM>/forecasts.html` and its manifest.

    Parameters
    ----------
    month
        What it shows.
    versions
        The version of each asset that it reads, by its path.
    source
        The data in words, printed on the page.
    banner
        That a failed criterion of the segments was signed for, and by whom, or that nobody did; empty where none is.
    """
    month = month.in_order()
    as_of, key = month.as_of, f"{month_of(month.as_of):%Y-%m}"
    finding = expectation.headline(month)
    slider = worth.slider(month)
    page = chart_page.render(
        "forecasts.html.j2",
        "hm_assets.forecasts.page",
        sections(month),
        scripts=("slider.js.j2",) if slider else (),
        title=f"{TITLE}, {key}",
        headline=finding,
        banner=banner,
        cards=cards(month),
        chapters=CHAPTERS,
        slider=slider,
        slider_json=chart_page.as_json(asdict(slider)) if slider else "",
        segments_page=links.REPORT,
        as_of=as_of,
        month=key,
        source_name=source,
        versions=dict(sorted(versions.items())),
    )
    folder = reports / key
    path = artifacts.write_text(folder / links.FORECASTS, page)
    entry = describe(path, f"{TITLE}, {key}", "forecasts", finding)
    write_manifest(folder, Manifest(key, as_of, source, dict(versions), (entry,)), FORECASTS_MANIFEST)
    return path


def sections(month: Outlook) -> list[Section]:
    """The chapters of the page, in order."""
    found = [
        part.section(month)
        for part in (expectation, segments, warning, timing, reasons, worth, demand, trust)
    ]
    return [replace(section, blocks=_blocks(section)) for section in found]


def _blocks(section: Section) -> list[Block]:
    """Its blocks; where there is nothing to show, that is said once."""
    empty = all(isinstance(block, NotEnough) for block in section.blocks)
    return list(section.blocks[:1]) if empty else without_gaps(section.blocks)

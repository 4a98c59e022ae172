"""The page of a month: who the segments are, where they go, how far to trust them; it opens without a network."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hm_assets.profiles.page import cards, links
from hm_assets.profiles.page import pictures_of_facts as facts
from hm_assets.profiles.page import pictures_of_movement as movement
from hm_assets.profiles.page import pictures_of_parts as parts
from hm_assets.profiles.page import pictures_of_sizes as sizes
from hm_assets.profiles.page import pictures_of_spread as spread
from hm_assets.profiles.page import pictures_of_trust as trust
from hm_assets.profiles.page.month import Month
from hm_assets.segments.page.report import REPORT as LAB
from hm_assets.warehouse import artifacts, chart_page
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.charts import Section, without_gaps
from hm_assets.warehouse.manifest import SEGMENTS_MANIFEST, Manifest, describe, write_manifest

TITLE: Final = "Who the segments are"


def write_report(
    month: Month,
    *,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
    champion: Mapping[str, Any],
    banner: str = "",
) -> Path:
    """Write `<reports>/<YYYY-MM>/segments.html` and its manifest.

    Parameters
    ----------
    month
        What it shows.
    versions
        The version of each asset that it reads, by its path.
    source
        The data in words, printed on the page.
    champion
        As `segments/champion` is stored: how the segments were made is printed.
    banner
        That a failed criterion was signed for, and by whom, or that nobody did; empty where nothing failed.
    """
    as_of, key = month.as_of, f"{month_of(month.as_of):%Y-%m}"
    finding = cards.headline(month)
    page = chart_page.render(
        "segments.html.j2",
        "hm_assets.profiles.page",
        sections(month),
        title=f"{TITLE}, {key}",
        headline=finding,
        banner=banner,
        cards=cards.cards(month),
        made_of=cards.made_of(cards.columns_of(champion)),
        segmentation=champion["decision"]["headline"],
        override=champion["decision"]["override"],
        # The lab's page lies with the month that the champion was trained on.
        lab=f"../{champion['trained_as_of'][:7]}/{LAB}",
        as_of=as_of,
        month=key,
        source_name=source,
        versions=dict(sorted(versions.items())),
    )
    folder = reports / key
    path = artifacts.write_text(folder / links.REPORT, page)
    entry = describe(path, f"{TITLE}, {key}", "segments", finding)
    write_manifest(folder, Manifest(key, as_of, source, dict(versions), (entry,)), SEGMENTS_MANIFEST)
    return path


def sections(month: Month) -> list[Section]:
    """The chapters of the page, in order."""
    found = [
        Section(
            "beside",
            "Each segment beside everybody",
            "What a segment has more and less of than all customers who have bought.",
            [*facts.radars(month), facts.heat_map(month)],
        ),
        Section(
            "within",
            "How alike their members are",
            "A segment is a range of customers, not one customer: the boxes count everybody, the lines show a few.",
            [*spread.boxes(month), spread.parallel(month)],
        ),
        Section(
            "made-of",
            "Ages, channels, ranges, prices",
            "What each segment is made of, beside everybody.",
            [
                parts.ages(month),
                parts.channels(month),
                parts.groups(month),
                parts.price_bands(month),
                parts.price_curves(month),
            ],
        ),
        Section(
            "movement",
            "Where they come from and where they go",
            "Between the month before and this one, one cause at a time, and how large the segments may be soon.",
            [
                movement.flow(month),
                movement.matrix(month),
                movement.causes(month),
                movement.spend(month),
                sizes.sizes(month),
                sizes.ahead(month),
                sizes.methods(month),
            ],
        ),
        Section(
            "real",
            "How real the differences are",
            "Whatever is clustered comes apart by what it was clustered on. What counts is whether segments differ in "
            "facts that the clustering never saw, and in what happened afterwards.",
            [trust.ladder(month)],
        ),
        Section(
            "trust",
            "How far to trust them",
            "What each segment was held against; its passport says more.",
            [trust.everybody(month), trust.passports(month)],
        ),
    ]
    return [replace(section, blocks=without_gaps(section.blocks)) for section in found]

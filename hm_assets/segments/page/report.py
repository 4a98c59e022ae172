"""The page of the lab: the verdict first, then everything that it rests on, to open from disk without a network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hm_assets.segments.choice import decision as decisions
from hm_assets.segments.page import pictures_of_candidates as candidates
from hm_assets.segments.page import pictures_of_density as density
from hm_assets.segments.page import pictures_of_k as by_k
from hm_assets.segments.page import pictures_of_places as places
from hm_assets.segments.page import pictures_of_segments as segments
from hm_assets.segments.page import scoreboard, verdict
from hm_assets.segments.page.called import Row
from hm_assets.segments.page.pictured import Pictured
from hm_assets.segments.page.pictures_of_reference import reference
from hm_assets.warehouse import artifacts, chart_page
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.charts import Section, without_gaps
from hm_assets.warehouse.manifest import LAB_MANIFEST, Manifest, describe, write_manifest
from hm_assets.warehouse.threads import one_thread

REPORT: Final = "segmentation-lab.html"
TITLE: Final = "How the segments were chosen"


def write_report(
    rows: Sequence[Row],
    later: Sequence[Row],
    pairs: Sequence[Row],
    people: Pictured,
    *,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
) -> Path:
    """Write `<reports>/<YYYY-MM of training>/segmentation-lab.html` and its manifest.

    Parameters
    ----------
    rows, later, pairs
        Of `segments/candidates`, `segments/later_values` and `segments/agreement`.
    people
        Some customers and where the champion places them.
    versions
        The version of each asset that the page reads, by its path.
    source
        The data in words, printed on the page.
    """
    champion = people.champion
    rows = judged(rows, champion.decision)
    chosen = verdict.of(rows, champion.decision["candidate"])
    if chosen is None:
        raise ValueError(
            f"the champion, {champion.decision['candidate']}, is not among the candidates; make segments/champion"
        )
    with one_thread():
        chapters = sections(rows, later, pairs, people)
    month, as_of = month_of(champion.trained_as_of), champion.trained_as_of
    headline = verdict.headline(chosen, champion.decision)
    page = chart_page.render(
        "lab.html.j2",
        "hm_assets.segments",
        chapters,
        title=f"{TITLE}, {month:%Y-%m}",
        headline=headline,
        answers=verdict.answers(rows, later, chosen, champion.decision),
        override=champion.decision["override"],
        as_of=as_of,
        month=f"{month:%Y-%m}",
        source_name=source,
        pictured=len(people.rows),
        versions=dict(sorted(versions.items())),
    )
    folder = reports / f"{month:%Y-%m}"
    path = artifacts.write_text(folder / REPORT, page)
    entry = describe(path, f"{TITLE}, {month:%Y-%m}", "lab", headline)
    write_manifest(folder, Manifest(f"{month:%Y-%m}", as_of, source, dict(versions), (entry,)), LAB_MANIFEST)
    return path


def judged(rows: Sequence[Row], decision: Mapping[str, Any]) -> list[Row]:
    """The candidates with the verdicts that stand: where a person has chosen, not those of the lab."""
    if not decision["override"]:
        return list(rows)
    chosen = decisions.decide(rows, decisions.has_structure(rows), decision["override"])
    return list(decisions.with_verdicts(rows, chosen))


def sections(
    rows: Sequence[Row], later: Sequence[Row], pairs: Sequence[Row], people: Pictured
) -> list[Section]:
    """The chapters of the page, in order."""
    found = [
        Section(
            "all",
            "Everything that was tried",
            "Each candidate is judged in the same way, beside what it reaches on data that have no segments.",
            [
                scoreboard.table(rows),
                candidates.stability(rows),
                candidates.later(rows, later),
                candidates.front(rows),
            ],
        ),
        Section(
            "segments",
            "The segments that were chosen",
            f"Drawn from {len(people.rows):,} customers; only the sizes count everybody.",
            [
                segments.sizes(people),
                segments.heat_map(people),
                places.plane(people),
                places.cube(people),
                *places.silhouettes(people, rows),
                reference(rows, people),
            ],
        ),
        Section(
            "how-many",
            "How many segments",
            "Each index over the number of segments. They seldom agree, which is why none of them decides alone.",
            by_k.curves(rows),
        ),
        Section(
            "density",
            "Crowds and what lies between them",
            f"What hierarchical and density-based algorithms see, on {len(people.few):,} customers in the space rfm.",
            [
                density.dendrogram(people),
                density.k_distance(people),
                density.grid(people),
                density.clusters(people),
                candidates.agreement(pairs),
            ],
        ),
    ]
    return [replace(section, blocks=without_gaps(section.blocks)) for section in found]

"""The documents of a month: one HTML playbook per segment, an overview, the facts as CSV, and the manifest.

Every figure on a page sits in an element that names its origin (`data-asset`, `data-segment`, `data-kind`,
`data-fact`, `data-field`) and holds it exactly (`data-value`): a checker can hold the page against the table.
Pages need no network and no script. The same rows give the same bytes.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Template

from hm_assets.playbooks.bars import bar, times
from hm_assets.playbooks.facts import (
    ASSET,
    Profile,
    dates_of,
    facts_of,
    read_profiles,
)
from hm_assets.playbooks.facts_file import FACTS_FILE, facts_file
from hm_assets.playbooks.headlines import Piece, headline, overview_headline, plain
from hm_assets.playbooks.metrics.figure import Sentence
from hm_assets.playbooks.outlook import TOO_FEW
from hm_assets.playbooks.plan import Plan
from hm_assets.playbooks.showing import Showing
from hm_assets.playbooks.strategy import exports
from hm_assets.playbooks.strategy.rules import Rules
from hm_assets.playbooks.strategy.tactics import TOP_CATEGORIES, tactics_for
from hm_assets.profiles.facts import NOT_IN_DATA
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.page import links
from hm_assets.profiles.wording import WORDINGS, write_number
from hm_assets.profiles.words import pieces as words_of_profiles
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.warehouse import artifacts, pages
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.manifest import Kind, Manifest, describe, publish

OVERVIEW: Final = "index.html"

BEHAVIOUR: Final = (
    "recency_days",
    "orders",
    "orders_365d",
    "bought_365d",
    "bought_once",
    "gap_days",
    "online_share",
    "items_per_order",
    "discount_share",
    "spend_365d",
    "spend_per_order",
    "price_per_item",
)
PERSON: Final = (
    *("age", "age_under_25", "age_25_34", "age_35_49", "age_50_plus"),
    *("fashion_news", "club_active"),
)
SAID: Final = {
    "defining": "What tells them apart",
    "strength": "Strengths",
    "pain": "Pains",
    "opportunity": "Opportunities",
}


@dataclass(frozen=True)
class Document:
    """A file that was written for people."""

    path: Path
    title: str
    kind: Kind


def write_playbooks(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_of: dt.date,
    month: dt.date,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
    segmentation: str = "",
    made_of: str = "",
    banner: str = "",
    words: Sequence[Mapping[str, Any]] = (),
    outlook: Mapping[str, Sequence[Sentence]] | None = None,
    showings: Mapping[str, Showing] | None = None,
    plan: Plan | None = None,
    rules: Rules | None = None,
) -> list[Document]:
    """Write a month's documents to `<reports>/<YYYY-MM>/` and remove what only its last manifest lists.

    Parameters
    ----------
    rows
        One month of `profiles/segment_profiles`, in any order. What would tell of fewer than 20 customers is
        withheld.
    as_of, month
        The day that the facts describe, and its month.
    versions
        The version of each table that the rows come from, by asset.
    source
        The data in words, printed on every page.
    segmentation
        How the segments came to be, printed on every page: which model, and whether a person decided.
    made_of
        What the model went by, in words.
    banner
        What must be read first, on every page and in every row: that a failed criterion was signed for, and by whom.
    words
        The month of `profiles/segment_words`: what a playbook says of its segment in sentences.
    outlook
        What each segment, and all, will do next, as `outlook.sentences` says it.
    showings
        What to show each segment, as `showing.showings` says it.
    plan
        The strategies of the month.
    rules
        Those that tactics follow; None: as shipped.

    Returns
    -------
    list of Document
        The overview, the playbooks from the largest segment down, the facts, and where there is a plan its decision
        matrix and calendar; the manifest lists the same.

    Raises
    ------
    ContractError
        There are no rows, a row lacks a column, or a row describes another day.
    """
    if not rows:
        raise ContractError(f"{ASSET} has no rows for {month:%Y-%m}; materialise it for that month first")
    cells = privacy.withheld(rows)
    rows, words = privacy.without(rows, cells), privacy.sayable(words, cells)
    profiles = read_profiles(rows)
    if dates_of(rows) != {as_of}:
        found = ", ".join(sorted(str(day) for day in dates_of(rows)))
        raise ContractError(f"{ASSET} describes {found}, not {as_of}; materialise it for {month:%Y-%m} again")

    folder = reports / f"{month_of(month):%Y-%m}"
    origin = {
        "as_of": as_of,
        "month": f"{month:%Y-%m}",
        "source": source,
        "versions": dict(sorted(versions.items())),
        "segmentation": segmentation,
        "made_of": made_of,
        "report": links.REPORT,
        "forecasts": links.FORECASTS,
        "links": links,
        "outlook": outlook or {},
        "showings": showings or {},
        "banner": banner,
        "plan": plan or Plan(),
        "files": {"matrix": exports.MATRIX_JSON, "matrix_csv": exports.MATRIX_CSV}
        | {"ics": exports.CALENDAR_ICS, "csv": exports.CALENDAR_CSV},
    }
    written = [_overview(folder, profiles, origin)]
    written += [_playbook(folder, profile, said(profile, words, rows), origin, rules) for profile in profiles]
    written.append(
        (
            Document(facts_file(folder, rows, versions, banner), "Facts of all segments", "facts"),
            "Every figure of every segment with its interval, for a spreadsheet.",
        )
    )
    written += [
        (Document(artifacts.write_text(folder / file.name, file.text), file.title, file.kind), file.summary)
        for file in _plan_files(plan, origin)
    ]

    entries = (describe(d.path, d.title, d.kind, summary) for d, summary in written)
    publish(folder, Manifest(f"{month:%Y-%m}", as_of, source, dict(versions), tuple(entries)))
    return [document for document, _ in written]


def playbook_name(profile: Profile) -> str:
    """The file name of a segment's playbook: plain ASCII, whatever the segment is called."""
    return links.playbook(profile.segment_id, profile.name)


def said(
    profile: Profile, words: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> dict[str, list[list[Piece]]]:
    """A segment's sentences by kind, in order, their figures as facts.

    Raises
    ------
    ContractError
        A sentence rests on a fact that the profiles do not hold.
    """
    known = {(fact.kind, fact.name): fact for fact in facts_of(profile.segment_id, rows)}
    found: dict[str, list[list[Piece]]] = {}
    mine = [row for row in words if row["segment_id"] == profile.segment_id]
    for row in sorted(mine, key=lambda row: (row["kind"], row["position"])):
        pieces = [words_of_profiles.Piece.from_json(piece) for piece in json.loads(row["pieces"])]
        if missing := [p.fact for p in pieces if p.fact and (p.kind, p.fact) not in known]:
            raise ContractError(
                f"profiles/segment_words says of segment {profile.segment_id}: {row['sentence']!r}, and {ASSET} has no "
                f"{missing[0]}; materialise profiles/segment_words again"
            )
        found.setdefault(row["kind"], []).append(
            [Piece(p.text, known[p.kind, p.fact] if p.kind and p.fact else None, p.field) for p in pieces]
        )
    return found


def _playbook(
    folder: Path,
    profile: Profile,
    sentences: Mapping[str, list[list[Piece]]],
    origin: Mapping[str, Any],
    rules: Rules | None,
) -> tuple[Document, str]:
    title = f"{profile.name}: playbook {origin['month']}"
    pieces = headline(profile)
    groups = [("How they buy", BEHAVIOUR)] if profile.has_bought else []
    share = profile.value("share_of_customers")
    page = _template("playbook.html.j2").render(
        title=title,
        profile=profile,
        headline=pieces,
        groups=[*groups, ("Who they are", PERSON)],
        who=sentences.get("who"),
        said={heading: sentences.get(kind, []) for kind, heading in SAID.items()} if sentences else {},
        not_in_data=NOT_IN_DATA.values(),
        categories=profile.categories[:TOP_CATEGORIES],
        wanted_categories=TOP_CATEGORIES,
        tactics=tactics_for(profile, rules, origin["plan"].measures.get(profile.segment_id)),
        card=origin["plan"].cards.get(profile.segment_id),
        outside_bounds=share is not None and not SMALLEST_SHARE <= share <= LARGEST_SHARE,
        **origin,
    )
    path = artifacts.write_text(folder / playbook_name(profile), page)
    return Document(path, profile.name, "playbook"), plain(pieces)


def _overview(folder: Path, profiles: list[Profile], origin: Mapping[str, Any]) -> tuple[Document, str]:
    pieces = overview_headline(profiles)
    page = _template("overview.html.j2").render(
        title=f"Segments {origin['month']}",
        headline=pieces,
        buyers=[profile for profile in profiles if profile.has_bought],
        others=[profile for profile in profiles if not profile.has_bought],
        names={profile.segment_id: playbook_name(profile) for profile in profiles},
        facts_file=FACTS_FILE,
        longest=_longest_share(profiles),
        bounded=any(fact.interval() for p in profiles for fact in p.facts.values() if fact.kind == "size"),
        **origin,
    )
    path = artifacts.write_text(folder / OVERVIEW, page)
    return Document(path, f"All segments, {origin['month']}", "overview"), plain(pieces)


def _plan_files(plan: Plan | None, origin: Mapping[str, Any]) -> list[exports.File]:
    """The decision matrix and the calendar for other programs; nothing where there is no plan."""
    if plan is None or not plan.matrix:
        return []
    month, as_of, banner = month_of(origin["as_of"]), origin["as_of"], origin["banner"]
    return exports.files(plan.matrix, plan.calendar, month, as_of, origin["versions"], banner)


def _longest_share(profiles: list[Profile]) -> float:
    """The largest share on the page: the full length of its bars."""
    shares = [p.value(name) for p in profiles for name in ("share_of_customers", "share_of_spend_365d")]
    return max((share for share in shares if share), default=1.0)


def _template(name: str) -> Template:
    # As globals of the template: those of the environment reach only macros that nobody has imported before.
    known = {"ASSET": ASSET, "TOO_FEW": TOO_FEW, "WORDINGS": WORDINGS}
    called = {"bar": bar, "times": times, "write_number": write_number}
    return pages.environment("hm_assets.playbooks").get_template(name, globals={**known, **called})

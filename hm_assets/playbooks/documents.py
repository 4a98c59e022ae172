"""The documents of a month: one HTML playbook per segment, an overview, the facts as CSV, and the manifest.

Every figure on a page sits in an element that names its origin (`data-asset`, `data-segment`, `data-kind`,
`data-fact`, `data-field`) and holds it exactly (`data-value`): a checker can hold the page against the table.
Pages need no network and no script. The same rows give the same bytes.
"""

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

from hm_assets.playbooks.facts import (
    ASSET,
    COLUMNS,
    Fact,
    Field,
    Profile,
    dates_of,
    facts_of,
    read_profiles,
)
from hm_assets.playbooks.metrics.figure import Sentence
from hm_assets.playbooks.outlook import TOO_FEW
from hm_assets.playbooks.showing import Showing
from hm_assets.playbooks.tactics import TOP_CATEGORIES, tactics_for
from hm_assets.profiles.facts import NOT_HERE_YET, NOT_IN_DATA
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.page import links
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS, write_number
from hm_assets.profiles.words import pieces as words_of_profiles
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.warehouse import artifacts, pages
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.manifest import Kind, Manifest, describe, publish

OVERVIEW: Final = "index.html"
FACTS_FILE: Final = "segments.csv"
FORMULA_MARKS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

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


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence; with a fact it is that fact's figure in words."""

    text: str
    fact: Fact | None = None
    field: Field = "value"


@dataclass(frozen=True)
class Bar:
    """A bar from the base (x = 100) to the index, in halves and doubles from a quarter to four times."""

    x: float
    width: float
    low: float | None
    high: float | None
    direction: str


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

    Returns
    -------
    list of Document
        The overview, the playbooks from the largest segment down, and the facts; the manifest lists the same.

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
        "outlook": outlook or {},
        "showings": showings or {},
        "banner": banner,
    }
    written = [_overview(folder, profiles, origin)]
    written += [_playbook(folder, profile, said(profile, words, rows), origin) for profile in profiles]
    written.append(_facts_file(folder, rows, versions, banner))

    entries = (describe(d.path, d.title, d.kind, summary) for d, summary in written)
    publish(folder, Manifest(f"{month:%Y-%m}", as_of, source, dict(versions), tuple(entries)))
    return [document for document, _ in written]


def playbook_name(profile: Profile) -> str:
    """The file name of a segment's playbook: plain ASCII, whatever the segment is called."""
    return links.playbook(profile.segment_id, profile.name)


def headline(profile: Profile) -> list[Piece]:
    """The finding of a playbook in a sentence."""
    if not profile.has_bought:
        return _headline_without_purchase(profile)
    pieces = _size(profile)
    spend = profile.get("share_of_spend_365d")
    if spend is not None:
        pieces += [Piece(", "), Piece(spend.written(), spend), Piece(" of the year’s spend")]
    return [*pieces, *_rhythm(profile), Piece(".")]


def plain(pieces: Sequence[Piece]) -> str:
    """The sentence as text."""
    return "".join(piece.text for piece in pieces)


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


def bar(fact: Fact | None) -> Bar | None:
    """The bar of a fact against the base, or None where there is no base to hold it against."""
    if fact is None or fact.index_to_base is None:
        return None
    end = _position(fact.index_to_base)
    low, high = (_position(bound) for bound in fact.index_interval) if fact.index_interval else (None, None)
    return Bar(min(100.0, end), abs(end - 100.0), low, high, fact.direction)


def times(fact: Fact) -> str:
    """The index as a multiple: `2.9 ×`, or that no difference is clear."""
    if fact.index_to_base is None:
        return "–"
    if fact.direction == "same":
        return "no clear difference"
    if not fact.stands_out:
        return "about the same"
    ratio = fact.index_to_base / 100
    if ratio < 0.1:
        return "under 0.1 ×"
    if ratio >= 10:
        return f"{ratio:,.0f} ×"
    return f"{ratio:.2g} ×" if ratio < 0.95 or ratio >= 1.05 else f"{ratio:.2f} ×"


def _headline_without_purchase(profile: Profile) -> list[Piece]:
    customers, news = profile.get("customers"), profile.get("fashion_news")
    if customers is None:
        pieces = [Piece("Customers on file who have not bought yet")]
    elif customers.value == 1:
        pieces = [Piece("1", customers), Piece(" customer on file has not bought yet")]
    else:
        pieces = [Piece(customers.written(), customers), Piece(" customers on file have not bought yet")]
    if news is not None:
        pieces += [Piece("; "), Piece(news.written(), news), Piece(" of them get the fashion news")]
    return [*pieces, Piece(".")]


def _size(profile: Profile) -> list[Piece]:
    share, customers = profile.get("share_of_customers"), profile.get("customers")
    if share is not None:
        in_words = one_in(share.value)
        return [
            Piece(in_words or share.written(), share),
            Piece(" customers" if in_words else " of customers"),
        ]
    if customers is not None:
        return [
            Piece(customers.written(), customers),
            Piece(" customer" if customers.value == 1 else " customers"),
        ]
    return [Piece("A group whose size is not in data")]


def _rhythm(profile: Profile) -> list[Piece]:
    recency, orders = profile.get("recency_days"), profile.get("orders")
    pieces: list[Piece] = []
    if recency is not None:
        pieces += [
            Piece("; they last bought "),
            Piece(recency.written(), recency),
            Piece(" ago at the median"),
        ]
    if orders is not None:
        joint = ", and ordered " if recency is not None else "; they ordered "
        pieces += [Piece(joint), Piece(*_how_often(orders)), Piece(" in all")]
    return pieces


def _how_often(orders: Fact) -> tuple[str, Fact]:
    word = {1.0: "once", 2.0: "twice"}.get(orders.value)
    return word or f"{orders.written()} times", orders


def one_in(share: float) -> str | None:
    """A share as `1 in 5` where that is true to 7 %, else None."""
    if not 0.05 <= share <= 0.55:
        return None
    count = round(1 / share)
    off = abs(share * count - 1)
    if off > 0.07:
        return None
    return f"1 in {count}" if off <= 0.02 else f"About 1 in {count}"


def _position(index: float) -> float:
    doublings = math.log2(max(index, 1.0) / 100)
    return round(100 + 50 * min(2.0, max(-2.0, doublings)), 1)


def _playbook(
    folder: Path, profile: Profile, sentences: Mapping[str, list[list[Piece]]], origin: Mapping[str, Any]
) -> tuple[Document, str]:
    title = f"{profile.name}: playbook {origin['month']}"
    pieces = headline(profile)
    groups = [("How they buy", BEHAVIOUR)] if profile.has_bought else []
    share = profile.value("share_of_customers")
    page = (
        _environment()
        .get_template("playbook.html.j2")
        .render(
            title=title,
            profile=profile,
            headline=pieces,
            groups=[*groups, ("Who they are", PERSON)],
            who=sentences.get("who"),
            said={heading: sentences.get(kind, []) for kind, heading in SAID.items()} if sentences else {},
            not_in_data=NOT_IN_DATA.values(),
            not_here_yet=NOT_HERE_YET,
            categories=profile.categories[:TOP_CATEGORIES],
            wanted_categories=TOP_CATEGORIES,
            tactics=tactics_for(profile),
            outside_bounds=share is not None and not SMALLEST_SHARE <= share <= LARGEST_SHARE,
            **origin,
        )
    )
    path = artifacts.write_text(folder / playbook_name(profile), page)
    return Document(path, profile.name, "playbook"), plain(pieces)


def _overview(folder: Path, profiles: list[Profile], origin: Mapping[str, Any]) -> tuple[Document, str]:
    pieces = _overview_headline(profiles)
    page = (
        _environment()
        .get_template("overview.html.j2")
        .render(
            title=f"Segments {origin['month']}",
            headline=pieces,
            buyers=[profile for profile in profiles if profile.has_bought],
            others=[profile for profile in profiles if not profile.has_bought],
            names={profile.segment_id: playbook_name(profile) for profile in profiles},
            facts_file=FACTS_FILE,
            longest=_longest_share(profiles),
            bounded=any(
                fact.interval() for p in profiles for fact in p.facts.values() if fact.kind == "size"
            ),
            **origin,
        )
    )
    path = artifacts.write_text(folder / OVERVIEW, page)
    return Document(path, f"All segments, {origin['month']}", "overview"), plain(pieces)


def _longest_share(profiles: list[Profile]) -> float:
    """The largest share on the page: the full length of its bars."""
    shares = [p.value(name) for p in profiles for name in ("share_of_customers", "share_of_spend_365d")]
    return max((share for share in shares if share), default=1.0)


def _overview_headline(profiles: list[Profile]) -> list[Piece]:
    """Who brings most spend for their number."""
    pairs = [
        (spend, share, profile)
        for profile in profiles
        if (spend := profile.get("share_of_spend_365d")) and (share := profile.get("share_of_customers"))
    ]
    if not pairs:
        return [Piece("The segments of this month.")]
    spend, share, profile = max(pairs, key=lambda pair: pair[0].value - pair[1].value)
    in_words = one_in(share.value)
    size = (
        [Piece(in_words[:1].lower() + in_words[1:], share)] if in_words else [Piece(share.written(), share)]
    )
    ending = Piece(f"{' customers' if in_words else ' of customers'}: “{profile.name}”.")
    return [Piece(spend.written(), spend), Piece(" of the year’s spend comes from "), *size, ending]


def _facts_file(
    folder: Path, rows: Sequence[Mapping[str, Any]], versions: Mapping[str, str], banner: str
) -> tuple[Document, str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [*COLUMNS[:3], "label", *COLUMNS[3:], "asset", "version", "note", *(["signed"] if banner else [])]
    )
    for row in sorted(rows, key=_place):
        wording = WORDINGS.get(row["fact"]) if row["kind"] not in TASTES else None
        label = (
            row["fact"]
            if wording is None
            else f"{wording.label} ({wording.what})"
            if wording.what
            else wording.label
        )
        cells = [
            *(row[c] for c in COLUMNS[:3]),
            label,
            *(row[c] for c in COLUMNS[3:]),
            ASSET,
            versions.get(ASSET),
            TOO_FEW if row["withheld"] else None,
            *([banner] if banner else []),
        ]
        writer.writerow([_cell(cell) for cell in cells])
    # The mark at the beginning tells spreadsheets that the text is UTF-8.
    path = artifacts.write_text(folder / FACTS_FILE, "\ufeff" + text.getvalue())
    summary = "Every figure of every segment with its interval, for a spreadsheet."
    return Document(path, "Facts of all segments", "facts"), summary


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row's place in the file: by segment, then facts in the order of the pages, then tastes by kind, best first."""
    name, index = str(row["fact"]), row["index_to_base"] or 0.0
    if row["kind"] in TASTES:
        return int(row["segment_id"]), 1 + TASTES.index(row["kind"]), -index, name
    return int(row["segment_id"]), 0, list(WORDINGS).index(name) if name in WORDINGS else len(WORDINGS), name


def _cell(value: Any) -> Any:
    """A cell that a spreadsheet shows and never runs: text that begins like a formula gets an apostrophe."""
    if isinstance(value, str):
        text = CONTROL.sub(" ", value)
        return f"'{text}" if text.lstrip().startswith(FORMULA_MARKS) else text
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


@cache
def _environment() -> Environment:
    environment = pages.environment("hm_assets.playbooks")
    environment.globals.update(
        ASSET=ASSET, TOO_FEW=TOO_FEW, WORDINGS=WORDINGS, bar=bar, times=times, write_number=write_number
    )
    return environment

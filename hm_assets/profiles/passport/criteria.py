"""The criteria of a passport: a figure, its threshold, and PASS, WARN or FAIL.

Only what makes a segmentation unusable fails: an empty segment, a share outside 5-60 %, a model that is no number,
groups sold as real where the lab found none. A silhouette under 0.4 or a Jaccard under 0.75 warns and never blocks: on
real customers almost no useful segmentation reaches them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, Literal

from hm_assets.explore.words import percent
from hm_assets.profiles.fairness.parity import LEAST_PARITY
from hm_assets.profiles.passport.evidence import Measured
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.models import Tree

Status = Literal["PASS", "WARN", "FAIL", "not measured"]
PASS: Final = "PASS"
WARN: Final = "WARN"
FAIL: Final = "FAIL"
NOT_MEASURED: Final = "not measured"
EVERYBODY: Final = "all segments"
NOT_JUDGED: Final = "no day with 90 days of lines after it could be judged (see profiles/validity)"

GOOD_SILHOUETTE = 0.4
# Hennig (2007): from 0.75 a segment is stable, from 0.6 there is a pattern, below it should not be trusted.
STABLE, PATTERN = 0.75, 0.6
# What a headline says of a criterion that warns or fails, whatever its title asks.
WEAK: Final = {
    "above_null": "the lab found no structure",
    "finite": "the model holds numbers that are none",
    "silhouette": "the segments lie close together",
    "agreement": "other algorithms draw other borders",
    "unseen": "the segments hardly differ in what they were not made from",
    "later": "the segments hardly differ in what came after",
    "share": "its size is out of bounds",
    "stability": "not surely found again in other samples",
    "ambiguous": "many members on the border",
    "kept": "fewer than half are still members after a quarter",
    "lift": "spend in the 90 days after not clearly other than everybody’s",
    "reachable": "few reachable by the fashion news",
    "imputed": "many members only by virtue of an imputed value",
    "parity": "age groups not served alike",
}
# Ours; no source: beyond these a marketer should know before mailing.
MOST_AMBIGUOUS = 0.2
FEWEST_KEPT = 0.5
LEAST_AGREEMENT = 0.5
MOST_IMPUTED = 0.05
FEWEST_REACHABLE = 0.1


@dataclass(frozen=True)
class Evidence:
    """What the criteria are judged on; an empty mapping or None where it was not measured.

    Attributes
    ----------
    champion
        The model, with its decision.
    candidate
        Its row of `segments/candidates`, if it is still there.
    sizes
        Customers by segment id.
    finite
        Whether all numbers of the model are finite.
    jaccards, ambiguous, kept, lifts, reachable, imputed
        By segment id; see `evidence`. `lifts`: later spend against everybody's, or why there is no figure.
        `reachable`: share with the fashion news. `imputed`: share whose segment depends on an imputed value.
    agreement
        Adjusted Rand index with the best candidate of each other algorithm, by what it is called.
    parities, excluded
        By segment id, the lowest chance of an age band to be in it over the highest; see `fairness.parity`. `excluded`:
        what is said where a band that warns has no figure that can be told.
    unseen, later
        Of the facts of the judged day that the clustering never saw, and of those of the 90 days after it: how many
        differ at least a little, and how many could be tested.
    """

    champion: Champion
    candidate: Mapping[str, Any] | None
    sizes: Mapping[int, int]
    finite: bool
    jaccards: Mapping[int, Measured] = field(default_factory=dict)
    ambiguous: Mapping[int, Measured] = field(default_factory=dict)
    kept: Mapping[int, Measured] = field(default_factory=dict)
    lifts: Mapping[int, Measured | str] = field(default_factory=dict)
    reachable: Mapping[int, Measured] = field(default_factory=dict)
    imputed: Mapping[int, Measured] = field(default_factory=dict)
    agreement: Mapping[str, float] = field(default_factory=dict)
    parities: Mapping[int, Measured] = field(default_factory=dict)
    excluded: Mapping[int, str] = field(default_factory=dict)
    unseen: tuple[int, int] | None = None
    later: tuple[int, int] | None = None


@dataclass(frozen=True)
class Criterion:
    """One line of a passport; `segment_id` is None for what is said of all segments together."""

    segment_id: int | None
    name: str
    title: str
    status: Status
    measured: Measured | None
    threshold: str
    words: str
    blocking: bool = False

    @property
    def scope(self) -> str:
        """Whom it is about, as the table's key."""
        return EVERYBODY if self.segment_id is None else f"segment {self.segment_id}"

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Criterion":
        """From a row of `profiles/passport_criteria`."""
        value = row["value"]
        return cls(
            row["segment_id"],
            row["criterion"],
            row["title"],
            row["status"],
            None if value is None else Measured(value, row["low"], row["high"]),
            row["threshold"],
            row["words"],
            row["blocking"],
        )


def criteria(evidence: Evidence) -> list[Criterion]:
    """All criteria, those of all segments together first, then by segment."""
    found = [_above_null(evidence), _finite(evidence), _silhouette(evidence), _agreement(evidence)]
    found += [_unseen(evidence.unseen), _later(evidence.later)]
    for number in evidence.champion.ids:
        found += [
            _share(evidence, number),
            _stable(evidence.jaccards.get(number), number),
            _ambiguous(evidence, number),
            _kept(evidence.kept.get(number), number),
            _lift(evidence.lifts.get(number, NOT_JUDGED), number),
            _reachable(evidence.reachable.get(number), number),
            _imputed(evidence.imputed.get(number), number),
            _parity(evidence.parities.get(number), evidence.excluded.get(number), number),
        ]
    return found


def _above_null(evidence: Evidence) -> Criterion:
    decision = evidence.champion.decision
    labelled = "no structure found" in str(decision.get("headline", ""))
    structure = bool(decision.get("structure"))
    status: Status
    if structure:
        said = str(decision.get("evidence") or "see segments/candidates")
        status, words = PASS, f"The lab found structure beyond chance: {said}."
    elif labelled:
        status = WARN
        words = "The lab found no structure; the groups are a convention and are labelled so wherever they are shown."
    else:
        status, words = FAIL, "The lab found no structure, and nothing says so."
    return Criterion(
        None, "above_null", "More than chance would make", status, None,
        "structure, or the label “no structure found”", words, blocking=True,
    )  # fmt: skip


def _finite(evidence: Evidence) -> Criterion:
    words = (
        "Every number of the model is finite."
        if evidence.finite
        else "The model holds numbers that are none."
    )
    return Criterion(
        None, "finite", "A model that can be computed", PASS if evidence.finite else FAIL, None,
        "all numbers finite", words, blocking=True,
    )  # fmt: skip


def _silhouette(evidence: Evidence) -> Criterion:
    title, threshold = "Silhouette", f"{GOOD_SILHOUETTE} or more"
    row = evidence.candidate
    if row is None or row.get("silhouette") is None:
        return _gap(None, "silhouette", title, threshold, "there is no row of it in segments/candidates")
    measured = Measured(row["silhouette"], row["silhouette_low"], row["silhouette_high"])
    null = row.get("null_silhouette")
    beside = (
        ""
        if null is None
        else f"; by centroids {row['centroid_silhouette']:.2f}, without segments {null:.2f}"
    )
    return Criterion(
        None, "silhouette", title, PASS if measured.value >= GOOD_SILHOUETTE else WARN, measured, threshold,
        f"How much nearer customers are to their own segment than to the next, 1 at best{beside}.",
    )  # fmt: skip


def _agreement(evidence: Evidence) -> Criterion:
    title, threshold = "Other algorithms agree", f"{LEAST_AGREEMENT} or more, median"
    if not evidence.agreement:
        return _gap(None, "agreement", title, threshold, "no other algorithm was compared")
    middle = median(evidence.agreement.values())
    closest = max(evidence.agreement, key=lambda name: (evidence.agreement[name], name))
    return Criterion(
        None, "agreement", title, PASS if middle >= LEAST_AGREEMENT else WARN, Measured(middle), threshold,
        f"Adjusted Rand index with the best of {len(evidence.agreement)} other algorithms, median; 0 is chance, 1 the "
        f"same segments. Closest: {closest}, {evidence.agreement[closest]:.2f}.",
    )  # fmt: skip


def _unseen(counted: tuple[int, int] | None) -> Criterion:
    title = "They differ in what they were not made from"
    return _differ("unseen", title, "that the clustering never saw", counted)


def _later(counted: tuple[int, int] | None) -> Criterion:
    return _differ("later", "They differ in what came after", "of the 90 days after", counted)


def _differ(name: str, title: str, which: str, counted: tuple[int, int] | None) -> Criterion:
    threshold = "at least one fact"
    if counted is None:
        return _gap(None, name, title, threshold, NOT_JUDGED)
    differ, tested = counted
    if not tested:
        return _gap(None, name, title, threshold, f"no fact {which} could be tested")
    return Criterion(
        None, name, title, PASS if differ else WARN, Measured(float(differ)), threshold,
        f"{differ} of {tested} facts {which} differ between segments at least a little.",
    )  # fmt: skip


def _share(evidence: Evidence, number: int) -> Criterion:
    total = sum(evidence.sizes.values())
    share = evidence.sizes.get(number, 0) / total if total else 0.0
    fits = SMALLEST_SHARE <= share <= LARGEST_SHARE
    alone = len(evidence.champion.ids) == 1
    limits = percent(SMALLEST_SHARE), percent(LARGEST_SHARE)
    # A limit that is missed by a hair must not read as if it were met.
    written = percent(share) if fits or percent(share) not in limits else f"{100 * share:.2f} %"
    words = (
        "Nobody is in it." if not share
        else "One segment holds everybody: there is nothing to compare." if alone
        else f"{written} of the customers who have bought."
    )  # fmt: skip
    return Criterion(
        number, "share", "Size", PASS if fits else FAIL, Measured(share),
        " to ".join(limits), words, blocking=True,
    )  # fmt: skip


def _stable(measured: Measured | None, number: int) -> Criterion:
    title, threshold = "Found again in other samples", f"Jaccard {STABLE} or more"
    if measured is None:
        return _gap(number, "stability", title, threshold, "its algorithm could not be fitted on resamples")
    words = (
        "It comes out again." if measured.value >= STABLE
        else "A pattern, but whom exactly it holds is doubtful." if measured.value >= PATTERN
        else "Another sample would give another segment: do not read much into who is in it."
    )  # fmt: skip
    return Criterion(
        number, "stability", title, PASS if measured.value >= STABLE else WARN, measured, threshold, words
    )


def _ambiguous(evidence: Evidence, number: int) -> Criterion:
    title, threshold = "Members on the border", f"at most {percent(MOST_AMBIGUOUS)}"
    if isinstance(evidence.champion.model, Tree):
        why = "a decision tree places by answers, and how pure its leaf is says nothing of the way to another"
        return _gap(number, "ambiguous", title, threshold, why)
    measured = evidence.ambiguous.get(number)
    if measured is None:
        return _gap(number, "ambiguous", title, threshold, "nobody is in it")
    return Criterion(
        number, "ambiguous", title, PASS if measured.value <= MOST_AMBIGUOUS else WARN, measured, threshold,
        f"{percent(measured.value)} of its members are about as near to another segment.",
    )  # fmt: skip


def _kept(measured: Measured | None, number: int) -> Criterion:
    title, threshold = "Still members after a quarter", f"{percent(FEWEST_KEPT)} or more"
    if measured is None:
        return _gap(number, "kept", title, threshold, "nobody was in it three months before")
    return Criterion(
        number, "kept", title, PASS if measured.value >= FEWEST_KEPT else WARN, measured, threshold,
        f"{percent(measured.value)} of the members of three months before are in it now.",
    )  # fmt: skip


def _lift(measured: Measured | str, number: int) -> Criterion:
    title, threshold = "Spend in the 90 days after", "an interval without 1"
    if isinstance(measured, str):
        return _gap(number, "lift", title, threshold, measured)
    low, high = measured.low, measured.high
    clear = low is not None and high is not None and not low <= 1 <= high
    words = (
        f"{measured.value:.2f} times everybody’s, per customer"
        if clear
        else "Not clearly other than everybody’s"
    )
    return Criterion(number, "lift", title, PASS if clear else WARN, measured, threshold, f"{words}.")


def _reachable(measured: Measured | None, number: int) -> Criterion:
    title, threshold = "Reachable by the fashion news", f"{percent(FEWEST_REACHABLE)} or more"
    if measured is None:
        return _gap(number, "reachable", title, threshold, "the files do not say who gets the news")
    return Criterion(
        number, "reachable", title, PASS if measured.value >= FEWEST_REACHABLE else WARN, measured, threshold,
        f"{percent(measured.value)} of its members get the fashion news.",
    )  # fmt: skip


def _imputed(measured: Measured | None, number: int) -> Criterion:
    title, threshold = "Members by virtue of an imputed value", f"at most {percent(MOST_IMPUTED)}"
    if measured is None:
        return _gap(number, "imputed", title, threshold, "nobody is in it")
    words = (
        "None: the segments are made from purchases alone, and those are never imputed." if not measured.value
        else f"{percent(measured.value)} of its members would be elsewhere with another draw."
    )  # fmt: skip
    return Criterion(
        number, "imputed", title, PASS if measured.value <= MOST_IMPUTED else WARN, measured, threshold, words
    )


def _parity(measured: Measured | None, excluded: str | None, number: int) -> Criterion:
    title, threshold = "Age groups served alike", f"{LEAST_PARITY} or more"
    if excluded is not None:
        return Criterion(number, "parity", title, WARN, None, threshold, excluded)
    if measured is None:
        return _gap(number, "parity", title, threshold, "fewer than two age bands hold enough customers")
    fits = measured.value >= LEAST_PARITY
    words = "" if fits else " Whoever addresses this segment addresses an age: see profiles/age_parity."
    return Criterion(
        number, "parity", title, PASS if fits else WARN, measured, threshold,
        f"Of the age bands that can be told the one least likely to be in it is {percent(measured.value)} as likely as "
        f"the most likely one.{words}",
    )  # fmt: skip


def _gap(number: int | None, name: str, title: str, threshold: str, why: str) -> Criterion:
    return Criterion(number, name, title, NOT_MEASURED, None, threshold, f"Not measured: {why}.")

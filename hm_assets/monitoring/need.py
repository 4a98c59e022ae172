"""Whether the champion should be fitted anew: retrain, wait or ignore, with the reasons in words.

Four questions, each with a vote of its own: have the customers moved away from what it was trained on, would a refit
group them otherwise, does it still fit, how old is it. One vote to retrain is enough; drift is no single month's
surprise: it must be there two months in a row.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hm_assets.monitoring.counting import ALL
from hm_assets.monitoring.drift import TRAINING
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE

Verdict = Literal["retrain", "wait", "ignore"]
Row = Mapping[str, Any]

# A year is a whole season; after half of one a look is due.
OLD_MONTHS, AGEING_MONTHS = 12, 6
# A refit that agrees less than this makes other segments of the same customers.
LEAST_ARI = 0.6
# How much of the silhouette may be lost, and by how much the distance to the centres may grow.
WORSE, MUCH_WORSE = 0.15, 0.3
NAMED = 3
ORDER: Mapping[str, int] = {"ignore": 0, "wait": 1, "retrain": 2}


@dataclass(frozen=True)
class Reason:
    """One question, its vote, and the figures behind it."""

    question: Literal["drift", "stability", "degradation", "age"]
    vote: Verdict
    words: str


@dataclass(frozen=True)
class Need:
    """What to do about the champion, as of a month."""

    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def headline(self) -> str:
        """The verdict with what decided it."""
        deciding = [r.words for r in self.reasons if r.vote == self.verdict]
        return f"{self.verdict}: {'; '.join(deciding)}"

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "verdict": self.verdict,
            "headline": self.headline,
            "reasons": [asdict(r) for r in self.reasons],
        }


def evaluate_reclustering_need(
    month: dt.date,
    trained_as_of: dt.date,
    drift: Sequence[Row],
    stability: Sequence[Row],
    quality: Sequence[Row],
) -> Need:
    """The decision as of a month.

    Parameters
    ----------
    month
        First day of the month.
    trained_as_of
        The champion's training day.
    drift
        `monitoring/drift` of the month.
    stability
        `profiles/segment_stability` of the month.
    quality
        `monitoring/model_quality` of the month.
    """
    age = _months(trained_as_of, month)
    if age <= 0:
        words = (
            "the champion was trained on this month"
            if age == 0
            else "the champion was trained on a later month"
        )
        return Need("ignore", (Reason("age", "ignore", words),))
    reasons = (
        _drift(drift, quality),
        _stability(stability, trained_as_of.replace(day=1)),
        _degradation(quality),
        _age(age),
    )
    return Need(max((r.vote for r in reasons), key=ORDER.__getitem__), reasons)


def _months(since: dt.date, month: dt.date) -> int:
    return (month.year - since.year) * 12 + month.month - since.month


def _alarms(rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """Alarms that the champion was not trained on: against the training month, too, the move is large."""
    seen = {(r["feature"], r["segment"]) for r in rows if r["reference"] == TRAINING and not r["large"]}
    return {
        (r["feature"], r["segment"]): r
        for r in rows
        if r["alarm"] and (r["feature"], r["segment"]) not in seen
    }


def _drift(rows: Sequence[Row], quality: Sequence[Row]) -> Reason:
    alarms = _alarms(rows)
    if not alarms:
        asked = sum(r["judged"] for r in rows)
        known = sum(r["alarm"] for r in rows)
        also = f" that the champion was not trained on already ({known} that it was)" if known else ""
        return Reason(
            "drift",
            "ignore",
            f"no alarm{also} in {asked} comparisons"
            if asked
            else "there is no whole year up to the same month of last year to compare with",
        )
    lasting = [where for where, row in alarms.items() if row["lasting"]]
    spend = {row["segment"]: row["share_of_spend_365d"] for row in quality}
    named = sorted(lasting or alarms, key=lambda where: (where[1] != ALL, alarms[where]["p_year"], where))
    texts = [_with_spend(alarms[where], spend) for where in named[:NAMED]]
    more = f"; and {len(named) - NAMED} more" if len(named) > NAMED else ""
    since = "for two months now" if lasting else "this month for the first time"
    return Reason("drift", "retrain" if lasting else "wait", f"drift {since}: {'; '.join(texts)}{more}")


def _with_spend(row: Row, spend: Mapping[str, float | None]) -> str:
    share = spend.get(row["segment"])
    return str(row["words"]) + (
        f"; {share:.0%} of a year's spend" if share is not None and row["segment"] != ALL else ""
    )


def _stability(rows: Sequence[Row], trained: dt.date) -> Reason:
    refits = [r for r in rows if r["model"] == "refit" and r["segment"] == ALL and r["ari"] is not None]
    after = [r["ari"] for r in refits if r["to_month"] > trained]
    before = [r["ari"] for r in refits if r["to_month"] <= trained]
    if not after:
        return Reason("stability", "ignore", "no month after the training is old enough to refit on")
    usual = f" (on months up to the training {min(before):.2f})" if before else ""
    words = (
        f"refits on {len(after)} later months agree with the champion to an ARI of {min(after):.2f}{usual}"
    )
    # What a refit on the months of the training itself does not repeat is no sign of age.
    floor = min([LEAST_ARI, *before])
    return Reason("stability", "wait" if min(after) < floor else "ignore", words)


def _degradation(rows: Sequence[Row]) -> Reason:
    votes: list[Verdict] = ["ignore"]
    lost, texts = [], []
    for row in (r for r in rows if r["segment"] == ALL):
        for name, sign in (("silhouette", -1), ("distance", 1)):
            now, then = row[name], row[f"training_{name}"]
            if now is None or then is None or then <= 0:
                continue
            lost.append(sign * (now / then - 1))
            texts.append(f"{name} {now:.2f} against {then:.2f} in training")
    if lost:
        votes.append("retrain" if max(lost) > MUCH_WORSE else "wait" if max(lost) > WORSE else "ignore")
    for row in sorted((r for r in rows if r["segment"] != ALL), key=lambda r: str(r["segment"])):
        # A share that a person chose, or the grid that stands in, was outside from the first day.
        if _usable(row["training_share"]) and not _usable(row["share"]):
            texts.append(f"segment {row['segment']} holds {row['share']:.1%} of the customers")
            votes.append("retrain")
    vote = max(votes, key=ORDER.__getitem__)
    return Reason("degradation", vote, ", ".join(texts) or "nothing was measured")


def _usable(share: float | None) -> bool:
    return share is None or SMALLEST_SHARE <= share <= LARGEST_SHARE


def _age(months: int) -> Reason:
    vote: Verdict = "retrain" if months >= OLD_MONTHS else "wait" if months >= AGEING_MONTHS else "ignore"
    return Reason("age", vote, f"the champion was trained {months} month{'s' if months > 1 else ''} ago")

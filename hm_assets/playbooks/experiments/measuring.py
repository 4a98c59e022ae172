"""What campaigns changed: the answers of the results file, arm by arm, segment by segment.

Everybody counts in the arm they were drawn into, contacted or not: who was reached is not chosen at random.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from hm_assets.playbooks.cells import inert
from hm_assets.playbooks.experiments.assignment import HOLDOUT, TREATED
from hm_assets.playbooks.experiments.effects import Effect, of_means, of_shares, over_strata, with_cuped
from hm_assets.playbooks.experiments.plans import campaign_of
from hm_assets.playbooks.experiments.ratio import Ratio, ratio
from hm_assets.playbooks.experiments.ratio import over_strata as lost_together
from hm_assets.playbooks.experiments.results_file import OUTCOMES, Answer, Answers
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import LandingError

ALL: Final = "all"
Row = Mapping[str, Any]
READ: Final = ("customer_id", "segment_id", "arm", "spend_before", "as_of", "horizon_days")
"""The columns of `playbooks/audiences` that are needed."""


def of_file(
    answers: Answers, audience_of: Callable[[dt.date], Sequence[Row]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Every campaign of a file that was assigned here, and the keys of the others.

    Parameters
    ----------
    answers
        What the file says.
    audience_of
        A month's rows of `playbooks/audiences`; none where that month has none.
    """
    rows: list[dict[str, Any]] = []
    strangers = []
    for campaign, told in sorted(answers.items()):
        try:
            month = parse_month(campaign)
        except ValueError:
            month = None
        audience = audience_of(month) if month and campaign == campaign_of(month) else ()
        if audience:
            rows += measure(campaign, audience, told)
        else:
            strangers.append(campaign)
    return rows, strangers


def measure(campaign: str, audience: Sequence[Row], answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Rows of `playbooks/campaign_results` of a campaign.

    Parameters
    ----------
    campaign
        Its key.
    audience
        Its rows of `playbooks/audiences`.
    answers
        What the file says of each customer. Whoever is not in the audience is left out.

    Raises
    ------
    LandingError
        The file has no outcome.
    """
    if all(answer.ordered is None and answer.spend is None for answer in answers.values()):
        raise LandingError(
            f"campaign_results of campaign {campaign}: no column {' or '.join(OUTCOMES)}; add what the customers did"
        )
    # As a spreadsheet may have been given them.
    answers = {
        row["customer_id"]: answers[name] for row in audience for name in _names(row) if name in answers
    }
    held = [row["customer_id"] for row in audience if row["arm"] == HOLDOUT]
    if held and not any(customer in answers for customer in held):
        raise LandingError(
            f"campaign_results of campaign {campaign}: none of the {len(held):,} customers who were held out is in the "
            "file; give a row for each of them too, with what they did"
        )
    # Where nobody of a segment was held out there is nothing to compare with.
    compared = {row["segment_id"] for row in audience if row["arm"] == HOLDOUT}
    by_segment: dict[int, list[Row]] = {}
    for row in audience:
        if row["segment_id"] in compared:
            by_segment.setdefault(row["segment_id"], []).append(row)
    rows: list[dict[str, Any]] = []
    for outcome in OUTCOMES:
        parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for segment, members in sorted(by_segment.items()):
            for row in _of_segment(str(segment), outcome, members, answers):
                parts.setdefault((outcome, row["method"]), []).append(row)
        for found in parts.values():
            whole = _together(found, [len(by_segment[int(row["segment"])]) for row in found])
            rows += [whole, *_adjusted(found)]
    dates = _dates(audience)
    return [{**_plain(row), "campaign": campaign, **dates} for row in rows]


def _of_segment(
    segment: str, outcome: str, members: Sequence[Row], answers: Mapping[str, Answer]
) -> Iterator[dict[str, Any]]:
    told = {arm: [row for row in members if row["arm"] == arm] for arm in (TREATED, HOLDOUT)}
    known = {
        arm: [
            (value, row["spend_before"], answers[row["customer_id"]].sent)
            for row in rows
            if row["customer_id"] in answers
            and (value := answers[row["customer_id"]].of(outcome)) is not None
        ]
        for arm, rows in told.items()
    }
    after, before = (
        {arm: np.array([each[place] for each in rows], dtype=np.float64) for arm, rows in known.items()}
        for place in (0, 1)
    )
    lost = ratio(len(told[TREATED]), len(known[TREATED]), len(told[HOLDOUT]), len(known[HOLDOUT]))
    plain = (of_shares if outcome == "ordered" else of_means)(after[TREATED], after[HOLDOUT])
    cuped = with_cuped(after[TREATED], after[HOLDOUT], before[TREATED], before[HOLDOUT])
    raw = of_means(after[TREATED], after[HOLDOUT])
    common = {"segment": segment, "outcome": outcome, "ratio": lost, **_contacted(known)}
    if outcome == "ordered":
        common |= {f"{arm}_ordered": int(values.sum()) for arm, values in after.items()}
    if plain is not None:
        yield {**common, "method": "difference", "effect": plain}
    if cuped is not None and raw is not None:
        left = (cuped.error / raw.error) ** 2 if raw.error > 0 else None
        yield {**common, "method": "cuped", "effect": cuped, "variance_left": left, "raw": raw}


def _names(row: Row) -> tuple[str, ...]:
    """The id as the files of the arms write it, and as it is."""
    return inert(row["customer_id"]), row["customer_id"]


def _contacted(known: Mapping[str, Sequence[tuple[float, float, float | None]]]) -> dict[str, float]:
    found = {}
    for arm, name in ((TREATED, "contacted"), (HOLDOUT, "holdout_contacted")):
        sent = [each[2] for each in known[arm] if each[2] is not None]
        if sent:
            found[name] = sum(sent) / len(sent)
    return found


def _together(parts: Sequence[dict[str, Any]], sizes: Sequence[int]) -> dict[str, Any]:
    """All segments as one, each by its customers."""
    effect = over_strata([part["effect"] for part in parts], sizes)
    found = {
        **{name: parts[0][name] for name in ("outcome", "method")},
        "segment": ALL,
        "ratio": lost_together([part["ratio"] for part in parts]),
        "effect": effect,
    }
    for name in ("treated_ordered", "holdout_ordered"):
        if name in parts[0]:
            found[name] = sum(part[name] for part in parts)
    for name, arm in (("contacted", "treated"), ("holdout_contacted", "holdout")):
        sent = [(part[name], getattr(part["effect"], arm)) for part in parts if name in part]
        if sent:
            found[name] = sum(share * n for share, n in sent) / sum(n for _, n in sent)
    if parts[0]["method"] == "cuped":
        raw = over_strata([part["raw"] for part in parts], sizes)
        found["variance_left"] = (effect.error / raw.error) ** 2 if raw.error > 0 else None
    return found


def _adjusted(parts: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With Holm's (1979) p-value over the segments: of many, one looks large by chance."""
    ordered = sorted(parts, key=lambda part: (part["effect"].p, part["segment"]))
    largest, adjusted = 0.0, {}
    for place, part in enumerate(ordered):
        largest = max(largest, min(1.0, part["effect"].p * (len(ordered) - place)))
        adjusted[part["segment"]] = largest
    for part in parts:
        yield {**part, "p_adjusted": adjusted[part["segment"]]}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    effect: Effect = row["effect"]
    lost: Ratio = row["ratio"]
    figures = {name: value for name, value in row.items() if name not in ("effect", "ratio", "raw")}
    return {
        **figures,
        **vars(effect),
        "treated_lost": lost.treated - lost.treated_told,
        "holdout_lost": lost.holdout - lost.holdout_told,
        "ratio_p": lost.p,
        "ratio_alarm": lost.alarm,
    }


def _dates(audience: Iterable[Row]) -> dict[str, dt.date]:
    first = next(iter(audience))
    longest = max(row["horizon_days"] for row in audience)
    return {"as_of": first["as_of"], "measured_to": first["as_of"] + dt.timedelta(days=longest)}

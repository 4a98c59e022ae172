"""The verdict of the lab as questions and answers, for the top of its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import day, percent
from hm_assets.segments.algorithms.names import algorithm
from hm_assets.segments.choice.decision import EXPLAINED, FALLBACK, later_value
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.lab.back_test import BASELINES
from hm_assets.segments.page.called import Row, candidates, counted, explained, key
from hm_assets.segments.page.pictures_of_k import GOOD_SILHOUETTE

STABLE, DOUBTFUL = 0.75, 0.6
OUTCOMES = {
    EXPLAINED: "whether and about how much they buy in the next 90 days (the logarithm of spend)",
    "capped_spend": "the amount itself",
}


def of(rows: Sequence[Row], name: str | None) -> Row | None:
    """The candidate that a decision names, or None."""
    return next((row for row in rows if key(row) == name), None)


def headline(chosen: Row, decision: Mapping[str, Any]) -> str:
    """The finding of the page in a sentence."""
    groups = counted(chosen["segments"], "segment")
    shares = ""
    if chosen.get("min_share") is not None and chosen.get("max_share") is not None:
        shares = f" of {percent(chosen['min_share'])} to {percent(chosen['max_share'])} of the customers"
    told = ""
    if chosen.get("later_value") is not None:
        told = (
            f", which explained {percent(max(chosen['later_value'], 0.0))} of the variance of the logarithm of the "
            "next 90 days’ spend on past months"
        )
    if not decision["structure"]:
        return f"No structure found: one continuum of customers, cut into {groups}{shares}"
    if chosen["algorithm"] == FALLBACK and not decision["override"]:
        return f"No candidate can be used: {algorithm(FALLBACK)} stands in with {groups}{shares}{told}"
    return f"{algorithm(chosen['algorithm'])} makes {groups}{shares}{told}"


def answers(
    rows: Sequence[Row], later: Sequence[Row], chosen: Row, decision: Mapping[str, Any]
) -> list[tuple[str, list[str]]]:
    """Questions and their answers, a paragraph each.

    Parameters
    ----------
    rows, later
        Of `segments/candidates` and `segments/later_values`.
    chosen
        The champion's.
    decision
        Of `segments/champion`: headline, reasons, override, runner_up, structure.
    """
    runner_up = of(rows, decision["runner_up"])
    found: list[tuple[str, list[str]]] = [
        ("What was chosen?", [f"{_words(chosen)} {explained(chosen['algorithm'])}".strip()]),
        ("Why?", list(decision["reasons"])),
        ("Are there segments at all?", _structure(decision["structure"], chosen.get("structure"))),
        ("Is it balanced?", [_balance(chosen)]),
        ("Is it clear-cut?", [_silhouette(chosen)]),
        ("Is it stable?", [_stability(chosen)]),
        ("Would something simpler do?", _simpler(later, chosen)),
        (
            "What was the runner-up?",
            [_words(runner_up) if runner_up else "None: no other candidate can be used."],
        ),
        ("Who decided?", [_who(decision)]),
        (
            "On which customers?",
            [
                f"Fitted on {chosen['customers']:,} customers with purchases as of {day(chosen['trained_as_of'])}; "
                f"{counted(len(candidates(rows)), 'candidate')} and the merged RFM grid were tried at depth "
                f"{chosen.get('depth') or 'unknown'}."
            ],
        ),
    ]
    return found


def _simpler(later: Sequence[Row], chosen: Row) -> list[str]:
    """The champion beside plain quintiles of one column: who explains more of what customers spend later."""
    plain = {(v["algorithm"], v["space"], v["k"]) for v in later if v["algorithm"] in BASELINES}
    found = []
    for outcome, what in OUTCOMES.items():
        own = later_value(later, chosen, outcome)
        others = {
            name: later_value(later, dict(zip(("algorithm", "space", "k"), name, strict=True)), outcome)
            for name in sorted(plain)
        }
        others = {name: values for name, values in others.items() if values}
        if not own or not others:
            continue
        best = max(others, key=lambda name: others[name]["later_value"])
        mine, theirs = own["later_value"], others[best]["later_value"]
        beyond = own["later_high"] < theirs or own["later_low"] > theirs
        verdict = "Yes" if theirs > mine and beyond else "No" if beyond else "About as well"
        found.append(
            f"{verdict}, for {what}: {algorithm(best[0]).lower()} explain {theirs:.3f} of it, the segments {mine:.3f} "
            f"(95 % interval {own['later_low']:.3f} to {own['later_high']:.3f})."
        )
    return found or ["Not measured: no past month has 90 days of purchases after it yet."]


def _structure(found: bool, evidence: str | None) -> list[str]:
    if found:
        words = (
            "Yes, by k-means: the borders between segments are emptier, and the segments tighter, than in data that "
            "were made like these customers but without segments."
        )
    else:
        words = (
            "No structure found: what k-means cuts out in recency, frequency and spend is no clearer than in data that "
            "were made like these customers but without segments; other spaces were not tested. The groups are a "
            "convention for addressing people, not kinds of customers."
        )
    return [words, *([f"{evidence[0].upper()}{evidence[1:]}."] if evidence else [])]


def _balance(row: Row) -> str:
    if row.get("min_share") is None or row.get("max_share") is None:
        return "It could not be measured."
    kept = row["min_share"] >= SMALLEST_SHARE and row["max_share"] <= LARGEST_SHARE
    return (
        f"{'PASS' if kept else 'FAIL'}: its segments hold {percent(row['min_share'])} to {percent(row['max_share'])} "
        "of the customers; the rule is 5 to 60 % each."
    )


def _silhouette(row: Row) -> str:
    value = row.get("silhouette")
    if value is None:
        return "It could not be measured: a silhouette takes two segments."
    ends = ""
    if row.get("silhouette_low") is not None:
        ends = f" (95 % interval {row['silhouette_low']:.2f} to {row['silhouette_high']:.2f})"
    kept = "PASS" if value > GOOD_SILHOUETTE else "FAIL"
    said = f"{kept}: its silhouette is {value:.2f}{ends}; asked for is over {GOOD_SILHOUETTE}."
    if row.get("null_silhouette") is not None and row.get("centroid_silhouette") is not None:
        said += (
            f" By centroids it is {row['centroid_silhouette']:.2f}, and {row['null_silhouette']:.2f} on data without "
            "segments."
        )
    return said


def _stability(row: Row) -> str:
    if row.get("stability") is None:
        return "It could not be measured."
    own, null = row["stability"], row.get("null_stability")
    ahead = null is None or own > null
    kept = "FAIL" if own < DOUBTFUL else "PASS" if own >= STABLE and ahead else "WARN"
    said = f"{kept}: fitted again on resampled customers its segments overlap by {own:.2f} (Jaccard; 1 = the same)"
    if null is not None:
        said += f"; those of the same algorithm on data without segments by {null:.2f}"
        said += "" if ahead else ", which is no less"
    return f"{said}. From {STABLE} on segments are stable, under {DOUBTFUL} not to be trusted (Hennig 2007)."


def _words(row: Row) -> str:
    return f"{algorithm(row['algorithm'])} with {counted(row['segments'], 'segment')} ({row['space']})."


def _who(decision: Mapping[str, Any]) -> str:
    if decision["override"]:
        return f"A person, by the override “{decision['override']}”; it is not what the lab alone stands for."
    return "The lab, by its rules; nobody has overridden it."

"""Why the champion is the champion, in sentences that a manager can read."""

import math

from hm_assets.explore.words import percent
from hm_assets.segments.algorithms.names import HELD
from hm_assets.segments.choice.choose import Choice, best_later
from hm_assets.segments.choice.entries import STEP, Entry, dominates
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE

WITHIN = f"{SMALLEST_SHARE * 100:.0f}-{percent(LARGEST_SHARE)}"
# The space that the verdict on structure rests on.
TESTED = "rfm"
CRITERIA = ("stability over null", "separation", "later value", "rule fidelity")


def headline(choice: Choice) -> str:
    """One line for every place that shows segments."""
    parts = [choice.champion.words]
    if not choice.structure:
        parts.append("no structure found")
    elif choice.stands_in:
        parts.append("stands in, because no candidate can be used")
    if choice.by_person:
        parts.append(_by_person(choice))
    return "; ".join(parts)


def verdicts(choice: Choice) -> dict[str, str]:
    """What became of each candidate, by name."""
    return {entry.name: _verdict(choice, entry) for entry in choice.entries}


def reasons(choice: Choice) -> list[str]:
    """Why it, against whom, and what it gives up: a sentence each."""
    champion = choice.champion
    if choice.by_person:
        found = [f"{champion.words} was {_by_person(choice)}."]
        if not choice.structure:
            found.append(_no_structure(choice))
        if champion.outside:
            found.append(f"It breaks the rule of {WITHIN} per segment: {champion.outside}.")
    elif choice.stands_in:
        return [
            _no_structure(choice),
            f"{champion.words}, cells of the RFM grid joined with their neighbours, stands in: its groups hold "
            f"{percent(champion.smallest_share)} to {percent(champion.largest_share)} of the customers and explain "
            f"{_later(champion)}.",
            "They are a convention for addressing people, not "
            + (
                "the segments that the data show."
                if choice.structure
                else "kinds of customers that the data show."
            ),
            *_better_without_structure(choice),
        ]
    else:
        found = [_why(choice), _stable(choice), _for_everybody(champion)]
    if choice.runner_up is not None:
        found.append(_against(choice, choice.runner_up))
    else:
        found.append("There is no other candidate that can be used.")
    if choice.front:
        found.append(_given_up(choice))
    return found


def _by_person(choice: Choice) -> str:
    if choice.champion == choice.by_lab:
        return "chosen by a person, not by the lab; the lab would have chosen the same"
    return f"chosen by a person, not by the lab; the lab would have chosen {choice.by_lab.words}"


def _verdict(choice: Choice, entry: Entry) -> str:
    if entry == choice.champion:
        return _chosen(choice)
    if entry == choice.runner_up:
        return "the lab would have chosen it" if entry == choice.by_lab else "runner-up"
    if entry.refused or entry.outside:
        return f"refused: {entry.refused or entry.outside}"
    if not choice.structure or entry.space in choice.continua:
        return f"set aside: no structure found in {HELD[entry.space if choice.structure else TESTED]}"
    if beaten_by := _beaten_by(choice, entry):
        return f"dominated by {beaten_by.name}"
    behind = f"; explains the later spend less than {best_later(choice.front).name}"
    return "on the front" + (behind if entry in choice.behind else "")


def _chosen(choice: Choice) -> str:
    if not choice.by_person:
        return "chosen"
    beaten_by = _beaten_by(choice, choice.champion)
    flaw = choice.champion.outside or (f"dominated by {beaten_by.name}" if beaten_by else None)
    return "chosen by a person, not by the lab" + (f"; {flaw}" if flaw else "")


def _beaten_by(choice: Choice, entry: Entry) -> Entry | None:
    return next((other for other in choice.front if dominates(other, entry)), None)


def _no_structure(choice: Choice) -> str:
    if not choice.structure:
        return (
            f"No structure found in {HELD[TESTED]}: there k-means stands out from data without segments by no more "
            "than chance. Other spaces were not tested."
        )
    many = len(choice.entries)
    return f"None of the {many} candidates can be placed with every segment within {WITHIN} of the customers."


def _better_without_structure(choice: Choice) -> list[str]:
    """Who explains the later spend better than the grid, though it is no more real."""
    better = [e for e in choice.usable if e.later_value > choice.champion.later_value]
    if not better:
        return []
    best = best_later(better)
    beyond = best.later_value > choice.champion.later_high
    return [
        f"{best.words} would explain {best.later_value:.3f}, {'beyond' if beyond else 'though within'} the grid’s "
        f"interval; it cuts a continuum too. A person may choose it: override `{best.name}`."
    ]


def _why(choice: Choice) -> str:
    return (
        f"{choice.champion.words} was chosen of {len(choice.entries)} candidates: {len(choice.usable)} keep every "
        f"segment within {WITHIN} of the customers, and {len(choice.front)} of these are not beaten by another on "
        "stability over null, separation, later value and rule fidelity together."
    )


def _stable(choice: Choice) -> str:
    champion, best = choice.champion, best_later(choice.front)
    if math.isnan(best.later_value):
        later = "Later spend was not measured for any"
    elif champion == best:
        later = f"It explains {_later(champion)}, the most of these"
    else:
        most = f"{best.later_value:.3f} of {best.words}"
        later = f"It explains {_later(champion)}, which cannot be told from the most, {most}"
    if choice.behind:
        later += f"; {len(choice.behind)} that explain less were dropped"
    if math.isnan(champion.stability_excess):
        return f"{later}. Its stability was not measured."
    above = "above" if champion.stability_excess > 0 else "below"
    figures = (
        f"{champion.stability:.2f} (Jaccard), {abs(champion.stability_excess):.2f} {above} what any candidate of that "
        "space and number of segments reaches on data without segments"
    )
    if len(choice.front) == len(choice.behind) + 1:
        return f"{later}. Its stability is {figures}."
    return (
        f"{later}. Of these none is more stable by {STEP} or more: {figures}; of equally stable ones the best "
        "separated was taken, of equally separated ones the one that simple rules repeat best."
    )


def _for_everybody(entry: Entry) -> str:
    noise = "It leaves nobody out as noise"
    if entry.noise_share > 0:
        noise = (
            f"It leaves {percent(entry.noise_share)} out as noise, who are placed with those most like them"
        )
    if entry.most_rows is None:
        return f"{noise}, and it can be fitted on all customers however many there are."
    return (
        f"{noise}. It is fitted on at most {entry.most_rows:,} customers, here on {entry.customers:,}: what that left "
        "places all others."
    )


def _later(entry: Entry) -> str:
    if math.isnan(entry.later_value):
        return "an unmeasured share of the later spend"
    return (
        f"{entry.later_value:.3f} of the variance of the logarithm of the next 90 days’ spend, measured on past months "
        f"(95 % interval {entry.later_low:.3f} to {entry.later_high:.3f})"
    )


def _against(choice: Choice, other: Entry) -> str:
    who = "what the lab would have chosen" if other == choice.by_lab else "the runner-up"
    figures = zip(CRITERIA, _figures(choice.champion), _figures(other), strict=True)
    pairs = ", ".join(f"{what} {ours} against {theirs}" for what, ours, theirs in figures)
    return f"Beside {who}, {other.words}: {pairs}."


def _given_up(choice: Choice) -> str:
    given = []
    for place, what in enumerate(CRITERIA):
        best = min(choice.front, key=lambda entry: (-entry.criteria[place], entry.rank))
        if best.criteria[place] > choice.champion.criteria[place]:
            ours, theirs = _figures(choice.champion)[place], _figures(best)[place]
            given.append(f"{what} ({ours}, {best.words} has {theirs})")
    if not given:
        return "It gives up nothing: no other candidate on the front is better on any of the four."
    return f"It gives up some {', '.join(given)}."


def _figures(entry: Entry) -> list[str]:
    values = (entry.stability_excess, entry.separation, entry.later_value, entry.fidelity)
    return [
        "not measured" if math.isnan(x) else f"{x:.3f}" if i == 2 else f"{x:.2f}"
        for i, x in enumerate(values)
    ]

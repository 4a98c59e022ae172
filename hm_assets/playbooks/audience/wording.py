"""How figures of audiences are written: in words, and none that is about fewer than twenty customers."""

from collections.abc import Sequence

from hm_assets.explore.words import percent
from hm_assets.playbooks.audience.selection import Reach
from hm_assets.profiles.fairness.privacy import K, rounded
from hm_assets.profiles.wording import write_number


def count(customers: int) -> str:
    """A number of customers for people; of somebody but fewer than twenty, only that.

    >>> count(1234), count(7), count(0)
    ('1,234 customers', 'fewer than 20 customers', 'no customer')
    """
    if not customers:
        return "no customer"
    return f"fewer than {K} customers" if customers < K else f"{customers:,} customers"


def matched(reach: Reach) -> str:
    """How many meet the rule; rounded where the exact number would tell, by subtraction, of fewer than twenty."""
    if any(0 < number < K for number in reach.held_back.values()) and reach.matched >= K:
        return f"about {rounded(reach.matched):,} customers"
    return count(reach.matched)


def value_at_stake(reach: Reach) -> str:
    """What the reached are expected to spend, and of how many that is known."""
    if reach.value_90d is None:
        return "What they will spend is not known: there are no forecasts of this month."
    if reach.value_told is None:
        return f"What they will spend is withheld: it is known of fewer than {K} customers."
    rest = reach.reached - reach.valued
    without = f" ({count(rest)} without a forecast)" if rest else ""
    spend = write_number(reach.value_told, "number")
    return f"At stake: an expected spend of {spend} (price index) in the next 90 days{without}."


def shared(names: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[list[str]]:
    """The overlap for people: a row per audience, its size, and how many of it are also in each other one."""
    return [
        [name, *(_size(own) if i == j else _part(both, own, matrix[j][j]) for j, both in enumerate(counts))]
        for i, (name, counts) in enumerate(zip(names, matrix, strict=True))
        for own in (counts[i],)
    ]


def _size(customers: int) -> str:
    return f"{customers:,}" if customers >= K or not customers else f"under {K}"


def _part(both: int, own: int, other: int) -> str:
    """Who is in both, unless that tells of fewer than twenty in both, or of fewer than twenty in one alone."""
    if not both:
        return "none"
    if both < K:
        return f"under {K}"
    if 0 < own - both < K:
        return f"all but fewer than {K}"
    if 0 < other - both < K:
        return f"about {rounded(both):,}"
    return f"{both:,} ({percent(both / own)})"

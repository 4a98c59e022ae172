"""Who meets a rule, and how many of them can be reached: counted by the engine in one expression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.features.tables import AFFINITIES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.playbooks.audience.fields import FIELDS, LIKES_FROM
from hm_assets.playbooks.audience.parity import Parity, parity_of
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.rule import AnyOf, Condition, Not, Rule, RuleError
from hm_assets.playbooks.audience.suppression import REACHED, REASONS
from hm_assets.profiles.fairness.privacy import K

MOST_COMPARED: Final = 6


@dataclass(frozen=True)
class Reach:
    """How many a rule finds, and how many of them can be written to.

    Attributes
    ----------
    everybody
        Customers of the month.
    matched
        Of them, who meet the rule.
    reached
        Of those, who are left after suppression.
    held_back
        Of the others, how many by reason (`REASONS`).
    value_90d
        Spend expected of the reached in 90 days, in the price index; None where forecasts are not made.
    valued
        How many of the reached have a forecast.
    parity
        Whether age bands are as likely as one another to be reached.
    """

    everybody: int
    matched: int
    reached: int
    held_back: dict[str, int]
    value_90d: float | None
    valued: int
    parity: Parity

    @property
    def enough(self) -> bool:
        """Whether as many are reached as a file must be about."""
        return self.reached >= K

    @property
    def value_told(self) -> float | None:
        """`value_90d`, unless it is that of fewer than twenty customers."""
        return self.value_90d if self.valued >= K else None


def met(rule: Rule, people: People) -> ibis.Value:
    """Whether each customer of `people.everybody` meets a rule: true or false, never unknown.

    Raises
    ------
    RuleError
        It asks for what the month does not have.
    """
    if isinstance(rule, Condition):
        return _condition(rule, people).fill_null(False)
    if isinstance(rule, Not):
        return ~met(rule.no, people)
    parts = [met(part, people) for part in (rule.any if isinstance(rule, AnyOf) else rule.all)]
    found = parts[0] if parts else ibis.literal(True)
    for part in parts[1:]:
        found = found | part if isinstance(rule, AnyOf) else found & part
    return found


def reach(rule: Rule, people: People, reasons: ibis.Value) -> Reach:
    """Count who meets a rule; `reasons` as `suppression.reasons` gives them."""
    rows = people.everybody
    counted = (
        rows.select("value_90d", "age_band", met=met(rule, people), reason=reasons)
        .group_by("met", "reason", "age_band")
        .agg(
            customers=ibis._.count(),
            value_90d=exact_sum(ibis._.value_90d),
            valued=ibis._.value_90d.count(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    matched = [row for row in counted if row["met"]]
    reached = [row for row in matched if row["reason"] == REACHED]
    base, chosen = _by_band(counted), _by_band(reached)
    return Reach(
        sum(base.values()),
        sum(row["customers"] for row in matched),
        sum(chosen.values()),
        {
            reason: sum(row["customers"] for row in matched if row["reason"] == reason)
            for reason in REASONS
            if any(row["reason"] == reason for row in matched)
        },
        sum(row["value_90d"] or 0.0 for row in sorted(reached, key=lambda row: str(row["age_band"])))
        if people.has(OUTLOOK)
        else None,
        sum(row["valued"] for row in reached),
        parity_of(base, chosen),
    )


def overlap(rules: Sequence[Rule], people: People, reasons: ibis.Value) -> list[list[int]]:
    """Reached customers that each two rules have in common; on the diagonal, each rule's own.

    Raises
    ------
    RuleError
        More rules than can be compared, or one that the month cannot answer.
    """
    if len(rules) > MOST_COMPARED:
        raise RuleError(f"at most {MOST_COMPARED} audiences are compared at a time, not {len(rules)}")
    names = [f"a{i}" for i in range(len(rules))]
    rows = people.everybody.select(
        reason=reasons, **{name: met(rule, people) for name, rule in zip(names, rules, strict=True)}
    )
    rows = rows.filter(rows.reason == REACHED)
    pairs = [(i, j) for i in range(len(rules)) for j in range(i, len(rules))]
    sums = {f"n{i}_{j}": (rows[names[i]] & rows[names[j]]).cast("int64").sum().fill_null(0) for i, j in pairs}
    found = rows.agg(**sums).to_pyarrow().to_pylist()[0]
    return [[found[f"n{min(i, j)}_{max(i, j)}"] for j in range(len(rules))] for i in range(len(rules))]


def _condition(asked: Condition, people: People) -> ibis.Value:
    field, rows = FIELDS[asked.field], people.everybody
    if not people.has(field.table):
        raise RuleError(
            f"{asked.field} needs {field.table.path} of {people.month:%Y-%m}, which is not made: "
            f"`hm run --month {people.month:%Y-%m} --select +key:{field.table.path}`"
        )
    if field.kind == "flag":
        return rows[asked.field]
    if field.kind == "number":
        return _compared(rows[asked.field], asked)
    if field.kind == "taste":
        return _likes(asked, people)
    if asked.field == "segment":
        return rows.segment_id.isin([int(value) for value in _there(asked, people)])
    return rows[asked.field].isin(asked.values)


def _compared(column: ibis.Value, asked: Condition) -> ibis.Value:
    number = ibis.literal(asked.number)
    return {
        ">=": lambda: column >= number,
        "<=": lambda: column <= number,
        ">": lambda: column > number,
        "<": lambda: column < number,
    }[asked.op]()


def _likes(asked: Condition, people: People) -> ibis.Value:
    """Who takes to one of the values; a value that was not bought is none, however little of it is bought by others."""
    attribute, tastes = FIELDS[asked.field].attribute, people.tastes
    if tastes is None:
        raise RuleError(f"{asked.field} needs {AFFINITIES.path}, which is not made")
    positions = [people.values[attribute][value] for value in _there(asked, people)]
    takes = tastes.filter(
        tastes.attribute == attribute,
        tastes.position.isin(positions),
        tastes.affinity >= (asked.at_least or LIKES_FROM),
    )
    return people.everybody.customer_key.isin(takes.customer_key)


def _there(asked: Condition, people: People) -> list[str]:
    """The values as the month has them, whatever their case."""
    choices = people.choices(asked.field)
    found = []
    for value in asked.values:
        same = [each for each in choices if each == value] or [
            each for each in choices if each.casefold() == value.casefold()
        ]
        if not same:
            listed = ", ".join(each[:40] for each in choices[:12])
            raise RuleError(f"{value[:60]!r} is no {asked.field} of {people.month:%Y-%m}; there are {listed}")
        found.append(same[0])
    return found


def _by_band(rows: Sequence[dict[str, object]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        band = str(row["age_band"])
        found[band] = found.get(band, 0) + int(str(row["customers"]))
    return found

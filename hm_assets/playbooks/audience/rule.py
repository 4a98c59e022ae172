"""A rule: conditions joined by and, or, not; as a checked object, as JSON, and as the line that people write.

What depends on a month (which segments and categories there are) is checked where the rule is applied.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from hm_assets.playbooks.audience.fields import FIELDS, LIKES_FROM
from hm_assets.warehouse.errors import HmAssetsError

MOST_CONDITIONS: Final = 40
MOST_VALUES: Final = 50
DEEPEST: Final = 12
LONGEST: Final = 2_000
EVERYBODY: Final = "everybody"
WORDS: Final = ("and", "or", "not", "at", EVERYBODY)
_BARE = re.compile(r"[\w./&+-]+")
_OF_JSON = 20_000


class RuleError(HmAssetsError):
    """A rule that cannot be; the message says what is wrong with it and what would be right."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Part):
    """One thing that is asked of a customer.

    `value` is one of the values of a choice or taste, `number` what a number is compared with, `at_least` the affinity
    from which a taste counts. A flag has none of them. Whose value is unknown does not meet it.
    """

    field: Annotated[str, Field(max_length=40)]
    op: Literal["is", ">=", "<=", ">", "<"] = "is"
    values: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST)], ...], Field(max_length=MOST_VALUES)
    ] = ()
    number: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    at_least: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Condition":
        field = FIELDS.get(self.field)
        if field is None:
            hint = (
                "age is no filter, so that no campaign is addressed by age"
                if self.field == "age"
                else f"there are {', '.join(FIELDS)}"
            )
            raise ValueError(f"{self.field!r} is no field; {hint}")
        wants_values, wants_number = field.kind in ("choice", "taste"), field.kind == "number"
        if wants_number != (self.op != "is"):
            how = "compared, e.g. >= 0.5" if wants_number else "asked with = and its values"
            raise ValueError(f"{field.name} is {'asked alone' if field.kind == 'flag' else how}")
        if wants_values != bool(self.values) or wants_number != (self.number is not None):
            raise ValueError(f"{field.name} needs {_needs(field.kind)}")
        if self.at_least is not None and field.kind != "taste":
            raise ValueError(f"{field.name} has no affinity; `at` goes with category, department and colour")
        if field.most is not None and self.number is not None and self.number > field.most:
            raise ValueError(f"{field.name} is at most {field.most:g} (or 100 %), not {self.number:g}")
        unknown = [value for value in self.values if field.values and value not in field.values]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no {field.name}; there are {', '.join(field.values)}")
        return self

    @property
    def words(self) -> str:
        """As a rule writes it."""
        field = FIELDS[self.field]
        if field.kind == "flag":
            return self.field
        if field.kind == "number":
            return f"{self.field}{self.op}{self.number!r}".removesuffix(".0")
        at = "" if self.at_least in (None, LIKES_FROM) else f" at {self.at_least!r}".removesuffix(".0")
        return f"{self.field}={','.join(map(_quoted, self.values))}{at}"


class All(_Part):
    """Everything in it is met; empty, it is everybody."""

    all: Annotated[tuple["Rule", ...], Field(max_length=MOST_CONDITIONS)] = ()

    @property
    def words(self) -> str:
        """As a rule writes it."""
        return " and ".join(_inside(part) for part in self.all) or EVERYBODY


class AnyOf(_Part):
    """Something in it is met."""

    any: Annotated[tuple["Rule", ...], Field(min_length=1, max_length=MOST_CONDITIONS)]

    @property
    def words(self) -> str:
        """As a rule writes it."""
        return " or ".join(_inside(part) for part in self.any)


class Not(_Part):
    """What is in it is not met; who is unknown does not meet it, and so is in."""

    no: "Rule"

    @property
    def words(self) -> str:
        """As a rule writes it."""
        return f"not {_inside(self.no)}"


Rule: TypeAlias = Condition | All | AnyOf | Not
for _model in (All, AnyOf, Not):
    _model.model_rebuild()
_ADAPTER: TypeAdapter[Rule] = TypeAdapter(Rule)


def checked(rule: Rule) -> Rule:
    """The rule, provided that it is not too long or too deep.

    Raises
    ------
    RuleError
        It is.
    """
    conditions = sum(1 for _ in conditions_of(rule))
    if conditions > MOST_CONDITIONS:
        raise RuleError(f"the rule has {conditions} conditions; at most {MOST_CONDITIONS} are taken")
    if _depth(rule) > DEEPEST:
        raise RuleError(f"the rule has more than {DEEPEST} parentheses inside one another")
    return rule


def from_json(text: str) -> Rule:
    """A rule from JSON: `{"all": [{"field": "segment", "values": ["1"]}, {"field": "optin"}]}`.

    Raises
    ------
    RuleError
        It is no JSON, or no rule.
    """
    if len(text) > _OF_JSON:
        raise RuleError(f"the rule is longer than {_OF_JSON:,} characters")
    try:
        return checked(_ADAPTER.validate_json(text))
    except ValidationError as error:
        raise RuleError(f"the JSON is no rule: {said(error)}") from error


def as_json(rule: Rule) -> str:
    """The inverse of `from_json`."""
    return json.dumps(rule.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """All conditions in it, from the left."""
    if isinstance(rule, Condition):
        yield rule
    else:
        for part in _parts(rule):
            yield from conditions_of(part)


def number_of(text: str) -> float:
    """`0.5` or `50%` as a number.

    Raises
    ------
    RuleError
        It is none.
    """
    try:
        # To Python 1_0 is ten.
        value = float(text.removesuffix("%").replace("_", "?")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise RuleError(f"{text!r} is no number; write 0.5 or 50%") from error
    if not math.isfinite(value) or value < 0:
        raise RuleError(f"{text!r} must be a number from 0 on")
    return value


def said(error: ValidationError) -> str:
    """What pydantic found wrong, in one line: the faults that a rule itself tells come first."""
    found = [e["msg"].removeprefix("Value error, ") for e in error.errors() if e["type"] == "value_error"]
    return found[0] if found else error.errors()[0]["msg"]


def _parts(rule: All | AnyOf | Not) -> tuple[Rule, ...]:
    if isinstance(rule, Not):
        return (rule.no,)
    return rule.all if isinstance(rule, All) else rule.any


def _depth(rule: Rule) -> int:
    if isinstance(rule, Condition):
        return 0
    return 1 + max((_depth(part) for part in _parts(rule)), default=0)


def _inside(rule: Rule) -> str:
    joined = isinstance(rule, AnyOf) or (isinstance(rule, All) and rule.all)
    return f"({rule.words})" if joined else rule.words


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) and value not in WORDS else json.dumps(value, ensure_ascii=False)


def _needs(kind: str) -> str:
    return {
        "number": "one number and no values",
        "flag": "neither values nor a number",
    }.get(kind, "one value or several with commas")

"""Reading a rule as people write it: `segment=1,2 and churn>=50% and (category="Socks & Tights" at 2 or not optin)`.

    rule      = term { "or" term }
    term      = factor { "and" factor }
    factor    = "not" factor | "(" rule ")" | "everybody" | condition
    condition = field | field ("=" | "!=") value { "," value } [ "at" number ] | field (">=" | "<=" | ">" | "<") number

A value with blanks, commas or signs stands in double quotes, as JSON writes a text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from hm_assets.playbooks.audience.fields import FIELDS, Field
from hm_assets.playbooks.audience.rule import (
    DEEPEST,
    EVERYBODY,
    LONGEST,
    All,
    AnyOf,
    Condition,
    Not,
    Rule,
    RuleError,
    checked,
    number_of,
    said,
)

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(>=|<=|!=|[=<>(),])|([^\s"=<>!(),]+))', re.DOTALL)
_ENDS = ("and", "or", "at", "(", ")", ",")


@dataclass(frozen=True)
class _Token:
    text: str
    at: int
    quoted: bool = False


def parse(text: str) -> Rule:
    """The rule that a line says; an empty one is everybody.

    Raises
    ------
    RuleError
        It cannot be read; the message names the character.
    """
    if len(text) > LONGEST:
        raise RuleError(f"the rule is longer than {LONGEST:,} characters")
    reader = _Reader(_tokens(text), len(text))
    if not reader.left:
        return All()
    rule = reader.rule()
    if reader.left:
        raise reader.fault("`and`, `or` or the end")
    return checked(rule)


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise RuleError(
                f"the rule cannot be read from character {start + 1} on: {text[start : start + 20]!r}"
            )
        quoted = match.group(1)
        try:
            plain = json.loads(quoted, strict=False) if quoted else match.group(2) or match.group(3)
        except ValueError as error:
            raise RuleError(f"the text in quotes at character {match.start(1) + 1} cannot be read") from error
        found.append(_Token(plain, match.end() - len(match.group().lstrip()), bool(quoted)))
        at = match.end()
    return found


class _Reader:
    """The tokens from the left; one method per line of the grammar."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.left = tokens[::-1]
        self._end = end
        self._depth = 0

    def rule(self) -> Rule:
        parts = [self._term()]
        while self._took("or"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else _made(lambda: AnyOf(any=tuple(parts)))

    def fault(self, wanted: str) -> RuleError:
        if not self.left:
            return RuleError(f"the rule ends where {wanted} should follow")
        token = self.left[-1]
        return RuleError(
            f"character {token.at + 1} of the rule: {wanted} was expected, not {token.text[:40]!r}"
        )

    def _term(self) -> Rule:
        parts = [self._factor()]
        while self._took("and"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else _made(lambda: All(all=tuple(parts)))

    def _factor(self) -> Rule:
        self._depth += 1
        if self._depth > DEEPEST:
            raise RuleError(f"the rule has more than {DEEPEST} parentheses inside one another")
        try:
            if self._took("not"):
                return Not(no=self._factor())
            if self._took("("):
                inside = self.rule()
                if not self._took(")"):
                    raise self.fault("`)`")
                return inside
            return All() if self._took(EVERYBODY) else self._condition()
        finally:
            self._depth -= 1

    def _condition(self) -> Rule:
        name = self._next("a field")
        field = FIELDS.get(name)
        if field is None:
            return _made(lambda: Condition(field=name[:40]))
        for op in (">=", "<=", ">", "<"):
            if self._took(op):
                number = number_of(self._next("a number"))
                return _condition(name, op, number)
        negative = self._took("!=")
        if not negative and not self._took("="):
            return _made(lambda: Condition(field=name))
        values = [_as_listed(field, self._next("a value"))]
        while self._took(","):
            values.append(_as_listed(field, self._next("a value")))
        at = number_of(self._next("an affinity")) if self._took("at") else None
        found = _made(lambda: Condition(field=name, values=tuple(values), at_least=at))
        return Not(no=found) if negative else found

    def _took(self, text: str) -> bool:
        if self.left and not self.left[-1].quoted and self.left[-1].text == text:
            self.left.pop()
            return True
        return False

    def _next(self, wanted: str) -> str:
        if not self.left or (not self.left[-1].quoted and self.left[-1].text in _ENDS):
            raise self.fault(wanted)
        return self.left.pop().text


def _condition(name: str, op: str, number: float) -> Rule:
    comparison: dict[str, Literal[">=", "<=", ">", "<"]] = {">=": ">=", "<=": "<=", ">": ">", "<": "<"}
    return _made(lambda: Condition(field=name, op=comparison[op], number=number))


def _as_listed(field: Field, value: str) -> str:
    """A value of a fixed choice as it is listed, whatever its case."""
    return next((each for each in field.values if each.casefold() == value.casefold()), value)


def _made(make: Callable[[], Rule]) -> Rule:
    try:
        return make()
    except ValidationError as error:
        raise RuleError(said(error)) from error

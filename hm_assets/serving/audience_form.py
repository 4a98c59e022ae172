"""What the form of the audience page says, as one rule and some to compare it with."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from hm_assets.playbooks.audience.fields import FIELDS
from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.rule import Condition, RuleError, number_of, said
from hm_assets.playbooks.audience.selection import MOST_COMPARED
from hm_assets.playbooks.audience.sending import day_of

CHOSEN: Final = ("segment", "value", "stage", "channel", "category", "department", "colour", "club")
"""Choices that the form offers as boxes or lists; several of one are joined by or."""
FLAGS: Final = ("optin", "active")
CHURN_FROM: Final = "churn_from"
MOST_TEXT: Final = 8_000
MOST_ITEMS: Final = 200


@dataclass(frozen=True)
class Form:
    """The fields as they were sent.

    Attributes
    ----------
    where
        A rule in words, joined to the boxes by and.
    chosen
        Values by field of `CHOSEN` and `FLAGS`.
    churn_from
        Lowest churn risk, in per cent.
    compare
        Rules to compare with, one a line.
    name, send_on, by, layout, month
        Of the campaign, the file and the month; empty: the default.
    """

    where: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)
    churn_from: str = ""
    compare: str = ""
    name: str = ""
    send_on: str = ""
    by: str = "email"
    layout: str = "csv"
    month: str = ""

    @classmethod
    def of(cls, items: Iterable[tuple[str, str]]) -> "Form":
        """From the pairs of an address; what the form does not have is left out, and what is too long is cut."""
        chosen: dict[str, list[str]] = {}
        texts: dict[str, str] = {}
        for name, value in list(items)[:MOST_ITEMS]:
            short = value[:MOST_TEXT]
            if name in CHOSEN and short:
                chosen.setdefault(name, []).append(short)
            elif name in FLAGS:
                chosen[name] = ["on"]
            elif name in ("where", CHURN_FROM, "compare", "name", "send_on", "by", "layout", "month"):
                texts[name] = short
        return cls(chosen=chosen, **{name: value for name, value in texts.items() if value})

    @property
    def day(self) -> dt.date:
        """The day that the campaign is sent; today, where none is named.

        Raises
        ------
        RuleError
            It is no day.
        """
        return day_of(self.send_on)

    def has(self, name: str, value: str = "on") -> bool:
        """Whether a box is ticked."""
        return value in self.chosen.get(name, [])

    def rule(self) -> str:
        """The whole form as one line.

        Raises
        ------
        RuleError
            A part of it cannot be.
        """
        parts = []
        for name in (*CHOSEN, *FLAGS):
            if name in self.chosen:
                values = tuple(self.chosen[name]) if FIELDS[name].kind != "flag" else ()
                parts.append(_condition(name, values))
        if self.churn_from.strip():
            parts.append(parse(f"churn>={number_of(self.churn_from.strip().rstrip('%') + '%')!r}").words)
        if self.where.strip():
            more = parse(self.where)
            parts.append(f"({more.words})" if parts else more.words)
        return " and ".join(parts)

    def lines(self) -> list[str]:
        """The form's rule, then those to compare it with.

        Raises
        ------
        RuleError
            As `rule`, or more rules than can be compared.
        """
        others = [line.strip() for line in self.compare.splitlines() if line.strip()]
        if len(others) >= MOST_COMPARED:
            raise RuleError(f"at most {MOST_COMPARED - 1} other audiences are compared at a time")
        return [self.rule(), *others]


def _condition(name: str, values: tuple[str, ...]) -> str:
    try:
        return Condition(field=name, values=values).words
    except ValidationError as error:
        raise RuleError(said(error)) from error

"""The day on which an audience is written to: the only one that a person may leave to the clock."""

import datetime as dt

from hm_assets.playbooks.audience.rule import RuleError


def day_of(text: str | None) -> dt.date:
    """A day as `YYYY-MM-DD`; today, where none is named.

    Raises
    ------
    RuleError
        It is none.
    """
    try:
        return dt.date.fromisoformat(text) if text else dt.date.today()
    except ValueError as error:
        raise RuleError(
            f"{(text or '')[:40]!r} is no day; write it as YYYY-MM-DD, e.g. 2020-10-01"
        ) from error

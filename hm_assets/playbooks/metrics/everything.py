"""All figures of a month out of the tables that hold them: one place says which tables those are."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.explore.tables import CALENDAR, QUESTIONS
from hm_assets.forecasts.by_segment.tables import SEGMENTS as OUTLOOK
from hm_assets.forecasts.decisions.tables import BUDGETS
from hm_assets.forecasts.tables import SCOREBOARD as FORECAST_SCORES
from hm_assets.forecasts.why.tables import SEGMENT_REASONS
from hm_assets.playbooks.metrics import (
    gather,
    of_data,
    of_lists,
    of_movement,
    of_strategy,
    of_trust,
)
from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.strategy.tables import ASSUMPTIONS, DECISION_MATRIX, JOURNEY, STRATEGY
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.movement.tables import SIZE_FORECAST, TRANSITIONS
from hm_assets.profiles.passport.tables import PASSPORT_CRITERIA
from hm_assets.profiles.validity.tables import VALIDITY
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.complements.tables import CROSS_SELL
from hm_assets.recommendations.launch.tables import LAUNCHES
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS
from hm_assets.recommendations.lists_for.tables import STYLES
from hm_assets.recommendations.tables import SCOREBOARD as LIST_SCORES
from hm_assets.segments.tables import CANDIDATES, NO_PURCHASE
from hm_assets.warehouse.schema import Table

Row = Mapping[str, Any]

# Tables whose rows are read, besides the profiles; each counts where it has been made.
READ: Final[Sequence[Table]] = (
    OUTLOOK,
    SEGMENT_REASONS,
    LISTS,
    STYLES,
    CROSS_SELL,
    TRANSITIONS,
    SIZE_FORECAST,
    PASSPORT_CRITERIA,
    VALIDITY,
    CANDIDATES,
    FORECAST_SCORES,
    LIST_SCORES,
    BUDGETS,
    QUESTIONS,
    CALENDAR,
    STRATEGY,
    JOURNEY,
)
# Tables whose rows are counted, by their log.
COUNTED: Final[Sequence[Table]] = (CUSTOMERS, ARTICLES, TRANSACTIONS)
# Tables whose figures come with the lines of `playbooks/strategy`, which printed them.
PRINTED: Final[Sequence[Table]] = (ASSUMPTIONS, DECISION_MATRIX, LAUNCHES)


@dataclass(frozen=True)
class Read:
    """What was read for a month.

    Attributes
    ----------
    profiles
        The month of `profiles/segment_profiles`, nothing withheld yet.
    rows
        Of each table of `READ`, by its path; none of a table that was not made.
    counts
        Rows of the tables of `COUNTED`, by path, up to the month.
    months
        Months with purchases, up to this one.
    """

    profiles: Sequence[Row]
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    months: Sequence[dt.date] = ()

    def of(self, table: Table) -> Sequence[Row]:
        """The rows of a table; none where it was not made."""
        return self.rows.get(table.path, ())


def store_of(read: Read, month: dt.date, versions: Mapping[str, str]) -> Store | None:
    """All figures that the documents of a month may print; None where nobody is profiled.

    Raises
    ------
    ContractError
        Two tables give different values for the same figure.
    """
    if not read.profiles:
        return None
    found = list(_figures(read))
    said = list(of_strategy.of_strategy(read.of(STRATEGY)))
    known = {figure.key: figure for figure in [*found, *said][::-1]}
    sizes = {
        int(row["segment_id"]): row["value"] or 0.0 for row in read.profiles if row["fact"] == "customers"
    }
    names = {int(row["segment_id"]): str(row["segment_name"]) for row in read.profiles}
    order = sorted(names, key=lambda i: (i == NO_PURCHASE, -sizes.get(i, 0.0), i))
    return Store.of(
        month,
        read.profiles[0]["as_of"],
        {str(i): names[i] for i in order},
        [*found, *said, *of_strategy.said_otherwise(said, known)],
        versions,
    )


def _figures(read: Read) -> Iterator[Figure]:
    rows = privacy.without(read.profiles, privacy.withheld(read.profiles))
    sizes = {int(row["segment_id"]): int(row["value"]) for row in read.profiles if row["fact"] == "customers"}
    yield from gather.of_profiles(rows)
    yield from of_data.of_counts(read.counts)
    yield from of_data.of_period(read.months)
    # Of fewer than twenty buyers even what is said of all together would tell of few.
    if sum(size for segment, size in sizes.items() if segment != NO_PURCHASE) < privacy.K:
        return
    parts: Iterable[Iterator[Figure]] = (
        gather.of_outlook(read.of(OUTLOOK), sizes),
        gather.of_reasons(read.of(SEGMENT_REASONS), sizes),
        of_lists.of_lists(read.of(LISTS), sizes),
        of_lists.of_styles(read.of(STYLES), sizes),
        of_lists.of_cross_sell(read.of(CROSS_SELL), sizes),
        of_movement.of_transitions(read.of(TRANSITIONS)),
        of_movement.of_size_forecast(read.of(SIZE_FORECAST), sizes),
        of_trust.of_criteria(read.of(PASSPORT_CRITERIA)),
        of_trust.of_validity(read.of(VALIDITY)),
        of_trust.of_lab(read.of(CANDIDATES)),
        of_trust.of_scores(read.of(FORECAST_SCORES)),
        of_trust.of_list_scores(read.of(LIST_SCORES)),
        of_data.of_questions(read.of(QUESTIONS)),
        of_data.of_calendar(read.of(CALENDAR)),
        of_data.of_budgets(read.of(BUDGETS)),
        of_strategy.of_steps(read.of(JOURNEY)),
    )
    for part in parts:
        yield from part

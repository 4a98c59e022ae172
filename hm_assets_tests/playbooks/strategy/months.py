"""A month of made-up rows of all tables that strategies are made of, in their real shape."""

from collections.abc import Mapping
from typing import Any

from hm_assets.playbooks.facts import read_profiles
from hm_assets.playbooks.strategy import assumptions, journey, lines, matrix
from hm_assets.playbooks.strategy.matrix import Month
from hm_assets.playbooks.strategy.rules import Rules, default
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.words import sentences
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, rows

CAMPAIGN = assumptions.Campaign(contact=0.01, margin=0.5, alpha=6, beta=14)
HOSTILE = "=HYPERLINK(1)<script>alert('🧥')</script>" + "x" * 10_000


def outlook() -> list[dict[str, Any]]:
    """`forecasts/segments`."""
    found = []
    for segment, leaving, value in (
        ("1", 0.05, 500.0),
        ("2", 0.9, 10.0),
        ("3", 0.3, 100.0),
        ("all", 0.4, 610.0),
    ):
        for measure, unit, figure in (
            ("ordering_90d", "share", 1 - leaving),
            ("leaving_90d", "share", leaving),
            ("next_order_days", "days", 20.0),
            ("past_cadence", "share", leaving / 2),
            ("value_90d", "price index", value / 1e6),
            ("value_90d_sum", "price index", value / 4),
            ("value_12m_sum", "price index", value),
        ):
            found.append(
                {
                    **{"as_of": AS_OF, "segment": segment, "measure": measure, "unit": unit, "value": figure},
                    **{"low": 0.9 * figure, "high": min(1.1 * figure, 1.0 if unit == "share" else 1e9)},
                    **{"customers": 100_000},
                }
            )
    return found


def lists() -> list[dict[str, Any]]:
    """`recommendations/segments`; the second article has a hostile name."""
    return [
        {
            **{"segment_id": 1, "as_of": AS_OF, "rank": rank, "article_id": f"010877500{rank}", "name": name},
            **{"type": "Dress", "colour": "Red", "price_step": "high", "price": 0.03, "lift": 1.5},
            **{"low": 1.2, "high": 1.9, "p_adjusted": 0.001, "buyers": 50},
        }
        for rank, name in ((1, "Strap top"), (2, HOSTILE), (3, None))
    ]


def cross_sell() -> list[dict[str, Any]]:
    """`recommendations/cross_sell`; the second gap is of few."""
    return [
        {
            **{"segment_id": 1, "as_of": AS_OF, "rank": rank, "have": "Skirt", "lack": lack},
            **{"customers": customers, "share": 0.25, "share_of_others": 0.5},
        }
        for rank, lack, customers in ((1, "Belt", 400), (2, "Scarf", 40))
    ]


def launches() -> list[dict[str, Any]]:
    """`recommendations/launches` with the names of its articles."""
    return [
        {
            **{
                "article_key": 954812001,
                "article_id": "0954812001",
                "name": "New blouse (1)",
                "as_of": AS_OF,
            },
            **{"segment_id": segment, "rank": rank, "customers": 1000, "over_index": 2.0},
            **{"expected_per_1000": 4.0 / rank, "low_per_1000": 0.0, "high_per_1000": 9.0 / rank},
        }
        for rank, segment in ((1, 1), (2, 3))
    ]


def transitions() -> list[dict[str, Any]]:
    """`profiles/transitions`."""
    cells = ((1, 1, 260_000), (1, 3, 9), (3, 1, 12_461), (3, 3, 536_000), (2, 2, 540_000))
    return [
        {"step": "all", "from_segment": start, "to_segment": end, "customers": many}
        for start, end, many in cells
    ]


def counts() -> dict[int, dict[str, int]]:
    """Customers by step."""
    return {
        1: steps(272_456, 272_456, 270_000, 250_000, 200_000),
        2: steps(540_825, 0, 0, 0, 0),
        3: steps(549_000, 300_000, 200_000, 100_000, 50_000),
    }


def steps(*reached: int) -> dict[str, int]:
    """What `journey.counts` gives for one segment, half of those who stopped being gone."""
    found = {f"reached_{n}": many for n, many in zip(journey.STEPS, reached, strict=True)}
    for n, many, after in zip(journey.STEPS, reached, reached[1:], strict=False):
        found[f"gone_{n}"] = (many - after) // 2
    return found


def effects(segment: str = "3", **more: Any) -> dict[str, Any]:
    """A row of `playbooks/campaign_effects`: one campaign kept a twentieth."""
    return {
        **{"segment": segment, "campaigns": 1, "assumption": False, "measured": 0.05},
        **{"prior_alpha": 6.0, "prior_beta": 14.0, "posterior_alpha": 30.0, "posterior_beta": 370.0},
        **more,
    }


def month(profile_rows: list[dict[str, Any]] | None = None, **tables: Any) -> Month:
    """Everything, or the given tables instead."""
    found = rows() if profile_rows is None else profile_rows
    made = {
        **{"outlook": outlook(), "lists": lists(), "cross_sell": cross_sell(), "launches": launches()},
        **tables,
    }
    return Month(read_profiles(sayable(found)), **made)


def sayable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return privacy.without(found, privacy.withheld(found))


def strategy(
    the: Month,
    profile_rows: list[dict[str, Any]] | None = None,
    rules: Rules | None = None,
    measured: Mapping[int, Mapping[str, Any]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table of the room, by name."""
    found, rules = rows() if profile_rows is None else profile_rows, rules or default()
    names = {profile.segment_id: profile.name for profile in the.profiles}
    counted = {i: row for i, row in counts().items() if i in names}
    made = {
        "journey": journey.whole(
            [*journey.steps(counted), *journey.flows(transitions(), names)], names, AS_OF, MONTH
        ),
        "decision_matrix": [{**row, "as_of": AS_OF} for row in matrix.rows(the, rules)],
    }
    days = {row["segment_id"]: (row["days_between"], row["most_contacts"]) for row in made["decision_matrix"]}
    made["assumptions"] = list(assumptions.rows(the, rules, days, CAMPAIGN, measured or {}))
    words = [
        said
        for segment in names
        for said in sentences.rows_of(
            [{"month": MONTH, **row} for row in found if row["segment_id"] == segment]
        )
    ]
    usable = privacy.sayable(words, privacy.withheld(found))
    made["strategy"] = list(lines.rows(the, sayable(found), usable, made, rules, AS_OF))
    return made

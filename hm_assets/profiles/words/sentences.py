"""A month's segments in sentences: rows of `profiles/segment_words`, made of `profiles/segment_profiles` alone."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.words.defining import defining, sentence
from hm_assets.profiles.words.pieces import Facts, Piece, Row, fill, plain
from hm_assets.profiles.words.rules import RULES
from hm_assets.segments.tables import NO_PURCHASE

# Who they are: their number and their median member. What is not in the data is left out.
NUMBER = ("{share_of_customers} of all who have bought", "{share_of_spend_365d} of the year’s spend")
NUMBER_NEVER_BOUGHT = ("Customers on file who have not bought yet",)
MEDIANS = ("last order {recency_days} ago", "orders in all {orders}", "age {age}")


def rows_of(profiles: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of `profiles/segment_words`, segment by segment; the order of the profiles does not matter.

    Parameters
    ----------
    profiles
        One month of `profiles/segment_profiles`, `month` included.
    """
    by_segment: dict[int, list[Row]] = {}
    for row in profiles:
        by_segment.setdefault(row["segment_id"], []).append(row)
    return [row for i in sorted(by_segment) for row in _segment(by_segment[i])]


def facts_of(rows: Sequence[Row]) -> Facts:
    """One segment's rows as `pieces.Facts`."""
    facts = {row["fact"]: row for row in rows if row["kind"] not in TASTES}
    best = sorted(
        (row for row in rows if row["kind"] in TASTES), key=lambda r: (-r["index_to_base"], r["fact"])
    )
    for row in best:
        facts.setdefault(row["kind"], row)
    return facts


def who(facts: Facts, has_bought: bool) -> list[Piece]:
    """Who they are, in a sentence."""
    number, medians = (
        [filled for each in clauses if (filled := fill(each, facts))]
        for clauses in (NUMBER if has_bought else NUMBER_NEVER_BOUGHT, MEDIANS)
    )
    if not number and not medians:
        return [Piece("Nothing about them is in the data.")]
    if not medians:
        return [*_listed(number), Piece(".")]
    joint = [*_listed(number), Piece("; at the median: ")] if number else [Piece("At the median: ")]
    return [*joint, *_listed(medians), Piece(".")]


def _listed(clauses: Sequence[list[Piece]]) -> list[Piece]:
    return [piece for i, clause in enumerate(clauses) for piece in ([Piece(", ")] if i else []) + clause]


def _segment(rows: Sequence[Row]) -> list[dict[str, Any]]:
    facts, head = facts_of(rows), rows[0]
    has_bought = head["segment_id"] != NO_PURCHASE
    said: list[tuple[str, list[Piece]]] = [("who", who(facts, has_bought))]
    if has_bought:
        said += [("defining", sentence(row)) for row in defining(facts)]
        said += [
            (rule.kind, pieces)
            for rule in RULES
            if rule.holds(facts) and (pieces := fill(rule.template, facts)) is not None
        ]
    place: dict[str, int] = {}
    found = []
    for kind, pieces in said:
        place[kind] = place.get(kind, 0) + 1
        lead = next((piece for piece in pieces if piece.fact), None)
        by_name = {(row["kind"], row["fact"]): row for row in rows}
        row = by_name[lead.kind, lead.fact] if lead else None
        found.append(
            {
                **{name: head[name] for name in ("as_of", "month", "segment_id", "segment_name")},
                "kind": kind,
                "position": place[kind],
                "sentence": plain(pieces),
                "facts": ", ".join(dict.fromkeys(f"{p.kind}/{p.fact}" for p in pieces if p.fact)),
                "figure": row[lead.field] if row and lead else None,
                "base": row["base"] if row else None,
                "effect": row.get("effect") if row else None,
                "pieces": json.dumps([piece.as_json() for piece in pieces], ensure_ascii=False),
            }
        )
    return found

"""Reasons in words, made of the columns that hold their facts, and of nothing else."""

import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.recommendations.lists_for.reasons import (
    AGE_BAND,
    BESTSELLER,
    BOUGHT,
    OTHER_COLOUR,
    SAME_TYPE,
    SOLD,
    TOGETHER,
    TYPE_DAYS,
)
from hm_assets.recommendations.lists_for.together import DAYS as TOGETHER_DAYS
from hm_assets.recommendations.weeks import DAYS

ONCE = " once"
# By kind: words, with the facts in braces; where the number is 1, those of the kind with `ONCE`.
WORDS = {
    BOUGHT + ONCE: "bought on {day}",
    BOUGHT: "bought on {count} days, last {day}",
    OTHER_COLOUR: "the same product as {of}, bought {day}",
    TOGETHER: (
        f"bought together {{count}} times in the last {TOGETHER_DAYS} days with {{of}}, which they bought {{day}}"
    ),
    SAME_TYPE + ONCE: f"{{of}}: bought once in the last {TYPE_DAYS} days, on {{day}}",
    SAME_TYPE: f"{{of}}: bought {{count}} times in the last {TYPE_DAYS} days, last {{day}}",
    AGE_BAND: f"number {{count}} in sales of the last {DAYS} days among customers {{of}}",
    BESTSELLER: f"number {{count}} of all that sold in the last {DAYS} days",
    SOLD + ONCE: "sold once in the last {days} days",
    SOLD: "sold {count} times in the last {days} days",
}


def words(kind: pa.Array, count: pa.Array, day: pa.Array, of: pa.Array, days: pa.Array) -> pa.Array:
    """Reasons in words (m).

    Parameters
    ----------
    kind, count, day, of
        Columns of `recommendations/customers` (m): the kind, its number, the day of the purchase that is told of, and
        what was bought or the age band.
    days
        Days of the in-stock window (m).
    """
    alone = pc.binary_join_element_wise(kind, ONCE, "")
    has_own_words = pc.is_in(alone, value_set=pa.array(list(WORDS)))
    wording = pc.if_else(pc.and_(pc.equal(count, 1), has_own_words), alone, kind)
    facts = {
        "count": pc.cast(count, pa.string()),
        "day": written(day),
        "of": of,
        "days": pc.cast(days, pa.string()),
    }
    parts, places = [], []
    for name, template in WORDS.items():
        rows = pc.indices_nonzero(pc.equal(wording, name))
        if not len(rows):
            continue
        pieces = []
        for text, fact in _pieces(template):
            pieces.append(pa.scalar(text, pa.string()))
            if fact:
                pieces.append(facts[fact].take(rows))
        parts.append(_whole(pc.binary_join_element_wise(*pieces, "")))
        places.append(rows)
    if not parts:
        return pa.array([], pa.string())
    return pa.concat_arrays(parts).take(pc.sort_indices(pa.concat_arrays(places)))


def written(day: pa.Array) -> pa.Array:
    """Days as `12 May 2019`; a day is written once, however often it occurs."""
    coded = day.dictionary_encode()
    text = pc.utf8_ltrim(pc.strftime(coded.dictionary.cast(pa.timestamp("s")), format="%d %B %Y"), "0")
    return text.take(coded.indices)


def _pieces(template: str) -> list[tuple[str, str]]:
    """Text, and the fact after it (or nothing)."""
    found = []
    for part in template.split("{"):
        fact, brace, text = part.partition("}")
        if not brace:
            found.append((part, ""))
            continue
        found[-1] = (found[-1][0], fact)
        found.append((text, ""))
    return found


def _whole(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array

"""What a topic is called and shown as: its words, the product types and the products that are most about it.

A name is read off the data: the product types that make up most of the topic, and its heaviest words that do not
repeat them. Names of one model differ; where two would be the same, one more word tells them apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.articles.topics import Floats, TopicModel

WORDS_IN_NAME, TYPES_SHOWN, EXEMPLARS = 3, 3, 3
# A topic of one product type is named after it alone.
MOSTLY = 0.5
ENOUGH_WORDS = 5


@dataclass(frozen=True)
class Topic:
    """One topic as a buyer reads it."""

    number: int
    name: str
    words: tuple[str, ...]
    product_types: tuple[tuple[str, float], ...]
    exemplars: tuple[str, ...]
    share: float


def describe(
    model: TopicModel,
    mixes: Floats,
    known_words: npt.NDArray[np.int64],
    articles: Sequence[int],
    values: Sequence[Mapping[str, str | None]],
) -> list[Topic]:
    """Every topic of a model.

    Parameters
    ----------
    model
        The fitted model.
    mixes, known_words
        What it says of each product, in the order of the product codes.
    articles
        How many articles each product has: shares are of articles.
    values
        The products' `product_type_name` and `prod_name`.
    """
    tops = model.top_words()
    leading, told = mixes.argmax(axis=1), known_words > 0
    found: list[Topic] = []
    for number, words in enumerate(tops):
        rows = np.flatnonzero((leading == number) & told)
        types = _types(rows, articles, values)
        name = _name(types, words, {topic.name for topic in found})
        exemplars = _exemplars(mixes[:, number], rows, known_words, values)
        share = float(np.average(mixes[:, number], weights=np.asarray(articles)))
        found.append(Topic(number + 1, name, tuple(words), types, exemplars, share))
    return found


def as_row(topic: Topic, method: str, used: bool) -> dict[str, Any]:
    """A topic as a row of `articles/topic_catalogue`."""
    return {
        "method": method,
        "topic": topic.number,
        "name": topic.name,
        "words": ", ".join(topic.words),
        "product_types": ", ".join(f"{kind} {share:.0%}" for kind, share in topic.product_types),
        "exemplars": ", ".join(topic.exemplars),
        "share": topic.share,
        "used": used,
    }


def _types(
    rows: npt.NDArray[Any], articles: Sequence[int], values: Sequence[Mapping[str, str | None]]
) -> tuple[tuple[str, float], ...]:
    counted: Counter[str] = Counter()
    for row in rows.tolist():
        counted[values[row]["product_type_name"] or "unknown type"] += articles[row]
    total = counted.total()
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:TYPES_SHOWN]
    return tuple((kind, count / total) for kind, count in ranked)


def _name(types: tuple[tuple[str, float], ...], words: Sequence[str], taken: set[str]) -> str:
    named = [kind for kind, _ in types[: 1 if types and types[0][1] > MOSTLY else 2]]
    head = " and ".join(named) if named else "No product"
    said = head.lower()
    telling = [word for word in words if word not in said and word.rstrip("s") not in said]
    for count in range(WORDS_IN_NAME, len(telling) + 1):
        name = f"{head}: {', '.join(telling[:count])}"
        if name not in taken:
            return name
    name = f"{head}: {', '.join(telling)}" if telling else head
    return name if name not in taken else f"{name} ({len(taken) + 1})"


def _exemplars(
    weights: Floats,
    rows: npt.NDArray[Any],
    known_words: npt.NDArray[np.int64],
    values: Sequence[Mapping[str, str | None]],
) -> tuple[str, ...]:
    """Names of products that are most about the topic, each name once; of texts long enough to say so, if there are."""
    long_enough = rows[known_words[rows] >= ENOUGH_WORDS]
    rows = long_enough if len(long_enough) else rows
    names: list[str] = []
    for row in rows[np.argsort(-weights[rows], kind="stable")].tolist():
        name, kind = values[row]["prod_name"], values[row]["product_type_name"]
        shown = f"{name} ({kind})" if kind else str(name)
        if name and shown not in names:
            names.append(shown)
        if len(names) == EXEMPLARS:
            break
    return tuple(names)

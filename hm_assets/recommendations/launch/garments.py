"""Garments as what a customer sees before anybody bought them: a vector of their text, and their attributes.

The text's vector is that of the kept vocabulary (`articles/vocabulary`), so a new garment lies among the old ones and
nothing is fitted for it. Attributes are compared as one-hot columns, each weighted by its inverse frequency among the
articles (as terms are in TF-IDF): to share a rare department says more than to share black.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.articles import text
from hm_assets.articles.vectorising import Vectoriser, smooth_idf
from hm_assets.segments.space import Bools, Floats, Ints

TYPE = "product_type_name"
ATTRIBUTES: Mapping[str, str] = {
    TYPE: "product type",
    "product_group_name": "product group",
    "department_name": "department",
    "section_name": "section",
    "colour_group_name": "colour",
    "graphical_appearance_name": "pattern",
    "garment_group_name": "garment group",
    "index_name": "index",
}
"""Column of `articles/articles` -> what it is called in words."""

UNKNOWN = -1


@dataclass(frozen=True)
class Levels:
    """The values of each attribute in the catalogue, in the order of the alphabet, and the weight of each."""

    names: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, Floats]

    @classmethod
    def of(cls, articles: pa.Table) -> "Levels":
        """Those of `articles/articles`."""
        names, weights = {}, {}
        for column in ATTRIBUTES:
            values = np.array(
                [value for value in articles[column].to_pylist() if value is not None], dtype=str
            )
            found, counts = np.unique(values, return_counts=True)
            names[column] = tuple(found.tolist())
            weights[column] = smooth_idf(counts.astype(np.int64), articles.num_rows)
        return cls(names, weights)

    def codes(self, articles: pa.Table) -> Ints:
        """Position of each article's value per attribute (n x attributes); -1 where it is empty or never seen."""
        columns = []
        for column in ATTRIBUTES:
            places = {name: place for place, name in enumerate(self.names[column])}
            columns.append([places.get(value, UNKNOWN) for value in articles[column].to_pylist()])
        return np.array(columns, dtype=np.int64).reshape(len(ATTRIBUTES), articles.num_rows).T.copy()


@dataclass(frozen=True)
class Garments:
    """n garments.

    Attributes
    ----------
    keys
        Article keys, ascending; of new garments their place in the file.
    vectors
        Of their texts, of length 1, or of zeros where no word is known (n x size).
    codes
        Positions in `levels`, -1 where unknown (n x attributes).
    """

    keys: Ints
    vectors: Floats
    codes: Ints
    levels: Levels

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, rows: Ints) -> "Garments":
        """Some of them, by position."""
        return replace(self, keys=self.keys[rows], vectors=self.vectors[rows], codes=self.codes[rows])

    def positions(self, keys: Ints) -> Ints:
        """Position of each key.

        Raises
        ------
        ValueError
            A key is not among them.
        """
        found = np.minimum(np.searchsorted(self.keys, keys), max(len(self) - 1, 0))
        if len(keys) and (not len(self) or (self.keys[found] != keys).any()):
            raise ValueError("an article was sold that is not in articles/articles: see raw/rejects")
        return np.asarray(found, dtype=np.int64)

    def in_text(self, vector: Floats) -> Floats:
        """Cosine of each garment's text with one vector of length 1 (n)."""
        # Not `@`: BLAS adds in another order for another number of rows.
        return np.asarray(np.einsum("ij,j->i", self.vectors, vector))

    def matches(self, codes: Ints) -> Bools:
        """Which attributes each garment shares with one that has these codes (n x attributes)."""
        return np.asarray((self.codes == codes) & (codes != UNKNOWN))

    def in_attributes(self, codes: Ints) -> Floats:
        """Cosine of the weighted one-hot attributes with those of one garment, in [0, 1] (n)."""
        shared = (self.matches(codes) * self._weights**2).sum(axis=1)
        length = self._length
        own = np.sqrt(sum(self._weight(j, code) ** 2 for j, code in enumerate(codes)))
        return np.asarray(shared / np.where(length * own > 0, length * own, 1))

    @cached_property
    def _weights(self) -> Floats:
        """Weight of each garment's value per attribute, 0 where unknown (n x attributes)."""
        columns = []
        for j, column in enumerate(ATTRIBUTES):
            weights = np.append(self.levels.weights[column], 0.0)
            columns.append(weights[self.codes[:, j]])
        return np.column_stack(columns)

    @cached_property
    def _length(self) -> Floats:
        return np.asarray(np.sqrt((self._weights**2).sum(axis=1)))

    def _weight(self, attribute: int, code: int) -> float:
        return 0.0 if code == UNKNOWN else float(self.levels.weights[list(ATTRIBUTES)[attribute]][code])


def catalogue(articles: pa.Table, embeddings: pa.Table) -> Garments:
    """Every article of the range.

    Parameters
    ----------
    articles
        `articles/articles`.
    embeddings
        `articles/embeddings`: a vector per product code.
    """
    articles = articles.sort_by("article_key")
    levels = Levels.of(articles)
    place = {code: i for i, code in enumerate(embeddings["product_code"].to_pylist())}
    flat = embeddings["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    by_product = flat.reshape(len(place), -1)
    rows = np.array([place[code] for code in articles["product_code"].to_pylist()], dtype=np.int64)
    return Garments(articles["article_key"].to_numpy(), by_product[rows], levels.codes(articles), levels)


def new(rows: Sequence[Mapping[str, Any]], vectoriser: Vectoriser, levels: Levels) -> Garments:
    """Garments that are not in the range yet, each by itself, in the order of the rows.

    Parameters
    ----------
    rows
        Columns of `articles/articles` as far as known; others are None or not there.
    vectoriser
        `articles/vocabulary`.
    levels
        Of the range: a value that the range does not have is unknown.
    """
    # Texts are made per product: the place in the file stands for its code.
    nothing = dict.fromkeys(text.FIELDS)
    named = [{**nothing, **row, "product_code": f"{i:09d}"} for i, row in enumerate(rows)]
    texts = [each.text for each in text.documents(named)]
    vectors = vectoriser.embed(vectoriser.terms.weights(vectoriser.terms.counts(texts)))
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in ATTRIBUTES})
    return Garments(np.arange(len(rows)), vectors.astype(np.float64), levels.codes(table), levels)

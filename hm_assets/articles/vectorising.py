"""Texts as numbers: two vectorisers with names, and their fitted state as a plain table.

`s0` are the settings of the original analysis: its token pattern knows letters only, so that "V-neck" becomes
"neck", "T-shirt" "shirt" and "3-pack" "pack". `fashion`, the default, takes words as `text.WORD` does and keeps those
that at least 4 in 10,000 products use (two products at the least), so that a larger catalogue does not drown in names.

The embedding is a truncated SVD of the TF-IDF matrix (latent semantic analysis, Deerwester et al. 1990). A product's
vector is its TF-IDF row times the terms' vectors, scaled to length 1.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.articles import text
from hm_assets.warehouse.threads import one_thread

RAREST_SHARE = 0.0004
VECTOR_SIZE = 64
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "s0": {
        "stop_words": "english",
        "max_features": 5000,
        "ngram_range": (1, 2),
        "min_df": 2,
        "max_df": 0.95,
        "token_pattern": r"\b[a-zA-Z][a-zA-Z]+\b",
    },
    "fashion": {
        "stop_words": "english",
        "max_features": 5000,
        "ngram_range": (1, 2),
        "min_df": RAREST_SHARE,
        "max_df": 0.5,
        "token_pattern": text.WORD,
    },
}


@dataclass(frozen=True)
class Terms:
    """What a fitted vectoriser does to a text: which terms it counts, in which order, and how much each weighs."""

    preset: str
    names: tuple[str, ...]
    idf: npt.NDArray[np.float64]

    def counts(self, texts: Sequence[str]) -> Any:
        """How often each text has each term (sparse, texts x terms)."""
        from sklearn.feature_extraction.text import CountVectorizer

        kept = {**PRESETS[self.preset], "min_df": 1, "max_df": 1.0, "max_features": None}
        if not any(" " in name for name in self.names):
            kept["ngram_range"] = (1, 1)
        counted = CountVectorizer(**kept, vocabulary=list(self.names)).transform(texts).tocsr()
        counted.sort_indices()
        return counted

    def weights(self, counts: Any) -> Any:
        """Counts as TF-IDF rows of length 1 (or 0 for a text without any known term)."""
        from scipy import sparse
        from sklearn.preprocessing import normalize

        return normalize(counts.astype(np.float64) @ sparse.diags(self.idf, format="csr"), copy=False)

    def single_words(self, texts: Sequence[str]) -> "Terms":
        """The terms of one word that at least two of these texts use, with the idf that they have there."""
        single = Terms(self.preset, tuple(name for name in self.names if " " not in name), np.empty(0))
        products = _products(single.counts(texts))
        kept = np.flatnonzero(products >= 2)
        return Terms(
            self.preset, tuple(single.names[i] for i in kept), smooth_idf(products[kept], len(texts))
        )

    @property
    def version(self) -> str:
        """Hash of what the terms do to a text."""
        digest = hashlib.sha256("\n".join([self.preset, *self.names]).encode())
        digest.update(self.idf.tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Vectoriser:
    """A fitted TF-IDF vectoriser: its terms, the products with each, and the terms' vectors (terms x size)."""

    terms: Terms
    products: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Sequence[str], preset: str, seed: int, size: int = VECTOR_SIZE) -> "Vectoriser":
        """Fit terms, idf and vectors.

        Parameters
        ----------
        texts
            One per product, in an order that does not depend on the run.
        preset
            A name in `PRESETS`.
        seed
            Of the randomised SVD.
        size
            Length of the vectors; shorter where there are fewer terms or texts.

        Raises
        ------
        ValueError
            No term is frequent enough.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectoriser = TfidfVectorizer(**settings(preset, len(texts)))
        try:
            weights = vectoriser.fit_transform(texts)
        except ValueError as error:
            raise ValueError(
                f"the article texts share no word: {len(texts)} products, preset {preset} ({error})"
            ) from error
        names = tuple(vectoriser.get_feature_names_out().tolist())
        terms = Terms(preset, names, np.asarray(vectoriser.idf_, dtype=np.float64))
        return cls(terms, _products(weights), _term_vectors(weights, size, seed))

    def embed(self, weights: Any) -> npt.NDArray[np.float32]:
        """TF-IDF rows as vectors of length 1 (of zeros for a text without any known term)."""
        vectors = np.asarray(weights @ self.vectors.astype(np.float64))
        # einsum adds row by row: a product's vector does not depend on how many others are embedded with it.
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        return np.asarray(vectors / np.where(lengths == 0, 1, lengths)[:, None], dtype=np.float32)

    def as_table(self, recipe: str, schema: pa.Schema) -> pa.Table:
        """One row per term, as `articles/vocabulary` keeps it."""
        size = len(self.terms.names)
        columns = {
            "term": list(self.terms.names),
            "position": list(range(size)),
            "products": self.products.tolist(),
            "idf": self.terms.idf.tolist(),
            "vector": self.vectors.tolist(),
            "preset": [self.terms.preset] * size,
            "recipe": [recipe] * size,
        }
        return pa.table(columns, schema=schema)

    @classmethod
    def from_table(cls, rows: pa.Table) -> "Vectoriser":
        """What `as_table` wrote, the rows in any order."""
        rows = rows.sort_by("position")
        terms = Terms(rows["preset"][0].as_py(), tuple(rows["term"].to_pylist()), rows["idf"].to_numpy())
        return cls(terms, rows["products"].to_numpy(), np.array(rows["vector"].to_pylist(), dtype=np.float32))


@dataclass(frozen=True)
class Difference:
    """A word of the fashion preset, and what another preset makes of it."""

    word: str
    products: int
    becomes: str


def lost_words(texts: Sequence[str], preset: str = "s0", count: int = 20) -> tuple[list[Difference], float]:
    """The words that a preset breaks or drops, most frequent first, and the share of texts that have one.

    Words that both leave out on purpose (stop words) are not counted.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    stop = CountVectorizer(stop_words="english").get_stop_words() or frozenset()
    pattern = re.compile(PRESETS[preset]["token_pattern"])
    products: Counter[str] = Counter()
    damaged = 0
    broken: dict[str, str | None] = {}
    for each in texts:
        found = set(text.words(each)) - stop
        for word in found:
            if word in broken:
                continue
            left = [part for part in pattern.findall(word) if part not in stop]
            broken[word] = None if left == [word] else " + ".join(left) or "nothing"
        lost = [word for word in found if broken[word] is not None]
        products.update(lost)
        damaged += bool(lost)
    ranked = sorted(products, key=lambda word: (-products[word], word))[:count]
    return [Difference(word, products[word], str(broken[word])) for word in ranked], damaged / max(
        len(texts), 1
    )


def smooth_idf(products: npt.NDArray[np.int64], texts: int) -> npt.NDArray[np.float64]:
    """Inverse document frequency as scikit-learn smooths it."""
    return np.asarray(np.log((1 + texts) / (1 + products)) + 1, dtype=np.float64)


def _products(counts: Any) -> npt.NDArray[np.int64]:
    """How many texts have each term."""
    return np.asarray((counts > 0).sum(axis=0), dtype=np.int64).ravel()


def settings(preset: str, texts: int) -> dict[str, Any]:
    """A preset as `CountVectorizer` takes it for so many texts: a share of them is at least two, and below all."""
    given = dict(PRESETS[preset])
    if isinstance(given["min_df"], float):
        given["min_df"] = max(2, round(given["min_df"] * texts))
    # A handful of texts share most of their words; a share must leave room for the rarest.
    if given["max_df"] * texts < given["min_df"]:
        given |= {"max_df": 1.0, "min_df": 1}
    return given


def _term_vectors(weights: Any, size: int, seed: int) -> npt.NDArray[np.float32]:
    from sklearn.decomposition import TruncatedSVD

    size = min(size, weights.shape[1] - 1, weights.shape[0] - 1)
    if size < 1:
        return np.ones((weights.shape[1], 1), dtype=np.float32)
    with one_thread():
        fitted = TruncatedSVD(size, random_state=seed).fit(weights)
    return np.asarray(fitted.components_.T, dtype=np.float32)

"""Which topic model to use: both methods with several numbers of topics, and one rule for every catalogue.

Every candidate is fitted anew with other seeds and on samples of 80 % of the products. Its coherence is the mean over
these fits, its stability the cosine of the first fit's topics with their partners in each other fit.

The rule, for each method: of the candidates whose topics stay the same (mean matched cosine of at least 0.75) the
most coherent one; of those within 0.01 of it, which is what refitting moves it by, the one with most topics, since they
tell more. Of the two methods' candidates the more coherent one is used; one that stays the same goes before one that
does not.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from hm_assets.articles import coherence, text, topics
from hm_assets.articles.topics import TopicModel
from hm_assets.articles.vectorising import Terms
from hm_assets.warehouse import beside

STEADY, NOISE, SAME_TOPIC = 0.75, 0.01, 0.8
KS = {"quick": (8, 12), "full": (8, 12, 16, 20, 24)}
SEEDS = {"quick": 1, "full": 3}
SUBSAMPLES = {"quick": 1, "full": 2}
SUBSAMPLE_SHARE = 0.8
USED, BESIDE = "used: the more coherent of the two methods", "kept beside: the best of its method"


@dataclass(frozen=True)
class Fitted:
    """One method with one number of topics: its model, the fits that it is compared with, and the seconds of a fit."""

    model: TopicModel
    others: tuple[TopicModel, ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """A fitted model and its measures, as in `articles/topic_candidates`."""

    model: TopicModel
    coherence: float
    coherence_low: float
    coherence_high: float
    matched_cosine: float
    matched_cosine_min: float
    steady_share: float
    diversity: float
    nmi_product_type: float
    fits: int
    verdict: str = ""

    @property
    def steady(self) -> bool:
        """Whether its topics stay the same over seeds and samples."""
        return self.matched_cosine >= STEADY


def fits(terms: Terms, counts: Any, seed: int, depth: str, workers: int = 1) -> Iterator[Fitted]:
    """Every candidate in order; so many `workers` share them.

    A catalogue of a few products has fewer topics than any candidate: half as many as texts or words.
    """
    most = min(counts.shape) // 2
    ks = [k for k in KS[depth] if k <= most] or [most]
    asked = [(method, k) for method in topics.METHODS for k in ks if k > 0]
    return beside.each(partial(_fitted, terms=terms, counts=counts, seed=seed, depth=depth), asked, workers)


def _fitted(asked: tuple[str, int], terms: Terms, counts: Any, seed: int, depth: str) -> Fitted:
    method, k = asked
    started = time.perf_counter()
    model = topics.fit(method, terms, counts, k, seed, depth)
    others = [topics.fit(method, terms, counts, k, seed + i, depth) for i in range(1, SEEDS[depth])]
    for i in range(SUBSAMPLES[depth]):
        rows = _subsample(counts.shape[0], seed + i)
        others.append(topics.fit(method, terms, counts[rows], k, seed, depth))
    return Fitted(model, tuple(others), (time.perf_counter() - started) / (1 + len(others)))


def _subsample(size: int, seed: int) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(size, max(1, int(SUBSAMPLE_SHARE * size)), replace=False))


def judge(
    found: Sequence[Fitted], texts: Sequence[str], counts: Any, kinds: Sequence[str | None]
) -> list[Candidate]:
    """Measure the candidates and say of each what the rule makes of it.

    Parameters
    ----------
    found
        What `fits` gave.
    texts, counts
        What they were fitted on.
    kinds
        The product type of each text.

    Raises
    ------
    ValueError
        There is no candidate: too few texts or words.
    """
    if not found:
        raise ValueError(
            f"no topic model fits {counts.shape[0]} texts with {counts.shape[1]} different words"
        )
    known = set(found[0].model.terms.names)
    # The words that the models see: coherence is about them, not about the words between.
    read = [[word for word in text.words(each) if word in known] for each in texts]
    tops = [[model.top_words() for model in (each.model, *each.others)] for each in found]
    scores = iter(coherence.c_npmi([topic for models in tops for words in models for topic in words], read))
    measured = []
    for each, models in zip(found, tops, strict=True):
        means = [float(np.mean([next(scores) for _ in words])) for words in models]
        measured.append(_measured(each, models[0], means, counts, kinds))
    return _with_verdicts(measured)


def _measured(
    fitted: Fitted, words: list[list[str]], means: list[float], counts: Any, kinds: Sequence[str | None]
) -> Candidate:
    from sklearn.metrics import normalized_mutual_info_score

    model = fitted.model
    matched = np.concatenate([coherence.matched_cosine(model.topics, o.topics) for o in fitted.others])
    leading = model.mix(counts)[0].argmax(axis=1)
    return Candidate(
        model,
        coherence=float(np.mean(means)),
        coherence_low=min(means),
        coherence_high=max(means),
        matched_cosine=float(matched.mean()),
        matched_cosine_min=float(matched.min()),
        steady_share=float((matched >= SAME_TOPIC).mean()),
        diversity=coherence.diversity(words),
        nmi_product_type=float(normalized_mutual_info_score([kind or "" for kind in kinds], leading)),
        fits=1 + len(fitted.others),
    )


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The rule for the candidates of one method."""
    admissible = [each for each in candidates if each.steady]
    if not admissible:
        return max(candidates, key=lambda c: (c.coherence, -c.model.k))
    best = max(each.coherence for each in admissible)
    return max((c for c in admissible if c.coherence >= best - NOISE), key=lambda c: c.model.k)


def _with_verdicts(candidates: Sequence[Candidate]) -> list[Candidate]:
    by_method = {method: [c for c in candidates if c.model.method == method] for method in topics.METHODS}
    kept = {method: choose(rivals) for method, rivals in by_method.items() if rivals}
    used = max(kept.values(), key=lambda c: (c.steady, c.coherence))
    return [replace(each, verdict=_verdict(each, kept[each.model.method], used)) for each in candidates]


def _verdict(each: Candidate, kept: Candidate, used: Candidate) -> str:
    changes = f"topics change from fit to fit: matched cosine {each.matched_cosine:.2f}, {STEADY} wanted"
    if each is used or each is kept:
        what = USED if each is used else BESIDE
        return what if each.steady else f"{what}, though {changes}"
    if not each.steady:
        return changes
    if each.model.k < kept.model.k and each.coherence >= kept.coherence - NOISE:
        return f"as coherent as k={kept.model.k} within {NOISE}, but fewer topics"
    return f"less coherent than k={kept.model.k}"


def as_row(candidate: Candidate, products: int, depth: str, recipe: str) -> dict[str, Any]:
    """A candidate as a row of `articles/topic_candidates`; only those that are kept carry their model."""
    row = {field.name: getattr(candidate, field.name) for field in fields(candidate) if field.name != "model"}
    kept = candidate.verdict.startswith((USED, BESIDE))
    return row | {
        "method": candidate.model.method,
        "k": candidate.model.k,
        "products": products,
        "depth": depth,
        "recipe": recipe,
        "model": candidate.model.as_json() if kept else None,
    }


def unknown_share(terms: Terms, texts: Sequence[str]) -> float:
    """Share of the words of these texts that no topic knows, stop words aside; null texts count as nothing."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    known = set(terms.names)
    read = [word for each in texts for word in text.words(each) if word not in ENGLISH_STOP_WORDS]
    return sum(word not in known for word in read) / len(read) if read else 0.0

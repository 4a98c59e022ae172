"""Topic models: which words go together, and how much of each topic a text holds.

Two methods. LDA (Blei, Ng and Jordan 2003; Hoffman, Blei and Bach 2010; gensim's implementation) explains word counts,
so it is given counts and never weights. NMF (Lee and Seung 1999; scikit-learn's implementation) factorises the TF-IDF
matrix from a fixed start, `nndsvda` (Boutsidis and Gallopoulos 2008): with a random start it would be as unstable as
LDA is.

Scoring is our own for both: the words' weights stay as fitted, and a text's mix depends on that text alone, not on a
random start or on the texts that are scored with it, so a new article never moves the mix of an old one.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.articles.vectorising import Terms
from hm_assets.warehouse.threads import one_thread

Floats = npt.NDArray[np.float64]

METHODS = ("nmf", "lda")
TOP_WORDS = 10
PASSES = {"quick": 2, "full": 5}
NMF_ITERATIONS = {"quick": 100, "full": 200}
SCORING_ROUNDS, SCORING_TOLERANCE = 100, 1e-4


@dataclass(frozen=True)
class TopicModel:
    """A fitted model: the words it knows, and its topics as word distributions (topics x words, rows sum to 1).

    `evidence` is what the texts said of each word in each topic (LDA's variational lambda; empty for NMF), `prior`
    LDA's prior of the topics; `usual` is the mean mix of the texts that it was fitted on.
    """

    method: str
    terms: Terms
    topics: Floats
    evidence: Floats
    prior: Floats
    usual: Floats

    @property
    def k(self) -> int:
        """Number of topics."""
        return len(self.topics)

    def mix(self, counts: Any) -> tuple[Floats, npt.NDArray[np.int64]]:
        """The topic mix of each text (texts x topics, rows sum to 1) and how many known words it has.

        A text without any known word, or with none that a topic uses, gets the usual mix.

        Parameters
        ----------
        counts
            What `terms.counts` gives for the texts.
        """
        known = np.asarray(counts.sum(axis=1), dtype=np.int64).ravel()
        if self.method == "lda":
            scores = _lda_scores(counts, self.evidence, self.prior)
        else:
            scores = _nmf_scores(self.terms.weights(counts), self.topics)
        sums = scores.sum(axis=1)
        told = (sums > 0) & (known > 0)
        mixes = np.where(told[:, None], scores / np.where(sums > 0, sums, 1)[:, None], self.usual)
        return np.asarray(mixes, dtype=np.float64), known

    def top_words(self, count: int = TOP_WORDS) -> list[list[str]]:
        """The heaviest words of each topic, heaviest first; of equally heavy ones the first in the alphabet."""
        heaviest = np.argsort(-self.topics, axis=1, kind="stable")[:, :count]
        return [[self.terms.names[i] for i in topic] for topic in heaviest]

    def as_json(self) -> str:
        """The model as text; every number comes back exactly."""
        learned = self.evidence if self.method == "lda" else self.topics
        found = {
            "method": self.method,
            "preset": self.terms.preset,
            "words": list(self.terms.names),
            "idf": self.terms.idf.tolist(),
            "prior": self.prior.tolist(),
            "usual": self.usual.tolist(),
            "learned": learned.tolist(),
        }
        return json.dumps(found, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "TopicModel":
        """What `as_json` wrote."""
        found = json.loads(text)
        terms = Terms(found["preset"], tuple(found["words"]), np.array(found["idf"]))
        learned = np.array(found["learned"])
        prior, usual = np.array(found["prior"]), np.array(found["usual"])
        if found["method"] == "lda":
            return cls("lda", terms, _shares(learned), learned, prior, usual)
        return cls("nmf", terms, learned, np.empty((0, 0)), prior, usual)


def fit(method: str, terms: Terms, counts: Any, k: int, seed: int, depth: str) -> TopicModel:
    """Fit `k` topics.

    Parameters
    ----------
    method
        `nmf` or `lda`.
    terms
        The words; their idf weighs them for NMF.
    counts
        Sparse texts x words, in an order that does not depend on the run.
    seed
        Of LDA's start; NMF's start needs it for the randomised SVD only.

    Raises
    ------
    ValueError
        The counts are no counts, or there are fewer texts or words than topics.
    """
    if min(counts.shape) < k:
        raise ValueError(f"{k} topics need as many texts and words; there are {counts.shape}")
    if not np.array_equal(counts.data, np.round(counts.data)):
        raise ValueError("LDA explains word counts; it was given weights")
    even = np.full(k, 1 / k)
    with one_thread():
        if method == "lda":
            evidence, prior = _fit_lda(counts, k, seed, PASSES[depth])
            unscored = TopicModel("lda", terms, _shares(evidence), evidence, prior, even)
        else:
            topics = _fit_nmf(terms.weights(counts), k, seed, NMF_ITERATIONS[depth])
            unscored = TopicModel("nmf", terms, topics, np.empty((0, 0)), np.empty(0), even)
        usual = unscored.mix(counts)[0].mean(axis=0)
    return replace(unscored, usual=usual / usual.sum())


def _fit_nmf(weights: Any, k: int, seed: int, iterations: int) -> Floats:
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(k, init="nndsvda", solver="cd", max_iter=iterations, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return _shares(np.asarray(model.fit(weights).components_, dtype=np.float64))


def _fit_lda(counts: Any, k: int, seed: int, passes: int) -> tuple[Floats, Floats]:
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    # Learned priors of topics and words gave the steadiest of the settings that were tried; see docs/real-data.md.
    model = LdaModel(
        Sparse2Corpus(counts.astype(np.int64), documents_columns=False),
        id2word={i: str(i) for i in range(counts.shape[1])},
        num_topics=k,
        passes=passes,
        chunksize=2000,
        alpha="auto",
        eta="auto",
        eval_every=None,
        random_state=seed,
    )
    return np.asarray(model.state.get_lambda(), dtype=np.float64), np.asarray(model.alpha, dtype=np.float64)


def _nmf_scores(weights: Any, topics: Floats) -> Floats:
    """Non-negative least squares of each row on the topics, by coordinate descent with the topics fixed."""
    gram = np.einsum("kw,jw->kj", topics, topics)
    wanted = np.asarray(weights @ np.ascontiguousarray(topics.T))
    scores = np.zeros_like(wanted)
    moving = np.arange(len(wanted))
    for _ in range(SCORING_ROUNDS):
        part, target = scores[moving], wanted[moving]
        before = part.copy()
        for k in range(len(topics)):
            gradient = target[:, k] - np.einsum("ij,j->i", part, gram[k])
            part[:, k] = np.maximum(part[:, k] + gradient / max(gram[k, k], 1e-300), 0)
        scores[moving] = part
        change = np.abs(part - before).sum(axis=1)
        moving = moving[change > SCORING_TOLERANCE * np.maximum(part.sum(axis=1), 1e-300)]
        if not len(moving):
            break
    return scores


def _lda_scores(counts: Any, evidence: Floats, prior: Floats) -> Floats:
    """Variational E-step (Hoffman, Blei and Bach 2010, algorithm 1) from an even start; rows are its gamma."""
    from scipy.special import digamma

    beta = np.exp(digamma(evidence) - digamma(evidence.sum(axis=1))[:, None]).T.copy()
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    gamma = prior + (lengths / len(prior))[:, None]
    moving = np.arange(counts.shape[0])
    for _ in range(SCORING_ROUNDS):
        rows, before = counts[moving].astype(np.float64), gamma[moving]
        theta = np.exp(digamma(before) - digamma(before.sum(axis=1))[:, None])
        where = np.repeat(np.arange(len(moving)), np.diff(rows.indptr))
        rows.data = rows.data / (np.einsum("nk,nk->n", theta[where], beta[rows.indices]) + 1e-100)
        gamma[moving] = prior + theta * np.asarray(rows @ beta)
        change = np.abs(gamma[moving] - before).mean(axis=1)
        moving = moving[change > SCORING_TOLERANCE]
        if not len(moving):
            break
    return gamma


def unit(rows: Floats) -> Floats:
    """Each row scaled to length 1; a row of zeros stays."""
    lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def _shares(rows: Floats) -> Floats:
    """Each row divided by its sum; a row of zeros becomes even."""
    sums = rows.sum(axis=1, keepdims=True)
    shares = np.where(sums > 0, rows / np.where(sums > 0, sums, 1), 1 / rows.shape[1])
    # Sums follow the order in memory: a model that was read back must add up as the one that was fitted.
    return np.ascontiguousarray(shares, dtype=np.float64)

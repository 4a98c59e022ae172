"""Segments by what customers choose: latent Dirichlet allocation (Blei, Ng and Jordan 2003) over counts of units.

Batch variational Bayes as in Hoffman, Blei and Bach (2010), for all customers in one matrix: scikit-learn and gensim
go customer by customer, which takes fifteen times as long for documents as short as these, and resampling needs
it often.
"""

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Counts, nearest
from hm_assets.segments.space import Floats

STARTS = 5
ROUNDS, STEPS = 20, 20
STILL = 0.01


@guarded
def taste_topics(data: Data, k: int, seed: int) -> Fitted:
    """A topic for each segment: how its customers choose among attributes, from counts of units (n x attributes).

    A customer's own segment is their largest topic. The model that places anybody takes each to buy from one
    topic only: a multinomial per segment, with the topics' words and shares of customers. Who has bought nothing
    goes to the most frequent topic. Of five starts the likeliest; both priors are 1 / k.

    Facts: `agreement` (share of rows where both say the same), `perplexity` (of these rows).

    Raises
    ------
    CannotFit
        A count is negative, or nobody has bought anything.
    """
    counts = data.points
    if (counts < 0).any():
        raise CannotFit("topics explain counts of units, and one of them is below 0")
    bought = counts.sum(axis=1) > 0
    if not bought.any():
        raise CannotFit("nobody has bought anything that a topic could explain")
    rng = np.random.default_rng(seed)
    tries = [_topics(counts[bought], k, rng) for _ in range(STARTS)]
    perplexity, mixtures, topics = min(tries, key=lambda found: found[0])
    largest = mixtures.argmax(axis=1)
    customers = np.bincount(largest, minlength=k)
    own = np.full(len(counts), customers.argmax())
    own[bought] = largest
    # One customer more each, so that a topic which is nobody's largest stays possible.
    model = Counts((customers + 1) / (customers + 1).sum(), topics)
    agreement = float(np.mean(nearest(model, counts) == own))
    return Fitted(model, own, {"agreement": agreement, "perplexity": perplexity})


def _topics(counts: Floats, k: int, rng: np.random.Generator) -> tuple[float, Floats, Floats]:
    """Perplexity, topics of each customer (n x k) and words of each topic (k x axes) from one random start."""
    prior = 1 / k
    words = rng.gamma(100.0, 0.01, (k, counts.shape[1]))
    for _ in range(ROUNDS):
        likely = _geometric(words)
        mixtures = np.ones((len(counts), k))
        for _ in range(STEPS):
            before, weights = mixtures, _geometric(mixtures)
            mixtures = prior + weights * ((counts / (weights @ likely)) @ likely.T)
            if np.abs(mixtures - before).mean() < STILL:
                break
        weights = _geometric(mixtures)
        words = prior + likely * (weights.T @ (counts / (weights @ likely)))
    mixtures, words = (part / part.sum(axis=1, keepdims=True) for part in (mixtures, words))
    perplexity = float(np.exp(-(counts * np.log(mixtures @ words)).sum() / counts.sum()))
    return perplexity, mixtures, words


def _geometric(parameters: Floats) -> Floats:
    """exp E(log p) for rows p of Dirichlet distributions; never 0, which a share without any evidence underflows to."""
    from scipy.special import digamma

    logs = digamma(parameters) - digamma(parameters.sum(axis=1, keepdims=True))
    return np.asarray(np.exp(logs) + np.finfo(np.float64).tiny)

"""Segments by what customers choose: latent Dirichlet allocation (Blei, Ng and Jordan 2003) over counts of units."""

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Counts, nearest

ITERATIONS = 50


@guarded
def taste_topics(data: Data, k: int, seed: int) -> Fitted:
    """A topic for each segment: how its customers choose among attributes, from counts of units (n x attributes).

    A customer's own segment is their largest topic. The model that places anybody takes each to buy from one
    topic only: a multinomial per segment, with the topics' words and shares of customers. Who has bought nothing
    goes to the most frequent topic.

    Facts: `agreement` (share of rows where both say the same), `perplexity`, `iterations`.

    Raises
    ------
    CannotFit
        A count is negative, or nobody has bought anything.
    """
    from sklearn.decomposition import LatentDirichletAllocation

    counts = data.points
    if (counts < 0).any():
        raise CannotFit("topics explain counts of units, and one of them is below 0")
    bought = counts.sum(axis=1) > 0
    if not bought.any():
        raise CannotFit("nobody has bought anything that a topic could explain")
    topics = LatentDirichletAllocation(k, learning_method="batch", max_iter=ITERATIONS, random_state=seed)
    largest = topics.fit_transform(counts[bought]).argmax(axis=1)
    customers = np.bincount(largest, minlength=k)
    own = np.full(len(counts), customers.argmax())
    own[bought] = largest
    # One customer more each, so that a topic which is nobody's largest stays possible.
    weights = (customers + 1) / (customers + 1).sum()
    model = Counts(weights, topics.components_ / topics.components_.sum(axis=1, keepdims=True))
    facts = {
        "agreement": float(np.mean(nearest(model, counts) == own)),
        "perplexity": float(topics.bound_),
        "iterations": float(topics.n_iter_),
    }
    return Fitted(model, own, facts)

"""Whether topics mean something and stay the same.

- `c_npmi` (Bouma 2009; Roeder, Both and Hinneburg 2015; gensim's implementation): how much more often the ten heaviest
  words of a topic stand near each other than by chance, from -1 to 1.
- matched cosine: the topics of two fits are paired so that their word distributions are most alike (Hungarian
  method); 1 = the same topics.
- diversity (Dieng, Ruiz and Blei 2020): the share of different words among the heaviest of all topics.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hm_assets.articles.topics import TOP_WORDS, Floats, unit


def c_npmi(topics: Sequence[Sequence[str]], texts: Sequence[Sequence[str]]) -> Floats:
    """Coherence of each topic, given as its heaviest words; all topics in one pass over the texts."""
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    different = sorted({tuple(topic) for topic in topics})
    wanted = sorted({word for topic in different for word in topic})
    # One text per line of words, and every word known even where no text has it.
    model = CoherenceModel(
        topics=[list(topic) for topic in different],
        texts=texts,
        dictionary=Dictionary([wanted]),
        coherence="c_npmi",
        topn=TOP_WORDS,
        processes=1,
    )
    found = dict(zip(different, model.get_coherence_per_topic(), strict=True))
    # A topic of a single word stands near nothing: no coherence.
    return np.nan_to_num(np.array([found[tuple(topic)] for topic in topics], dtype=np.float64))


def matched_cosine(first: Floats, second: Floats) -> Floats:
    """Cosine of each topic of `first` with its partner in `second` (topics x words, the same words)."""
    from scipy.optimize import linear_sum_assignment

    similarity = unit(first) @ unit(second).T
    rows, columns = linear_sum_assignment(-similarity)
    return np.asarray(similarity[rows, columns])


def diversity(top_words: Sequence[Sequence[Any]]) -> float:
    """Share of different words among the heaviest words of all topics."""
    every = [word for words in top_words for word in words]
    return len(set(every)) / len(every) if every else 0.0

"""The kind of each article: a code per value of an attribute of the catalogue."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.recommendations.ladder.rung import Known
from hm_assets.segments.space import Ints


def kind_of(known: Known, attribute: str) -> tuple[Ints, int]:
    """Code of each article of `known.purchases` (articles), and how many codes there are.

    Unknown values, articles that are not in the catalogue and a catalogue without the attribute have code 0.
    """
    keys, catalogue = known.purchases.articles, known.catalogue
    if attribute not in catalogue.column_names or not catalogue.num_rows:
        return np.zeros(len(keys), dtype=np.int64), 1
    place = pc.index_in(pa.array(keys), catalogue["article_key"].combine_chunks())
    values = pc.fill_null(pc.take(catalogue[attribute], place), "")
    _, codes = np.unique(values.to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    empty = pc.equal(values, "").to_numpy(zero_copy_only=False)
    return np.where(empty, 0, codes + 1).astype(np.int64), int(codes.max(initial=0)) + 2

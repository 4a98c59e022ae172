"""One peer on one day, in an interpreter of its own: `PYTHON benchmarks/recommendations_peers.py FOLDER DAY PEER`.

Called by `benchmarks.recommendations`, which wrote FOLDER/DAY.npz: customers (n), articles (m), and per customer and
article (rows, by customer) the positions, the days on which it was bought, the weight (a purchase counts half after 60
days) and days since the last one; `asked`, positions of the customers to make lists for. Prints seconds as JSON and
writes FOLDER/DAY-PEER.npy: their lists (asked x 12, positions of articles; -1: none). Knows nothing of this platform,
and reads NumPy's files because RecTools 0.19 pins a NumPy that current pyarrow refuses.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse

LENGTH = 12
SEED = 42
FEWEST_BUYERS = 50
"""Of an article that an item-item model learns from: without, a single buyer makes two articles alike."""
NEIGHBOURS = 5
"""Both were picked on 300 customers of Complete Journey on 2017-09-04, a day that is judged: to the peers' favour."""
MOST_SOLD = 5_000
"""Articles of EASE, whose matrix is dense."""


def implicit_peer(name: str, data: dict, matrix: sparse.csr_matrix) -> np.ndarray:
    """implicit: item-item by BM25 or cosine, and ALS; owned articles allowed."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    columns = np.arange(matrix.shape[1])
    if name == "implicit_als":
        model = AlternatingLeastSquares(
            factors=64, regularization=0.05, alpha=10, iterations=15, random_state=SEED, num_threads=1
        )
    else:
        # Positions of the articles with buyers enough.
        columns = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= FEWEST_BUYERS)
        matrix = matrix[:, columns]
        kind = BM25Recommender if name == "implicit_bm25" else CosineRecommender
        model = kind(K=NEIGHBOURS, num_threads=1)
    model.fit(matrix, show_progress=False)
    ids, scores = model.recommend(
        data["asked"], matrix[data["asked"]], N=LENGTH, filter_already_liked_items=False
    )
    return np.where((ids >= 0) & (scores > 0), columns[ids], -1)


def rectools_peer(name: str, data: dict, weights: np.ndarray) -> np.ndarray:
    """RecTools with `filter_viewed=False`, for the default takes what people come back for out of the lists."""
    import datetime as dt

    import pandas as pd
    from implicit.nearest_neighbours import TFIDFRecommender
    from rectools.dataset import Dataset
    from rectools.models import EASEModel, ImplicitItemKNNWrapperModel, PopularModel, PureSVDModel

    today = pd.Timestamp("2020-01-01")
    rows = pd.DataFrame(
        {
            "user_id": data["customer"],
            "item_id": data["article"],
            "weight": weights,
            "datetime": today - pd.to_timedelta(data["ago"], unit="D"),
        }
    )
    if name.startswith("rectools_ease"):
        sold = rows.groupby("item_id").weight.sum().sort_values(ascending=False, kind="stable")
        rows = rows[rows.item_id.isin(sold.index[:MOST_SOLD])]
    # A whole number as its seed is refused by scipy 1.17 with NumPy 1.26.
    drawn = np.random.default_rng(SEED)
    model = {
        "rectools_popular": lambda: PopularModel(period=dt.timedelta(days=7)),
        "rectools_pure_svd": lambda: PureSVDModel(factors=256, random_state=drawn, recommend_n_threads=1),
        "rectools_item_knn": lambda: ImplicitItemKNNWrapperModel(
            TFIDFRecommender(K=NEIGHBOURS, num_threads=1)
        ),
        "rectools_ease": lambda: EASEModel(regularization=100, recommend_n_threads=1),
        "rectools_ease_weights_turned": lambda: EASEModel(regularization=100, recommend_n_threads=1),
    }[name]()
    dataset = Dataset.construct(rows)
    model.fit(dataset)
    if name == "rectools_ease_weights_turned":
        # 0.19.0 multiplies a customer's row with the transposed matrix of weights.
        model.weight = np.ascontiguousarray(model.weight.T)
    asked = data["asked"][np.isin(data["asked"], rows.user_id.to_numpy())]
    said = model.recommend(users=asked, dataset=dataset, k=LENGTH, filter_viewed=False)
    said = said[said.score > 0]
    lists = np.full((len(data["asked"]), LENGTH), -1)
    place = {who: i for i, who in enumerate(data["asked"].tolist())}
    lists[said.user_id.map(place).to_numpy(), said["rank"].to_numpy() - 1] = said.item_id.to_numpy()
    return lists


def main() -> None:
    """Fit, make the lists, and say how long it took."""
    folder, day, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    with np.load(folder / f"{day}.npz") as stored:
        data = dict(stored)
    weights = data["weight"].astype(np.float32)
    shape = (len(data["customers"]), len(data["articles"]))
    matrix = sparse.csr_matrix((weights, (data["customer"], data["article"])), shape=shape)
    started = time.process_time()
    own = name.startswith("implicit")
    lists = implicit_peer(name, data, matrix) if own else rectools_peer(name, data, weights)
    np.save(folder / f"{day}-{name}.npy", lists.astype(np.int64))
    print(json.dumps({"seconds": time.process_time() - started}))


if __name__ == "__main__":
    main()

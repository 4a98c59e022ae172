"""What people call the algorithms and the spaces, as the field writes them."""

from collections.abc import Mapping

ALGORITHMS: Mapping[str, str] = {
    "kmeans": "k-means",
    "minibatch_kmeans": "Mini-batch k-means",
    "bisecting_kmeans": "Bisecting k-means",
    "gaussian_mixture": "Gaussian mixture",
    "ward": "Ward",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "k_prototypes": "k-prototypes",
    "temporal": "Temporal shape",
    "taste": "Taste topics",
    "rfm_grid": "RFM grid",
    "merged_rfm_grid": "Merged RFM grid",
    "supervised_tree": "Supervised tree",
    "consensus": "Consensus",
    "spark_kmeans": "k-means (Spark)",
    "spark_bisecting_kmeans": "Bisecting k-means (Spark)",
    "spark_gaussian_mixture": "Gaussian mixture (Spark)",
    "spark_power_iteration": "Power iteration (Spark)",
    "recency_quintiles": "Recency quintiles",
    "monetary_quintiles": "Monetary quintiles",
}
# In these an algorithm needs no word on where it looked.
USUAL_SPACES = {"taste": "taste", "temporal": "monthly_shape", "k_prototypes": "rfm_mixed"}
SPACES: Mapping[str, str] = {"rfm_rhythm": "rhythm", "spend_frequency_price": "with price"}
# What a space holds, as it is said of it.
HELD: Mapping[str, str] = {
    "rfm": "recency, frequency and spend",
    "rfm_rhythm": "recency, frequency, spend and rhythm",
    "spend_frequency_price": "spend, frequency and price",
    "rfm_mixed": "recency, frequency, spend, channel and department",
    "monthly_shape": "the months of the year",
    "taste": "taste",
}


def algorithm(name: str) -> str:
    """An algorithm's name as the field writes it."""
    return ALGORITHMS.get(name, name.replace("_", " "))


def elsewhere(name: str, space: str) -> str:
    """` (rhythm)` where an algorithm did not look at what it usually looks at, else nothing."""
    usual = USUAL_SPACES.get(name, "rfm")
    return "" if space in (usual, "") else f" ({SPACES.get(space, space)})"

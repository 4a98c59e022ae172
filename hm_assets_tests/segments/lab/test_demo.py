"""The lab on generated customers: planted segments are found, less and less as they fade."""

import datetime as dt

import duckdb
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.choice import decision
from hm_assets.segments.lab import lab
from hm_assets.segments.lab.back_test import values
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.models import nearest
from hm_assets.segments.people import ORDER, People
from hm_assets.sources.synthetic.generate import generate
from hm_assets_tests.segments.lab.test_lab import LITTLE

pytestmark = pytest.mark.slow

LAST, MAY, NOW = dt.date(2020, 9, 22), dt.date(2020, 5, 1), dt.date(2020, 9, 1)
AS_OF = {MAY: dt.date(2020, 5, 31), NOW: LAST}
TRIED = ("kmeans", "gaussian_mixture", "merged_rfm_grid")
ALGORITHMS = [a for a in CATALOGUE if a.space == "rfm" and a.name in TRIED]
CUSTOMERS = """
    SELECT (hash(customer_id) % 1000000000007)::BIGINT AS customer_key, customer_id, DATE '{0}' AS as_of,
        DATE '{0}' - max(t_dat) AS recency_days, count(DISTINCT t_dat) AS purchase_days, sum(price) AS spend,
        count(*) AS items
    FROM lines WHERE t_dat <= '{0}' GROUP BY customer_id
"""


class Shop:
    """A generated retailer, as the lab reads it."""

    def __init__(self, folder, difficulty: str, scale: float = 0.25) -> None:
        generate(folder, preset="demo", scale=scale, seed=11, difficulty=difficulty)
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(
            f"CREATE TABLE lines AS FROM read_csv('{folder}/transactions_train.csv', header = true)"
        )
        self.connection.execute(f"CREATE TABLE truth AS FROM '{folder}/truth/customers.parquet'")

    def load(self, month, columns, most):
        found = self.connection.execute(CUSTOMERS.format(AS_OF[month])).to_arrow_table()
        for name in RULE_COLUMNS:
            if name not in found.column_names:
                found = found.append_column(name, found["items"])
        return found.sort_by([(name, "ascending") for name in ORDER]).slice(0, most)

    def spent(self, people: People):
        later = (
            "SELECT customer_id, sum(price) AS spend FROM lines "
            f"WHERE t_dat > '{people.as_of}' AND t_dat <= DATE '{people.as_of}' + 90 GROUP BY customer_id"
        )
        found = dict(self.connection.execute(later).fetchall())
        return np.array([found.get(i, 0.0) for i in people.rows["customer_id"].to_pylist()])

    def recovered(self, seed: int = 42) -> tuple[float, list[int]]:
        """ARI of the champion's segments to the planted ones, and the segment of each customer."""
        later = list(values(self.load, self.spent, MAY, ALGORITHMS, LITTLE, seed))
        found = lab.run(self.load, self.spent, NOW, ALGORITHMS, later, LITTLE, seed)
        champion = decision.champion(found.rows, found.choice, None)
        rows = self.load(NOW, (), None)
        labels = nearest(champion.model, champion.space.transform(rows)).tolist()
        planted = dict(self.connection.execute("SELECT customer_id, segment FROM truth").fetchall())
        return adjusted_rand_score([planted[i] for i in rows["customer_id"].to_pylist()], labels), labels


def test_planted_segments_are_recovered_and_fade_in_order(tmp_path):
    shops = [Shop(tmp_path / difficulty, difficulty) for difficulty in ("easy", "medium", "hard")]
    (easy, labels), (medium, _), (hard, _) = (shop.recovered() for shop in shops)
    assert easy >= 0.8
    assert easy > medium > hard
    assert adjusted_rand_score(labels, shops[0].recovered(seed=7)[1]) >= 0.95

"""The sample is a function of keys and seed, and tells nobody's key."""

from hm_assets.explore.sample import sample
from hm_assets_tests.explore import shops


def test_the_sample_is_steady_and_without_keys():
    people, _ = shops.usual()
    first, again, other = (
        sorted(sample(people, seed, 20).to_pyarrow().to_pylist(), key=lambda row: row["point"])
        for seed in (1, 1, 2)
    )
    assert first == again != other
    assert [row["point"] for row in first] == list(range(1, 21))
    assert "customer_key" not in first[0]


def test_everybody_is_in_where_all_fit_in():
    people, _ = shops.people(shops.lines(customers=12))
    assert sample(people, 1).count().to_pyarrow().as_py() == 12

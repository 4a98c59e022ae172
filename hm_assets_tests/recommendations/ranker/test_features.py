"""Candidates and features know nothing of later days, and say what their list says they say."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.purchases import purchases
from hm_assets.recommendations.ranker.facts import NEVER
from hm_assets.recommendations.ranker.features import FEATURES, NAMES
from hm_assets.recommendations.ranker.plan import NEW, NEXT
from hm_assets.recommendations.ranker.ready import Ready
from hm_assets_tests.recommendations.baskets import FIRST, LAST, as_ibis
from hm_assets_tests.recommendations.ranker.shop import DAY, KEYS, ROWS, everything, known_on

STRANGER = 5


@pytest.fixture(scope="module")
def said():
    """The pairs of customer and article (keys) on a day, with their features by name."""
    ready = Ready(known_on())
    found = ready.candidates(KEYS, NEXT)
    table = ready.table(KEYS, found)
    pairs = zip(
        KEYS[found.rows].tolist(), ready.known.purchases.articles[found.articles].tolist(), strict=True
    )
    return {pair: dict(zip(NAMES, row.tolist(), strict=True)) for pair, row in zip(pairs, table, strict=True)}


@settings(max_examples=10, deadline=None)
@given(st.dates(FIRST - dt.timedelta(days=1), LAST), st.sampled_from([NEXT, NEW]))
def test_a_day_s_candidates_and_features_are_those_of_data_cut_at_that_day(day, task):
    cut = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(day)))
    keys = np.append(STRANGER, KEYS)
    found = []
    for bought in (everything(), purchases(as_ibis(cut), day)):
        ready = Ready(known_on(day, bought))
        candidates = ready.candidates(keys, task)
        found.append((candidates, ready.table(keys, candidates)))
    (one, features), (other, same) = found
    assert np.array_equal(one.rows, other.rows) and np.array_equal(one.articles, other.articles)
    assert features.tobytes() == same.tobytes()
    assert np.isfinite(features).all()


def test_who_is_asked_for_has_the_same_features_whoever_else_is_counted():
    asked = KEYS[::3]
    everybody, only = Ready(known_on()), Ready(known_on(), asked)
    found = everybody.candidates(asked, NEXT)
    assert everybody.table(asked, found).tobytes() == only.table(asked, found).tobytes()
    assert len(only.facts.kinds[0][1].keys) < len(everybody.facts.kinds[0][1].keys)


def test_dealings_with_an_article_are_those_of_the_lines(said):
    lines = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY))).to_pylist()
    days: dict[tuple[int, int], set[dt.date]] = {}
    for line in lines:
        days.setdefault((line["customer_key"], line["article_key"]), set()).add(line["t_dat"])
    last = {who: max(max(d) for (w, _), d in days.items() if w == who) for who in {w for w, _ in days}}
    for pair, features in said.items():
        met = sorted(days.get(pair, ()))
        assert features["times_bought"] == len(met)
        assert features["days_since_bought"] == ((DAY - met[-1]).days if met else NEVER)
        assert features["in_last_basket"] == bool(met and met[-1] == last[pair[0]])
        expected = sum(0.5 ** ((DAY - day).days / 14) for day in met)
        assert features["bought_lately"] == pytest.approx(expected, rel=1e-5)
        if len(met) > 1:
            gap = (met[-1] - met[0]).days / (len(met) - 1)
            assert features["gap_passed"] == pytest.approx((DAY - met[-1]).days / gap, rel=1e-5)
    assert set(days) & set(said), "what was bought is among the candidates"


def test_sales_prices_and_kinds_are_those_of_the_lines(said):
    rows = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    lines = rows.to_pylist()
    for (who, what), features in list(said.items())[::97]:
        number = (what - 100_000_001) // 1000
        sold = [line for line in lines if line["article_key"] == what]
        mine = [line for line in lines if line["customer_key"] == who]
        ago = [(DAY - line["t_dat"]).days for line in sold]
        assert features["units_7d"] == sum(days < 7 for days in ago)
        assert features["units_28d"] == sum(days < 28 for days in ago)
        assert (features["days_on_sale"], features["days_unsold"]) == (max(ago), min(ago))
        assert features["buyers"] == len({line["customer_key"] for line in sold})
        level = np.mean([line["price"] for line in mine])
        assert features["price_relative"] == pytest.approx(np.log(sold[0]["price"] / level), abs=1e-4)
        alike = [
            (DAY - line["t_dat"]).days
            for line in mine
            if ((line["article_key"] - 100_000_001) // 1000) % 8 == number % 8
        ]
        assert features["department_name_days"] == min(alike, default=NEVER)


def test_a_stranger_has_what_sells_and_a_catalogue_may_be_empty():
    ready = Ready(known_on())
    found = ready.candidates(np.array([STRANGER]), NEXT)
    table = ready.table(np.array([STRANGER]), found)
    assert len(found.rows) and (found.scores["bestsellers"] > 0).all()
    assert (table[:, NAMES.index("recency")] == NEVER).all() and not table[
        :, NAMES.index("price_relative")
    ].any()


def test_each_feature_is_said_once_and_nothing_tells_who_somebody_is():
    assert len(set(NAMES)) == len(NAMES)
    assert all(feature.unit and feature.meaning for feature in FEATURES)
    assert not {"age", "gender", "postal_code"} & {word for name in NAMES for word in name.split("_")}


def test_new_articles_only_are_new():
    ready = Ready(known_on())
    found = ready.candidates(KEYS, NEW)
    table = ready.table(KEYS, found)
    assert len(found.rows) and not table[:, NAMES.index("times_bought")].any()

"""Placing customers online against the champion's own assignments, and what is refused."""

import datetime as dt
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.models import Gaussians, Model, Tree
from hm_assets.segments.space import Space
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving.pipeline import CustomerSegmentationPipeline, place
from hm_assets.serving.preprocess import PURCHASES
from hm_assets.serving.published import rows_of
from hm_assets.warehouse.errors import ContractError, WarehouseError
from hm_assets_tests.serving import shop

PLACED = ("segment_id", "confidence", "runner_up", "sub_segment")


@pytest.fixture(scope="module")
def pipeline(published_shop: Path) -> CustomerSegmentationPipeline:
    return CustomerSegmentationPipeline.load_model(published_shop)


def as_placed(rows: list[dict]) -> dict[int, tuple]:
    return {row["customer_key"]: tuple(row[name] for name in PLACED) for row in rows}


def close(found: dict[int, tuple], expected: dict[int, tuple]) -> bool:
    same = found.keys() == expected.keys()
    return same and all(
        (a[0], a[2], a[3]) == (b[0], b[2], b[3]) and abs(a[1] - b[1]) < 1e-9
        for a, b in ((found[key], expected[key]) for key in found)
    )


def test_online_equals_offline_for_every_customer(
    pipeline: CustomerSegmentationPipeline, published_shop: Path
) -> None:
    offline = [
        row for row in rows_of(published_shop, ASSIGNMENTS, shop.MONTH) if row["segment_id"] != NO_PURCHASE
    ]
    assert len(offline) == len(shop.IDS) - 1
    assert {row["segment_id"] for row in offline} == {1, 2, 3}
    online = pipeline.predict_segment(pipeline.preprocess(shop.lines().select(PURCHASES.names)))
    assert close(as_placed(online.to_pylist()), as_placed(offline))


def other_models(axes: int) -> list[Model]:
    rng = np.random.default_rng(5)
    factors = np.stack([np.eye(axes) + np.triu(rng.normal(size=(axes, axes)) * 0.1) for _ in range(3)])
    tree = Tree(
        np.array([0, -1, 1, -1, -1]),
        np.array([0.1, 0, -0.2, 0, 0]),
        np.array([1, -1, 3, -1, -1]),
        np.array([2, -1, 4, -1, -1]),
        np.array([[0.4, 0.3, 0.3], [0.8, 0.1, 0.1], [0.2, 0.4, 0.4], [0.1, 0.7, 0.2], [0.2, 0.2, 0.6]]),
    )
    return [Gaussians(np.array([0.5, 0.3, 0.2]), rng.normal(size=(3, axes)), factors), tree]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("space", ["rfm_rhythm", "rfm_mixed"])
def test_every_kind_of_model_places_as_on_the_engine(number: int, space: str) -> None:
    rows = shop.people(space)
    fitted = Space.fit(space, dict(SPACES[space]), rows, 0.05)
    model = other_models(len(fitted.coordinates))[number]
    champion = Champion("x", fitted, model, (2, 5, 7), 7, shop.AS_OF, 1)
    offline = champion.assign(ibis.memtable(rows)).to_pyarrow().to_pylist()
    assert close(as_placed(place(champion, rows).to_pylist()), as_placed(offline))


def test_one_segment_has_no_runner_up() -> None:
    rows = pa.table({"recency_days": [1.0, 9.0], "purchase_days": [1.0, 2.0], "spend": [0.1, 0.2]})
    fitted = Space.fit("rfm", dict(SPACES["rfm"]), rows, 0.05)
    alone = Champion(
        "x", fitted, Gaussians(np.ones(1), np.zeros((1, 3)), np.eye(3)[None]), (4,), 4, shop.AS_OF, 1
    )
    assert [row["runner_up"] for row in place(alone, rows).to_pylist()] == [None, None]
    assert [row["confidence"] for row in place(alone, rows).to_pylist()] == [1.0, 1.0]


ROW = {
    **{"recency_days": 3, "purchase_days": 4, "spend": 0.2, "tenure_days": 90},
    **{"mean_gap_days": None, "items_per_order": 1.5, "price_per_item": 0.03},
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"spend": ...}, "`spend` is missing"),
        ({"spend": None}, "`spend` is empty"),
        ({"spend": -1}, "below 0"),
        ({"spend": float("nan")}, "not a finite number"),
        ({"spend": 10**400}, "not a finite number"),
        ({"spend": True}, "no number"),
        ({"spend": "3"}, "no number"),
        ({"age": 30}, "no feature 'age'"),
    ],
)
def test_a_feature_is_never_filled_in(
    pipeline: CustomerSegmentationPipeline, change: dict, told: str
) -> None:
    assert len(pipeline.predict_segment([ROW])) == 1
    row = {name: value for name, value in {**ROW, **change}.items() if value is not ...}
    with pytest.raises(ContractError, match=told):
        pipeline.predict_segment([row])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"t_dat": shop.AS_OF + dt.timedelta(days=1)}, "later than"),
        ({"price": -0.1}, "negative"),
        ({"price": float("inf")}, "not finite"),
        ({"price": None}, "empty price"),
        ({"sales_channel_id": 3}, "neither 1"),
    ],
)
def test_purchases_that_cannot_be_are_refused(
    pipeline: CustomerSegmentationPipeline, change: dict, told: str
) -> None:
    row = {"customer_key": 1, "t_dat": shop.AS_OF, "article_key": 1, "price": 0.1, "sales_channel_id": 1}
    assert len(pipeline.preprocess([row])) == 1
    with pytest.raises(ContractError, match=told):
        pipeline.preprocess([{**row, **change}])


def test_nobody_and_nothing(pipeline: CustomerSegmentationPipeline, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no purchase"):
        pipeline.preprocess([])
    with pytest.raises(ContractError, match="lack the column t_dat"):
        pipeline.preprocess(pa.table({"customer_key": [1]}))
    with pytest.raises(WarehouseError, match="no described segments yet"):
        CustomerSegmentationPipeline.load_model(tmp_path)


def test_recommendations_by_id_and_by_name(pipeline: CustomerSegmentationPipeline) -> None:
    assert [row["article_id"] for row in pipeline.get_recommendations(2)] == ["0108775000"]
    assert pipeline.get_recommendations("newcomers") == pipeline.get_recommendations(2)
    with pytest.raises(ContractError, match="no segment is called 'elsewhere'"):
        pipeline.get_recommendations("elsewhere")


def test_a_whole_base_is_scored_batch_by_batch(pipeline: CustomerSegmentationPipeline) -> None:
    features = pipeline.preprocess(shop.lines().select(PURCHASES.names))
    parts = list(pipeline.score_customer_database([features.slice(0, 40), features.slice(40)]))
    assert pa.concat_tables(parts).equals(pipeline.predict_segment(features))

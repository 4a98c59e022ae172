"""The smallest change that would move a customer up: carried out, it does."""

import datetime as dt
from pathlib import Path

import pytest

from hm_assets.serving import change
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets_tests.serving import shop


@pytest.fixture(scope="module")
def pipeline(published_shop: Path) -> CustomerSegmentationPipeline:
    return CustomerSegmentationPipeline.load_model(published_shop)


def histories() -> list[list[dict]]:
    found: dict[int, list[dict]] = {}
    for row in shop.lines().to_pylist():
        found.setdefault(row["customer_key"], []).append({**row, "article_id": f"0{row['article_key']}"})
    return list(found.values())[:12]


def test_carried_out_it_really_changes_the_segment(pipeline: CustomerSegmentationPipeline) -> None:
    worth = {i: s.fact("spend_365d") or 0.0 for i, s in pipeline.published.segments.items()}

    def segment(lines: list[dict], day: dt.date) -> int:
        table = change.as_table([(1, line) for line in lines])
        return pipeline.predict_segment(pipeline.preprocess(table, day))["segment_id"][0].as_py()

    moved = 0
    for lines in histories():
        found = change.smallest_change(pipeline, lines, shop.AS_OF)
        now = segment(lines, shop.AS_OF)
        if found is None:
            assert worth[now] == max(worth.values())
            continue
        assert found.otherwise == segment(lines, found.by)
        for orders in range(1, found.orders or 3):
            less = change.more_orders(found.usual, orders, shop.AS_OF)
            assert worth[segment([*lines, *less], found.by)] <= worth[now]
        if found.orders is not None:
            more = change.more_orders(found.usual, found.orders, shop.AS_OF)
            assert segment([*lines, *more], found.by) == found.segment
            assert worth[found.segment] > worth[now]
            moved += 1
            words = change.in_words(found, pipeline)
            assert pipeline.published.segment(found.segment).name in words
            assert "not how likely" in words
    assert moved >= 3


def test_who_has_not_bought_has_no_change(pipeline: CustomerSegmentationPipeline) -> None:
    assert change.smallest_change(pipeline, [], shop.AS_OF) is None


def test_the_usual_order_is_the_one_of_median_spend() -> None:
    def line(day: int, price: float) -> dict:
        return {"t_dat": dt.date(2020, 1, day), "sales_channel_id": 1, "price": price, "article_id": "1"}

    lines = [line(1, 1.0), line(2, 2.0), line(2, 3.0), line(3, 9.0)]
    assert change.usual_order(lines) == lines[1:3]
    assert change.usual_order([line(1, 2.0), line(2, 2.0)]) == [line(2, 2.0)]
    assert [row["t_dat"].day for row in change.more_orders(lines[:1], 3, dt.date(2020, 1, 1))] == [11, 21, 31]

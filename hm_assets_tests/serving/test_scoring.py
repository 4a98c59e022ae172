"""`hm score`: files in, files out, the segments of the tables."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving import scoring
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.preprocess import PURCHASES
from hm_assets.serving.published import rows_of
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.keys import customer_key
from hm_assets_tests.serving import shop

ID_OF = {customer_key(name): name for name in shop.IDS}


def raw_lines() -> pa.Table:
    rows = shop.lines().to_pylist()
    return pa.Table.from_pylist(
        [
            {
                "customer_id": ID_OF[row["customer_key"]],
                "t_dat": row["t_dat"].isoformat(),
                "article_id": f"0{row['article_key']}",
                "price": repr(row["price"]),
                "sales_channel_id": str(row["sales_channel_id"]),
            }
            for row in rows
        ]
    )


def run(warehouse: Path, source: Path, to: Path) -> int:
    return scoring.score(Settings(warehouse=warehouse, threads=1), source, to, None, lambda _: None)


def test_files_of_any_kind_give_the_segments_of_the_tables(
    published_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "BATCH", 7)
    pacsv.write_csv(raw_lines(), tmp_path / "lines.csv")
    pipeline = CustomerSegmentationPipeline.load_model(published_shop)
    features = pipeline.preprocess(shop.lines().select(PURCHASES.names))
    ids = pa.array([ID_OF[key] for key in features["customer_key"].to_pylist()])
    pq.write_table(features.append_column("customer_id", ids), tmp_path / "features.parquet")
    assert run(published_shop, tmp_path / "lines.csv", tmp_path / "a.parquet") == len(shop.IDS) - 1
    assert run(published_shop, tmp_path / "features.parquet", tmp_path / "b.csv") == len(shop.IDS) - 1
    first = {row["customer_id"]: row for row in pq.read_table(tmp_path / "a.parquet").to_pylist()}
    offline = rows_of(published_shop, ASSIGNMENTS, shop.MONTH)
    for row in offline:
        if row["segment_id"] != NO_PURCHASE:
            found = first[ID_OF[row["customer_key"]]]
            assert (found["segment_id"], found["runner_up"]) == (row["segment_id"], row["runner_up"])
            assert found["confidence"] == pytest.approx(row["confidence"], abs=1e-9)
    second = pacsv.read_csv(tmp_path / "b.csv").to_pylist()
    assert [row["segment_id"] for row in second] == [
        first[row["customer_id"]]["segment_id"] for row in second
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("price", "x"),
        ("t_dat", "yesterday"),
        ("sales_channel_id", "9"),
        ("article_id", "-1"),
        ("price", "nan"),
        ("price", "1_0"),
        ("sales_channel_id", "1.4"),
        ("article_id", "1.7"),
        ("customer_id", ""),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_never_dropped(
    published_shop: Path, tmp_path: Path, column: str, value: str
) -> None:
    table = raw_lines().slice(0, 5)
    place = table.column_names.index(column)
    given = table[column].to_pylist()
    changed = pa.array([*given[:2], value, *given[3:]])
    pacsv.write_csv(table.set_column(place, column, changed), tmp_path / "lines.csv")
    said = repr(value) if value else "empty"
    with pytest.raises(ContractError, match=rf"lines\.csv, row 3, column {column}: {said} cannot be used"):
        run(published_shop, tmp_path / "lines.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


OF_FEATURES = (
    "customer_id,recency_days,purchase_days,spend,tenure_days,mean_gap_days,items_per_order,price_per_item\n"
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("b,1,x,0.3,4,5,1,0.1", "row 2, column purchase_days: 'x' is no number"),
        (",1,2,0.3,4,5,1,0.1", "row 2, column customer_id: empty"),
        ("b,1e300,2,0.3,4,5,1,0.1", "row 2: the feature `recency_days` is 1e"),
        ("b,nan,2,0.3,4,5,1,0.1", "row 2: the feature `recency_days` is nan"),
        ("b,1", "Expected 8 columns, got 2"),
        ("é,1,2,0.3,4,5,1,0.1", "CSV UTF-8"),
    ],
)
def test_a_file_of_features_is_refused_by_row_column_and_value(
    published_shop: Path, tmp_path: Path, row: str, said: str
) -> None:
    encoded = f"{OF_FEATURES}a,1,2,0.3,4,,1,0.1\n{row}\n".encode("latin-1")
    (tmp_path / "in.csv").write_bytes(encoded)
    with pytest.raises(ContractError) as fault:
        run(published_shop, tmp_path / "in.csv", tmp_path / "out.csv")
    assert said in str(fault.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_category_that_is_empty_is_not_taken_for_one(tmp_path: Path) -> None:
    from hm_assets.segments.inputs import SPACES

    names = ("recency_days", "purchase_days", "spend", "main_channel", "favourite_group")
    known = pa.table(
        dict(zip(names, ([1.0, 2.0], [1.0, 2.0], [0.1, 0.2], ["x", "y"], ["p", "q"]), strict=True))
    )
    model = shop.champion("rfm_mixed", known.append_column("customer_key", pa.array([1, 2])), k=2)
    (tmp_path / "in.csv").write_text(f"customer_id,{','.join(names)}\nNA,1,2,0.3,,p\n")
    with pytest.raises(ContractError, match="row 1: the feature `main_channel` is empty"):
        list(scoring._of_features(tmp_path / "in.csv", ["customer_id", *SPACES["rfm_mixed"]], model))


def test_a_file_in_another_encoding_is_refused_in_words(published_shop: Path, tmp_path: Path) -> None:
    many = [line for _ in range(40_000) for line in ("c001,2020-09-01,0108775001,0.05,1",)]
    text = "\n".join(["customer_id,t_dat,article_id,price,sales_channel_id", *many, "é,2020-09-01,1,1,1"])
    (tmp_path / "in.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(ContractError, match=r"cannot be read: .*CSV UTF-8"):
        run(published_shop, tmp_path / "in.csv", tmp_path / "out.csv")


def test_a_missing_or_empty_feature_is_refused(published_shop: Path, tmp_path: Path) -> None:
    row = {"customer_id": "a", "recency_days": 1.0, "purchase_days": 1.0, "spend": 0.1}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "few.parquet")
    with pytest.raises(ContractError, match="lacks tenure_days"):
        run(published_shop, tmp_path / "few.parquet", tmp_path / "out.csv")
    rest = {"tenure_days": 9.0, "mean_gap_days": None, "items_per_order": 1.0, "price_per_item": 0.1}
    rows = [{**row, **rest, "mean_gap_days": 3.0}, {**row, **rest, "spend": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "empty.parquet")
    with pytest.raises(ContractError, match=r"row 2: the feature `spend` is empty"):
        run(published_shop, tmp_path / "empty.parquet", tmp_path / "out.csv")


def test_cells_that_look_like_formulas_are_made_safe(published_shop: Path, tmp_path: Path) -> None:
    lines = raw_lines().slice(0, 1)
    pacsv.write_csv(lines.set_column(0, "customer_id", pa.array(["=1+1"])), tmp_path / "lines.csv")
    run(published_shop, tmp_path / "lines.csv", tmp_path / "out.csv")
    assert pacsv.read_csv(tmp_path / "out.csv")["customer_id"].to_pylist() == ["'=1+1"]

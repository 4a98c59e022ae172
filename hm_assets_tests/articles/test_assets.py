"""From the files to topics through Dagster: who is in them, what is fitted once, and what a new article changes."""

import csv
import shutil
from pathlib import Path

import dagster as dg
import pytest

from hm_assets.articles.tables import MOST_TOPICS
from hm_assets.definitions import TABLES, build_defs
from hm_assets.warehouse import delta
from hm_assets_tests.running import Platform, made, platform

pytestmark = pytest.mark.slow

SELECT = "key:articles/topics or key:articles/other_topics or key:articles/topic_catalogue or key:articles/embeddings"
ALL = f"+({SELECT.replace(' or ', ' or +')}) or key:articles/tfidf"


def rows(it: Platform, name: str) -> list[dict]:
    stored = delta.open_table(it.warehouse, TABLES[f"articles/{name}"])
    assert stored is not None
    key = TABLES[f"articles/{name}"].key
    return sorted(stored.to_pyarrow_table().to_pylist(), key=lambda row: tuple(row[name] for name in key))


def fit_of(it: Platform, name: str) -> str:
    event = it.instance.get_latest_materialization_event(dg.AssetKey(["articles", name]))
    return str(event.asset_materialization.metadata["fit"].value)


def version_of(it: Platform, name: str) -> str:
    event = it.instance.get_latest_materialization_event(dg.AssetKey(["articles", name]))
    return event.asset_materialization.tags["dagster/data_version"]


def add_articles(raw: Path, *descriptions: str) -> list[str]:
    with (raw / "articles.csv").open() as file:
        columns = next(csv.reader(file))
    added = []
    with (raw / "articles.csv").open("a", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        for i, text in enumerate(descriptions):
            added.append(f"09999{i:02}001")
            writer.writerow({"article_id": added[-1], "product_code": added[-1][:7], "detail_desc": text})
    return added


def make(it: Platform, *names: str, **config) -> None:
    """Make assets of this stage whether they are out of date or not."""
    keys = [dg.AssetKey(["articles", name]) for name in names]
    ops = {f"articles__{name}": {"config": config} for name in names}
    job = build_defs(it.settings).resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=it.instance,
        asset_selection=keys,
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            **({"ops": ops} if config else {}),
        },
    )
    assert result.success


@pytest.fixture(scope="module")
def built(tmp_path_factory, small):
    raw = tmp_path_factory.mktemp("raw")
    shutil.copytree(small, raw, dirs_exist_ok=True)
    with platform(tmp_path_factory.mktemp("wh") / "warehouse", raw) as it:
        it.land()
        it.run(ALL)
        yield it


def test_every_article_has_a_mix_that_sums_to_one_under_its_ten_digits(built):
    articles = {row["article_id"]: row for row in rows(built, "articles")}
    for name in ("topics", "other_topics"):
        found = rows(built, name)
        assert [row["article_id"] for row in found] == sorted(articles)
        for row in found:
            mix = [row[f"topic_{i}"] for i in range(1, MOST_TOPICS + 1)]
            shares = [share for share in mix if share is not None]
            assert mix == shares + [None] * (MOST_TOPICS - len(shares))
            assert sum(shares) == pytest.approx(1, abs=1e-9)
            assert len(row["article_id"]) == 10 and row["article_id"].isdigit()
            assert int(row["article_id"]) == row["article_key"]
            assert row["product_code"] == articles[row["article_id"]]["product_code"]


def test_the_catalogue_names_each_topic_of_both_methods_once(built):
    catalogue, candidates = rows(built, "topic_catalogue"), rows(built, "topic_candidates")
    kept = {row["method"]: row["k"] for row in candidates if row["model"]}
    assert set(kept) == {"nmf", "lda"}
    for method, k in kept.items():
        mine = [row for row in catalogue if row["method"] == method]
        assert [row["topic"] for row in mine] == list(range(1, k + 1))
        assert len({row["name"] for row in mine}) == k
        assert sum(row["share"] for row in mine) == pytest.approx(1)
        assert len({row["used"] for row in mine}) == 1
    assert sum(row["used"] for row in catalogue) in kept.values()


def test_tables_agree_on_the_products(built):
    products = [row["product_code"] for row in rows(built, "documents")]
    assert products == sorted({row["product_code"] for row in rows(built, "articles")})
    assert [row["product_code"] for row in rows(built, "embeddings")] == products
    terms = {row["term"] for row in rows(built, "vocabulary")}
    squares: dict[str, float] = {}
    for row in rows(built, "tfidf"):
        assert row["term"] in terms
        squares[row["product_code"]] = squares.get(row["product_code"], 0) + row["weight"] ** 2
    assert set(squares) <= set(products)
    assert all(value == pytest.approx(1) for value in squares.values())


def test_what_is_fitted_is_kept_until_something_asks_for_a_refit(built):
    """In one story, since each step builds on the one before."""
    it = built
    assert fit_of(it, "vocabulary") == fit_of(it, "topic_candidates") == "fitted: for the first time"
    fitted = ("vocabulary", "topic_candidates")
    versions = [version_of(it, name) for name in fitted]
    assert it.run(ALL) == []

    make(it, *fitted)
    assert all(fit_of(it, name).startswith("kept: fitted before with the same settings") for name in fitted)
    assert [version_of(it, name) for name in fitted] == versions
    event = it.instance.get_latest_materialization_event(dg.AssetKey(["articles", "topic_candidates"]))
    assert "data:image/png;base64," in event.asset_materialization.metadata["coherence_by_k"].value

    old = {row["article_id"]: row for row in rows(it, "topics")}
    word = next(row["words"] for row in rows(it, "topic_catalogue") if row["used"]).split(", ")[0]
    added = add_articles(
        it.raw,
        "",
        f"<p>Washed {word} &amp; others</p>",
        "👗✨",
        "Платье из хлопка",
        f"{word} " * 5000,
        f"Unheardof {word}",
    )
    it.land()
    again = made(it.run(ALL))
    assert {"articles/topics", "articles/embeddings", "articles/vocabulary"} <= set(again)
    assert all(fit_of(it, name).startswith("kept:") for name in fitted)
    assert [version_of(it, name) for name in fitted] == versions
    now = {row["article_id"]: row for row in rows(it, "topics")}
    assert {key: row for key, row in now.items() if key not in added} == old  # no old mix moved
    known = [now[key]["words"] for key in added]
    assert [count > 0 for count in known] == [False, True, False, False, True, True]
    usual = [now[key] for key, count in zip(added, known, strict=True) if not count]
    assert len({tuple(row[f"topic_{i}"] for i in range(1, MOST_TOPICS + 1)) for row in usual}) == 1
    event = it.instance.get_latest_materialization_event(dg.AssetKey(["articles", "topics"]))
    metadata = event.asset_materialization.metadata
    assert metadata["new_products"].value == len(added)
    assert 0 < metadata["unknown_words_share_of_new"].value < 1

    make(it, "topic_candidates", refit=True)
    assert fit_of(it, "topic_candidates") == "fitted: `refit` was set"
    with_new_articles = version_of(it, "topic_candidates")
    assert with_new_articles != versions[1]
    make(it, "topic_candidates", refit=True)
    assert version_of(it, "topic_candidates") == with_new_articles  # the same seed, the same bytes

    make(it, "vocabulary", preset="s0")
    assert fit_of(it, "vocabulary") == "fitted: settings, code or vocabulary changed"
    assert {row["preset"] for row in rows(it, "vocabulary")} == {"s0"}
    make(it, "topic_candidates")
    assert fit_of(it, "topic_candidates") == "fitted: settings, code or vocabulary changed"


def test_the_value_of_topics_is_measured_on_purchases(built):
    it = built
    it.run("+key:articles/topic_value")
    found = rows(it, "topic_value")
    assert {row["representation"] for row in found} == {
        "topics",
        "other topics",
        "embedding",
        "tf-idf",
        "plain columns",
        "random",
    }
    for row in found:
        assert (row["auc"] is None) == ("not measured" in row["verdict"])
        if row["auc"] is not None:
            assert 0 <= row["low"] <= row["auc"] <= row["high"] <= 1

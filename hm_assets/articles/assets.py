"""The assets of this stage: article facts, texts, the vectoriser, topic models, and what they are worth.

Two things are fitted, `vocabulary` and `topic_candidates`. Both are kept while only articles change: new articles are
scored with what was fitted. Log and metadata (`fit`) say which it was and why.
"""

from typing import Any, Literal

import dagster as dg
import ibis
import numpy as np
import pyarrow as pa
from pydantic import Field

from hm_assets.articles import (
    facts,
    reading,
    shown,
    tables,
    text,
    topic_lab,
    topic_names,
    topic_value,
    vectorising,
)
from hm_assets.articles.topics import TopicModel
from hm_assets.articles.vectorising import Terms, Vectoriser
from hm_assets.raw import tables as raw
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

CODE_VERSION = "1"


class VectoriserConfig(dg.Config):
    """How texts become numbers. A changed setting refits; changed articles alone never do."""

    preset: Literal["fashion", "s0"] = Field(
        "fashion", description="fashion keeps v-neck and t-shirt; s0 are the original analysis' settings"
    )
    seed: int | None = Field(None, description="Seed of the SVD; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the articles of today even where nothing changed")


class TopicConfig(dg.Config):
    """How topics are found. A changed setting or vocabulary refits; changed articles alone never do."""

    seed: int | None = Field(None, description="Seed of starts and samples; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the articles of today even where nothing changed")


@table_asset(tables.ARTICLES, code_version="1", ins={"raw_articles": read(raw.ARTICLES)})
def articles(raw_articles: ibis.Table) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        value=facts.facts(raw_articles),
        metadata={"names_are_not_keys": dg.MetadataValue.md(shown.table(facts.shared_names(raw_articles)))},
    )


@table_asset(tables.UNKNOWNS, code_version="1", ins={"raw_articles": read(raw.ARTICLES)})
def unknowns(raw_articles: ibis.Table) -> ibis.Table:
    return facts.unknowns(raw_articles)


@table_asset(tables.DOCUMENTS, code_version=CODE_VERSION, ins={"articles": read(tables.ARTICLES)})
def documents(articles: ibis.Table) -> dg.MaterializeResult:
    rows = articles.select("product_code", *text.FIELDS).to_pyarrow().to_pylist()
    found = text.documents(rows)
    words = [each.words for each in found]
    columns: dict[str, Any] = {
        "product_code": [each.product_code for each in found],
        "articles": [each.articles for each in found],
        **{name: [each.values[name] for each in found] for name in text.FIELDS},
        "text": [each.text for each in found],
        "words": words,
        "cut": [each.cut for each in found],
    }
    return dg.MaterializeResult(
        value=ibis.memtable(pa.table(columns, schema=tables.DOCUMENTS.arrow_schema())),
        metadata={
            "articles": len(rows),
            "without_description": sum(each.values[text.DESCRIPTION] is None for each in found),
            "without_any_word": words.count(0),
            "different_texts": len({each.text for each in found}),
            "cut": sum(each.cut for each in found),
        },
    )


@table_asset(tables.VOCABULARY, code_version=CODE_VERSION, ins={"documents": read(tables.DOCUMENTS)})
def vocabulary(
    context: dg.AssetExecutionContext,
    config: VectoriserConfig,
    warehouse: dg.ResourceParam[Warehouse],
    documents: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = artifacts.recipe(CODE_VERSION, config.preset, seed)
    kept, why = _fitted_before(warehouse, tables.VOCABULARY, recipe, config.refit)
    context.log.info(f"The vocabulary is {why}")
    texts = reading.products(documents, "text")["text"].to_pylist()
    if kept is None:
        fitted = Vectoriser.fit(texts, config.preset, seed)
        kept = fitted.as_table(recipe, tables.VOCABULARY.arrow_schema())
    lost, damaged = vectorising.lost_words(texts)
    return dg.MaterializeResult(
        value=ibis.memtable(kept),
        metadata={
            "fit": why,
            "terms": len(kept),
            "s0_breaks_texts": damaged,
            "s0_against_fashion": dg.MetadataValue.md(shown.table(lost)),
        },
    )


READ_TEXTS = {"documents": read(tables.DOCUMENTS), "vocabulary": read(tables.VOCABULARY)}


@table_asset(tables.TFIDF, code_version=CODE_VERSION, ins=READ_TEXTS)
def tfidf(documents: ibis.Table, vocabulary: ibis.Table) -> ibis.Table:
    products = reading.products(documents, "text")
    terms = Vectoriser.from_table(vocabulary.to_pyarrow()).terms
    weights = terms.weights(terms.counts(products["text"].to_pylist())).tocoo()
    columns = {
        "product_code": products["product_code"].combine_chunks().take(pa.array(weights.row)),
        "term": pa.array(terms.names, pa.string()).take(pa.array(weights.col)),
        "weight": pa.array(weights.data),
    }
    return ibis.memtable(pa.table(columns, schema=tables.TFIDF.arrow_schema()))


@table_asset(tables.EMBEDDINGS, code_version=CODE_VERSION, ins=READ_TEXTS)
def embeddings(documents: ibis.Table, vocabulary: ibis.Table) -> ibis.Table:
    products = reading.products(documents, "text")
    fitted = Vectoriser.from_table(vocabulary.to_pyarrow())
    vectors = fitted.embed(fitted.terms.weights(fitted.terms.counts(products["text"].to_pylist())))
    size = vectors.shape[1]
    columns = {
        "product_code": products["product_code"],
        "vector": pa.ListArray.from_arrays(
            np.arange(0, vectors.size + 1, size, dtype=np.int32), vectors.ravel()
        ),
    }
    return ibis.memtable(pa.table(columns, schema=tables.EMBEDDINGS.arrow_schema()))


@table_asset(tables.TOPIC_CANDIDATES, code_version=CODE_VERSION, ins=READ_TEXTS)
def topic_candidates(
    context: dg.AssetExecutionContext,
    config: TopicConfig,
    warehouse: dg.ResourceParam[Warehouse],
    documents: ibis.Table,
    vocabulary: ibis.Table,
) -> dg.MaterializeResult:
    depth = warehouse.depth
    seed = warehouse.settings.seed if config.seed is None else config.seed
    terms = Vectoriser.from_table(vocabulary.to_pyarrow()).terms
    recipe = artifacts.recipe(CODE_VERSION, depth, seed, terms.version)
    kept, why = _fitted_before(warehouse, tables.TOPIC_CANDIDATES, recipe, config.refit)
    context.log.info(f"The topic models are {why}")
    seconds: dict[str, float] = {}
    if kept is None:
        found, seconds = _search(context, documents, terms, seed, depth, recipe, warehouse.settings.processes)
        kept = pa.Table.from_pylist(found, schema=tables.TOPIC_CANDIDATES.arrow_schema())
    rows = kept.sort_by([("method", "descending"), ("k", "ascending")]).to_pylist()
    summary = [{name: row[name] for name in shown.OF_CANDIDATES} for row in rows]
    return dg.MaterializeResult(
        value=ibis.memtable(kept),
        metadata={
            "fit": why,
            "depth": f"{depth}: {len(rows)} candidates, {rows[0]['fits']} fits of each",
            "candidates": dg.MetadataValue.md(shown.table(summary)),
            "coherence_by_k": dg.MetadataValue.md(shown.coherence_by_k(rows)),
            **({"seconds_per_fit": dg.MetadataValue.json(seconds)} if seconds else {}),
        },
    )


def _search(
    context: dg.AssetExecutionContext,
    documents: ibis.Table,
    terms: Terms,
    seed: int,
    depth: str,
    recipe: str,
    workers: int,
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """All candidates as rows, and the seconds of a fit (no content of the table: they differ by the day)."""
    products = reading.products(documents)
    texts = reading.told(products)
    words = terms.single_words(texts)
    counts = words.counts(texts)
    fits = []
    seconds: dict[str, float] = {}
    for fitted in topic_lab.fits(words, counts, seed, depth, workers):
        name = f"{fitted.model.method}, {fitted.model.k} topics"
        seconds[name] = round(fitted.seconds, 2)
        context.log.info(f"{name}: {seconds[name]} s a fit")
        fits.append(fitted)
    candidates = topic_lab.judge(fits, texts, counts, products["product_type_name"].to_pylist())
    return [topic_lab.as_row(each, len(texts), depth, recipe) for each in candidates], seconds


READ_MODELS = {
    "articles": read(tables.ARTICLES),
    "documents": read(tables.DOCUMENTS),
    "topic_candidates": read(tables.TOPIC_CANDIDATES),
}


@table_asset(tables.TOPICS, code_version=CODE_VERSION, ins=READ_MODELS)
def topics(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    articles: ibis.Table,
    documents: ibis.Table,
    topic_candidates: ibis.Table,
) -> dg.MaterializeResult:
    used, _ = reading.models(topic_candidates)
    return _mixes(context, warehouse, tables.TOPICS, used, articles, documents)


@table_asset(tables.OTHER_TOPICS, code_version=CODE_VERSION, ins=READ_MODELS)
def other_topics(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    articles: ibis.Table,
    documents: ibis.Table,
    topic_candidates: ibis.Table,
) -> dg.MaterializeResult:
    _, beside = reading.models(topic_candidates)
    return _mixes(context, warehouse, tables.OTHER_TOPICS, beside, articles, documents)


@table_asset(
    tables.TOPIC_CATALOGUE,
    code_version=CODE_VERSION,
    ins={name: READ_MODELS[name] for name in ("documents", "topic_candidates")},
)
def topic_catalogue(documents: ibis.Table, topic_candidates: ibis.Table) -> dg.MaterializeResult:
    products = reading.products(documents)
    texts, sizes = reading.told(products), products["articles"].to_pylist()
    values = products.select(["product_type_name", "prod_name"]).to_pylist()
    rows: list[dict[str, Any]] = []
    for is_used, model in zip((True, False), reading.models(topic_candidates), strict=True):
        mixes, known = model.mix(model.terms.counts(texts))
        for topic in topic_names.describe(model, mixes, known, sizes, values):
            rows.append(topic_names.as_row(topic, model.method, is_used))
    return dg.MaterializeResult(
        value=tables.TOPIC_CATALOGUE.in_memory(rows),
        metadata={"topics": dg.MetadataValue.md(shown.table(row for row in rows if row["used"]))},
    )


@table_asset(
    tables.TOPIC_VALUE,
    code_version=CODE_VERSION,
    ins={
        "transactions": read(raw.TRANSACTIONS),
        "articles": read(tables.ARTICLES),
        **READ_TEXTS,
        "embeddings": read(tables.EMBEDDINGS),
        "topics": read(tables.TOPICS),
        "other_topics": read(tables.OTHER_TOPICS),
    },
)
def value_of_topics(
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    articles: ibis.Table,
    documents: ibis.Table,
    vocabulary: ibis.Table,
    embeddings: ibis.Table,
    topics: ibis.Table,
    other_topics: ibis.Table,
) -> dg.MaterializeResult:
    seed, depth = warehouse.settings.seed, warehouse.depth
    products = reading.products(documents)
    terms = Vectoriser.from_table(vocabulary.to_pyarrow()).terms
    codes = products["product_code"].to_pylist()
    similarities = {
        "topics": topic_value.of_mixes(reading.mixes_of(topics, codes)),
        "other topics": topic_value.of_mixes(reading.mixes_of(other_topics, codes)),
        "embedding": topic_value.of_rows(reading.vectors_of(embeddings)),
        "tf-idf": topic_value.of_sparse(terms.weights(terms.counts(products["text"].to_pylist()))),
        topic_value.BASELINE: topic_value.of_columns(
            [products[name].to_pylist() for name in topic_value.COLUMNS]
        ),
    }
    bought = topic_value.purchases(transactions, articles, topic_value.CUSTOMERS[depth], seed).to_pyarrow()
    rows = topic_value.rows_of(bought, products, similarities, depth, seed)
    return dg.MaterializeResult(
        value=tables.TOPIC_VALUE.in_memory(rows),
        metadata={
            "value": dg.MetadataValue.md(
                shown.table({name: row.get(name) for name in shown.OF_VALUE} for row in rows)
            ),
            "depth": depth,
        },
    )


def _fitted_before(
    warehouse: Warehouse, table: Table, recipe: str, refit: bool
) -> tuple[pa.Table | None, str]:
    """What was fitted with this recipe, if it is to be kept, and the reason in words."""
    if refit:
        return None, "fitted: `refit` was set"
    if delta.open_table(warehouse.path, table) is None:
        return None, "fitted: for the first time"
    kept = delta.fitted_with(warehouse.path, table, recipe)
    if kept is None:
        return None, "fitted: settings, code or vocabulary changed"
    same = "kept: fitted before with the same settings and code; set `refit` in the Launchpad to fit anew"
    return kept, same


def _mixes(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    table: Table,
    model: TopicModel,
    articles: ibis.Table,
    documents: ibis.Table,
) -> dg.MaterializeResult:
    products = reading.products(documents, text.DESCRIPTION, "text")
    texts = reading.told(products)
    stored = delta.open_table(warehouse.path, table)
    before = (
        set(stored.to_pyarrow_table(columns=["product_code"])["product_code"].to_pylist())
        if stored
        else set()
    )
    new = [
        each
        for each, code in zip(texts, products["product_code"].to_pylist(), strict=True)
        if code not in before
    ]
    mixes, known = model.mix(model.terms.counts(texts))
    columns: dict[str, Any] = {"product_code": products["product_code"], "words": known}
    empty = pa.nulls(len(texts), pa.float64())
    for i in range(tables.MOST_TOPICS):
        columns[f"topic_{i + 1}"] = mixes[:, i] if i < model.k else empty
    scored = ibis.memtable(pa.table(columns))
    ids = articles.select("article_id", "article_key", "product_code")
    context.log.info(
        f"{len(texts):,} products scored with {model.method}, {len(new):,} of them for the first time"
    )
    return dg.MaterializeResult(
        value=ids.join(scored, "product_code"),
        metadata={
            "method": model.method,
            "k": model.k,
            "products_without_known_word": int((known == 0).sum()),
            "unknown_words_share": topic_lab.unknown_share(model.terms, texts),
            "new_products": len(new),
            "unknown_words_share_of_new": topic_lab.unknown_share(model.terms, new),
        },
    )

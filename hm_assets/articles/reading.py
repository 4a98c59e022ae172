"""The tables of this stage, read back as what the models take: products in one order, mixes, vectors, models."""

from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.articles import text, topic_lab
from hm_assets.articles.topics import TopicModel


def products(documents: ibis.Table, *columns: str) -> pa.Table:
    """The documents in the order of their product codes."""
    wanted = documents.select("product_code", *columns) if columns else documents
    return wanted.to_pyarrow().sort_by("product_code")


def told(products: pa.Table) -> list[str]:
    """What topics are made from: the description, or the whole text of a product without one."""
    pairs = zip(products[text.DESCRIPTION].to_pylist(), products["text"].to_pylist(), strict=True)
    return [text.told(description, whole) for description, whole in pairs]


def models(topic_candidates: ibis.Table) -> tuple[TopicModel, TopicModel]:
    """The model that is used and the one that is kept beside; the same twice where only one method could be fitted."""
    kept = topic_candidates.filter(topic_candidates.model.notnull()).to_pyarrow().to_pylist()
    kept.sort(key=lambda row: not row["verdict"].startswith(topic_lab.USED))
    models = [TopicModel.from_json(row["model"]) for row in kept]
    return models[0], models[-1]


def mixes_of(topics: ibis.Table, codes: list[str]) -> Any:
    """The mixes of the products, in the order of the codes."""
    names = [name for name in topics.columns if name.startswith("topic_")]
    found = topics.group_by("product_code").agg(**{name: topics[name].max() for name in names})
    rows = found.to_pyarrow().sort_by("product_code")
    assert rows["product_code"].to_pylist() == codes
    return np.column_stack([rows[name].to_numpy() for name in names if rows[name].null_count == 0])


def vectors_of(embeddings: ibis.Table) -> Any:
    """The vectors of the products (products x dimensions), in the order of the codes."""
    return np.array(embeddings.to_pyarrow().sort_by("product_code")["vector"].to_pylist(), dtype=np.float64)

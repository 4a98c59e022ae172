"""What the UI shows of this stage besides its tables: markdown tables and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from hm_assets.articles.topics import METHODS
from hm_assets.warehouse import markdown, pictures

OF_CANDIDATES = (
    "method",
    "k",
    "coherence",
    "coherence_low",
    "coherence_high",
    "matched_cosine",
    "matched_cosine_min",
    "steady_share",
    "diversity",
    "nmi_product_type",
    "verdict",
)
OF_VALUE = ("rival", "representation", "auc", "low", "high", "more_than_columns", "customers", "verdict")


def table(rows: Iterable[Any]) -> str:
    """Rows (mappings or dataclasses with the same names) as a markdown table."""
    listed: list[Mapping[str, Any]] = [
        asdict(row) if is_dataclass(row) and not isinstance(row, type) else row for row in rows
    ]
    if not listed:
        return "none"
    names = list(listed[0])
    return markdown.table(names, [[_cell(row[name]) for name in names] for row in listed])


def _cell(value: object) -> object:
    return f"{value:.3g}" if isinstance(value, float) else value


def coherence_by_k(candidates: Sequence[Mapping[str, Any]]) -> str:
    """Coherence by number of topics, a line per method with the range of its fits.

    `candidates` are rows of `articles/topic_candidates`.
    """
    ranked = sorted(candidates, key=lambda row: row["k"])
    best = max(ranked, key=lambda row: row["coherence"])
    title = f"{best['method'].upper()} with {best['k']} topics is the most coherent: {best['coherence']:.2f}"
    with pictures.figure() as (drawn, axes):
        for method in METHODS:
            mine = [row for row in ranked if row["method"] == method]
            ks, low, mean, high = (
                [row[name] for row in mine] for name in ("k", "coherence_low", "coherence", "coherence_high")
            )
            (line,) = axes.plot(ks, mean, marker="o", label=method.upper())
            axes.fill_between(ks, low, high, color=line.get_color(), alpha=0.2)
        axes.set(title=title, xlabel="topics", ylabel="c_npmi, range over fits")
        axes.legend()
        return pictures.markdown(drawn, title)

"""What the UI shows of this stage besides its tables: markdown tables and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from hm_assets.articles.topic_lab import Candidate
from hm_assets.warehouse import pictures

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
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join(lines + ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in listed])


def _cell(value: object) -> str:
    shown = f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
    return shown.replace("|", "\\|").replace("\n", " ")


def coherence_by_k(candidates: Sequence[Candidate]) -> str:
    """Coherence by number of topics, a line per method with the range of its fits."""
    methods = list(dict.fromkeys(each.model.method for each in candidates))
    best = max(candidates, key=lambda each: each.coherence)
    title = (
        f"{best.model.method.upper()} with {best.model.k} topics is the most coherent: {best.coherence:.2f}"
    )
    with pictures.figure() as (drawn, axes):
        for method in methods:
            mine = [each for each in candidates if each.model.method == method]
            ks = [each.model.k for each in mine]
            (line,) = axes.plot(ks, [each.coherence for each in mine], marker="o", label=method.upper())
            axes.fill_between(
                ks,
                [each.coherence_low for each in mine],
                [each.coherence_high for each in mine],
                color=line.get_color(),
                alpha=0.2,
            )
        axes.set(title=title, xlabel="topics", ylabel="c_npmi, range over fits")
        axes.legend()
        return pictures.markdown(drawn, title)

"""The table of all candidates with all figures, for the page of the lab."""

from collections.abc import Sequence

from hm_assets.explore.words import percent
from hm_assets.segments.page.called import Row, best_first, candidate, candidates, counted, standing, within
from hm_assets.segments.page.pictures_of_k import GOOD_SILHOUETTE
from hm_assets.warehouse.charts import Block, Cell, Grid, NotEnough

NOT_ACROSS = (
    "Silhouettes of different spaces must not be compared: a space with fewer columns scores higher for nothing. The "
    "column that may be compared is “in rfm”: the same labels measured in the one space rfm."
)


def table(rows: Sequence[Row]) -> Block:
    """Every candidate with every figure; the best stand first."""
    if not rows:
        return NotEnough("candidates", "All candidates", "nothing has been tried yet")
    tried = candidates(rows)
    kept = sum(within(r) is True for r in tried)
    clear = sum((r.get("silhouette") or -1) > GOOD_SILHOUETTE for r in tried)
    both = sum((r.get("silhouette") or -1) > GOOD_SILHOUETTE and within(r) is True for r in tried)
    headings = (
        "Candidate",
        "Standing",
        "Segments",
        "Space",
        "Silhouette (95 %)",
        f"> {GOOD_SILHOUETTE}",
        "in rfm",
        "Centroid silhouette",
        "same, no segments",
        "Shares",
        "5–60 %",
        "Stability",
        "same, no segments",
        "Later value (95 %)",
        "Rule fidelity",
        "Calinski-Harabasz",
        "Davies-Bouldin",
        "Noise",
        "Customers",
        "Seconds",
        "Peak MB",
        "What became of it",
    )
    return Grid(
        "candidates",
        f"Of {counted(len(tried), 'candidate')} {kept} keep every segment within 5–60 %, {clear} have a silhouette "
        f"over {GOOD_SILHOUETTE}, and {both} do both",
        headings,
        [_line(row) for row in best_first(list(rows))],
        ("segments/candidates",),
        f"n = {counted(len(tried), 'candidate')} and the merged RFM grid, on up to "
        f"{max(r['customers'] for r in rows):,} customers; later value: share of the variance of the next 90 days' log "
        "spend, measured on past months",
        f"{NOT_ACROSS} “Same, no segments” is what the same algorithm reaches on data that have none. Press a "
        "heading to sort.",
        sortable=True,
    )


def _line(row: Row) -> list[str | Cell]:
    """A candidate's cells, in the order of the headings."""
    kept, silhouette = within(row), row.get("silhouette")
    clear = None if silhouette is None else silhouette > GOOD_SILHOUETTE
    limit = row.get("null_stability_high")
    null = _figure(row, "null_stability")
    if limit is not None and null.order is not None:
        null = Cell(f"{null.text} (95 % limit {limit:.2f})", null.order)
    shares = Cell("–")
    if row.get("min_share") is not None and row.get("max_share") is not None:
        shares = Cell(f"{percent(row['min_share'])} to {percent(row['max_share'])}", row["min_share"])
    stands = standing(row)
    return [
        Cell(candidate(row), mark="chosen" if stands == "chosen" else ""),
        stands,
        Cell(str(row["segments"]), row["segments"]),
        row["space"],
        _with_interval(row, "silhouette", "silhouette_low", "silhouette_high"),
        _rule(clear),
        _figure(row, "silhouette_rfm"),
        _figure(row, "centroid_silhouette"),
        _figure(row, "null_silhouette"),
        shares,
        _rule(kept),
        _figure(row, "stability"),
        null,
        _with_interval(row, "later_value", "later_low", "later_high"),
        _figure(row, "fidelity"),
        _figure(row, "ch", ",.0f"),
        _figure(row, "db"),
        Cell(percent(row["noise_share"]), row["noise_share"]),
        Cell(f"{row['customers']:,}", row["customers"]),
        _figure(row, "seconds"),
        _figure(row, "peak_mb", ",.0f"),
        row["verdict"] or "–",
    ]


def _figure(row: Row, column: str, form: str = ".2f") -> Cell:
    value = row.get(column)
    return Cell("–") if value is None else Cell(f"{value:{form}}", value)


def _with_interval(row: Row, column: str, low: str, high: str) -> Cell:
    value = row.get(column)
    if value is None:
        return Cell("–")
    ends = "" if row.get(low) is None else f" ({row[low]:.2f} to {row[high]:.2f})"
    return Cell(f"{value:.2f}{ends}", value)


def _rule(kept: bool | None) -> Cell:
    if kept is None:
        return Cell("–")
    return Cell("PASS" if kept else "FAIL", float(kept), "pass" if kept else "fail")

"""Every score of every model in a table, the best of each day marked, and whether a plain rule is better."""

from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.page.month import Outlook, Row, Rows, days_of, where
from hm_assets.forecasts.page.words import decimals, joined, model
from hm_assets.warehouse.charts import Block, Cell, Grid, NotEnough

BOARD, VALUE = ("forecasts/scoreboard",), ("forecasts/value_scoreboard",)
UNJUDGED = "no past day has 90 days after it and enough before it to learn from"
METRICS = {
    "auc": "AUC",
    "brier": "Brier score",
    "ece": "Calibration error (ECE)",
    "average_precision": "Average precision",
    "f1_weighted": "Weighted F1",
}
VALUE_METRICS = {
    "rmse": "Root mean squared error",
    "mae": "Mean absolute error",
    "spearman": "Rank correlation",
    "gini": "Gini",
    "top_10_capture": "Spend in the top tenth",
    "total_ratio": "Expected by true",
}
LESS_IS_BETTER = ("brier", "ece", "rmse", "mae")


def orders(month: Outlook) -> Block:
    """Of P(order within 90 days)."""
    rows = [row for row in where(month.scoreboard, horizon_days=LONGEST) if row["metric"] in METRICS]
    if not rows:
        return NotEnough("scores", "Every score", UNJUDGED)
    best = _best(rows, METRICS)
    return Grid(
        "scores",
        _where_plain_wins(rows, METRICS),
        ["Model", "Day", *METRICS.values()],
        _lines(rows, METRICS, best),
        BOARD,
        f"n = {min(row['customers'] for row in rows):,} to {max(row['customers'] for row in rows):,} customers a day",
        "How to read it: green is the best of a day. AUC 0.5 is chance, 1 is perfect; Brier score and calibration "
        "error are better the lower. * marks the plain ones to beat, > the one taken.",
    )


def value(month: Outlook) -> Block:
    """Of spend in 90 days."""
    rows = [
        row
        for row in where(month.value_scores, horizon_days=LONGEST, tenth=0)
        if row["metric"] in VALUE_METRICS
    ]
    if not rows:
        return NotEnough("value_scores", "Every score of value", UNJUDGED)
    return Grid(
        "value_scores",
        f"{_where_plain_wins(rows, VALUE_METRICS)}, of spend in 90 days",
        ["Model", "Day", *VALUE_METRICS.values()],
        _lines(rows, VALUE_METRICS, _best(rows, VALUE_METRICS)),
        VALUE,
        f"n = {max(row['customers'] for row in rows):,} customers at most a day",
        f"How to read it: green is the best of a day; of “expected by true” 1 is right. Why: {why(rows)}.",
    )


def _best(rows: Rows, metrics: dict[str, str]) -> set[tuple[object, str, str]]:
    """(day, model, metric) of who is best on a day."""
    found: set[tuple[object, str, str]] = set()
    for day in days_of(rows):
        for metric in metrics:
            mine = [row for row in where(rows, as_of=day, metric=metric) if row["value"] is not None]
            if mine:
                best = min(mine, key=lambda row: (_badness(row), row["model"]))
                found.add((day, best["model"], metric))
    return found


def _badness(row: Row) -> float:
    value = float(row["value"])
    if row["metric"] == "total_ratio":
        return abs(value - 1)
    return value if row["metric"] in LESS_IS_BETTER else -value


def _where_plain_wins(rows: Rows, metrics: dict[str, str]) -> str:
    """On which measures a plain model has a better mean over days than the chosen one."""
    chosen = next((row["model"] for row in rows if row["chosen"]), None)
    plain = {row["model"] for row in rows if row["baseline"]}
    if chosen is None:
        return "No model is taken"
    if chosen in plain:
        return f"The plain “{model(chosen)}” is taken: nothing was better beyond chance"
    lost = []
    for metric, words in metrics.items():
        means: dict[str, list[float]] = {}
        for row in rows:
            if row["metric"] == metric and row["value"] is not None and row["model"] in {chosen, *plain}:
                means.setdefault(row["model"], []).append(_badness(row))
        if chosen in means and any(
            sum(values) / len(values) < sum(means[chosen]) / len(means[chosen])
            for name, values in means.items()
            if name != chosen
        ):
            lost.append(words)
    if lost:
        return f"A plain rule is better than the model taken on {joined([f'“{words}”' for words in lost])}"
    return "The model taken is better than the plain rules on every measure"


def _lines(rows: Rows, metrics: dict[str, str], best: set[tuple[object, str, str]]) -> list[list[str | Cell]]:
    lines: list[list[str | Cell]] = []
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["model"], row)
    names = sorted(first, key=lambda name: (not first[name]["chosen"], not first[name]["baseline"], name))
    found = {(row["as_of"], row["model"], row["metric"]): row for row in rows}
    for name in names:
        for day in days_of(rows)[::-1]:
            if not any((day, name, metric) in found for metric in metrics):
                continue
            cells: list[str | Cell] = [Cell(line(name, first[name])), day.isoformat()]
            for metric in metrics:
                text = decimals(found.get((day, name, metric)))
                cells.append(Cell(text, mark="pass" if (day, name, metric) in best else ""))
            lines.append(cells)
    return lines


def line(name: str, row: Row) -> str:
    """A model's label: > the one taken, * a plain one."""
    return f"{'> ' if row['chosen'] else ''}{model(name)}{' *' if row['baseline'] else ''}"


def why(rows: Rows) -> str:
    """Why the chosen one is."""
    return next((str(row["why"]) for row in rows if row["chosen"]), "")

"""The test bench of the imputation: known ages are hidden, filled by each method, and compared with the truth.

Two ways of hiding: MCAR (disjoint folds of a fifth each) and MAR (a fifth, three times as likely for customers whose
club status is not the usual one, half as likely for those who get news). A method is not judged by its mean absolute
error alone: filling in the median is hard to beat on that and puts nobody where the people are. The distance of the
distributions (KS), the share in the trough between the two humps, and the cover of 90 % intervals say whether a fill
looks like the customers. Intervals are t intervals over the draws (Rubin's rules with no variance within).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.customers.encoding import AGE, CATEGORIES, Encoding, Floats, Integers
from hm_assets.customers.imputation import Imputer, over_limit
from hm_assets.customers.pooling import pool
from hm_assets.customers.recoding import OLDEST, YOUNGEST
from hm_assets.warehouse import beside, markdown
from hm_assets.warehouse.threads import one_thread

FOLDS = 5
FEWEST_KNOWN = 50
TROUGH = (34, 42)
CONFIDENCE = 0.90
BOOTSTRAPS = 500
# What a stream of random numbers is for: none is used twice, nor one of the imputer's own (1, 2, ... draws).
MASKS, INTERVALS, DECK, CELLS = 10_001, 10_002, 10_003, 10_004

# A filler gets the customers with the hidden ages empty, the rows to fill, how many draws, and a seed;
# it gives an array (draws, rows). A method without draws gives one.
Filler = Callable[[pa.Table, Integers, int, int], Floats]


@dataclass(frozen=True)
class Bench:
    """How thoroughly it is measured."""

    most_rows: int
    folds: int
    repeats: int
    masks: int
    draws: int
    iterations: int


QUICK = Bench(most_rows=5_000, folds=2, repeats=1, masks=1, draws=10, iterations=5)
FULL = Bench(most_rows=20_000, folds=FOLDS, repeats=2, masks=5, draws=10, iterations=10)


def scores(
    customers: pa.Table,
    bench: Bench,
    seed: int,
    further: Mapping[str, Filler] | None = None,
    methods: Mapping[str, Filler] | None = None,
    workers: int = 1,
) -> list[dict[str, Any]]:
    """One row per way of hiding and method; none where ages are not filled, or too few are known to hide some.

    Parameters
    ----------
    customers
        The columns of `ATTRIBUTES` and what else a method reads, in a fixed order of rows.
    bench
        Sample size, folds, repeats, masks, draws.
    seed
        Of sample, masks and methods.
    further
        Methods to compare besides.
    methods
        The methods; left out, `fillers`.
    workers
        Processes that share the methods.
    """
    rng = np.random.default_rng([seed, MASKS])
    if customers.num_rows > bench.most_rows:
        customers = customers.take(np.sort(rng.choice(customers.num_rows, bench.most_rows, replace=False)))
    known = np.flatnonzero(customers[AGE].is_valid().to_numpy(zero_copy_only=False))
    unused = over_limit(customers)
    if len(known) < FEWEST_KNOWN or AGE in unused:
        return []
    masks = {"MCAR": list(_mcar(known, bench, rng)), "MAR": list(_mar(customers, known, bench, rng))}
    tried = {**(methods or fillers(bench, unused)), **(further or {})}
    asked = [
        (mechanism, name, filler, hidden)
        for mechanism, hidden in masks.items()
        for name, filler in tried.items()
        if hidden
    ]
    return list(beside.each(partial(_score, customers=customers, bench=bench, seed=seed), asked, workers))


def _mcar(known: Integers, bench: Bench, rng: np.random.Generator) -> Iterator[Integers]:
    for _ in range(bench.repeats):
        folds = np.array_split(rng.permutation(known), FOLDS)
        yield from (np.sort(fold) for fold in folds[: bench.folds])


def _mar(customers: pa.Table, known: Integers, bench: Bench, rng: np.random.Generator) -> Iterator[Integers]:
    codes = Encoding.learn(customers).codes(customers)
    weight = np.where(codes["club_member_status"] == 0, 1.0, 3.0) * np.where(codes["fn"] == 1, 0.5, 1.0)
    weight = weight[known] / weight[known].sum()
    if np.ptp(weight) == 0:
        return  # All customers are alike, so nothing to hide by.
    for _ in range(bench.masks):
        yield np.sort(rng.choice(known, len(known) // FOLDS, replace=False, p=weight))


def _score(
    asked: tuple[str, str, Filler, list[Integers]], customers: pa.Table, bench: Bench, seed: int
) -> dict[str, Any]:
    # The fits are so small that several threads spend their time waiting for each other, most of all on a busy machine.
    with one_thread():
        return _measured(*asked, customers, bench, seed)


def _measured(
    mechanism: str,
    name: str,
    filler: Filler,
    masks: list[Integers],
    customers: pa.Table,
    bench: Bench,
    seed: int,
) -> dict[str, Any]:
    ages = customers[AGE].fill_null(0).to_numpy().astype(np.float64)
    errors, owners, fills, truths, distances, inside, widths = [], [], [], [], [], [], []
    start = time.perf_counter()
    for number, hidden in enumerate(masks):
        visible = np.ones(len(ages), dtype=bool)
        visible[hidden] = False
        masked = pc.if_else(pa.array(visible), customers[AGE], pa.scalar(None, customers[AGE].type))
        table = customers.set_column(customers.column_names.index(AGE), AGE, masked)
        filled, truth = filler(table, hidden, bench.draws, seed + 1_000 * number), ages[hidden]
        if not np.isfinite(filled).all():
            raise ValueError(f"{name} left hidden ages unfilled")
        errors.append(np.abs(filled.mean(axis=0) - truth))
        owners.append(hidden)
        fills.append(filled.ravel())
        truths.append(truth)
        distances += [kolmogorov_smirnov(draw, truth) for draw in filled]
        if len(filled) > 1:
            interval = pool(filled, 0.0, CONFIDENCE)
            inside.append((interval.low <= truth) & (truth <= interval.high))
            widths.append(interval.high - interval.low)
    fill, truth = np.concatenate(fills), np.concatenate(truths)
    low, high = _bootstrap(
        np.concatenate(owners), np.concatenate(errors), np.random.default_rng([seed, INTERVALS])
    )
    return {
        "mechanism": mechanism,
        "method": name,
        "masked": len(truth),
        "draws": len(fill) // len(truth),
        "mean_absolute_error": float(np.concatenate(errors).mean()),
        "mean_absolute_error_low": low,
        "mean_absolute_error_high": high,
        "ks_distance": float(np.mean(distances)),
        "trough_share": _share(fill, *TROUGH),
        "true_trough_share": _share(truth, *TROUGH),
        "impossible_share": 1 - _share(fill, YOUNGEST, OLDEST),
        "mean_error": float(fill.mean() - truth.mean()),
        "sd": float(fill.std()),
        "true_sd": float(truth.std()),
        "interval_cover": float(np.concatenate(inside).mean()) if inside else None,
        "interval_width": float(np.concatenate(widths).mean()) if widths else None,
        "seconds": time.perf_counter() - start,
    }


def as_markdown(rows: list[dict[str, Any]]) -> str:
    """The scores as a table, and beside them the seconds each method took."""
    headings = (
        *("hidden", "method", "MAE (95 %)", "KS", "34-42 (true)", "impossible", "mean error", "sd (true)"),
        *("90 % cover", "width", "s"),
    )
    return markdown.table(headings, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str]:
    error, low, high = (row[f"mean_absolute_error{end}"] for end in ("", "_low", "_high"))
    cover, width = row["interval_cover"], row["interval_width"]
    return [
        row["mechanism"],
        row["method"],
        f"{error:.2f} ({low:.2f} to {high:.2f})",
        f"{row['ks_distance']:.3f}",
        f"{row['trough_share']:.1%} ({row['true_trough_share']:.1%})",
        f"{row['impossible_share']:.1%}",
        f"{row['mean_error']:+.2f}",
        f"{row['sd']:.1f} ({row['true_sd']:.1f})",
        "" if cover is None else f"{cover:.1%}",
        "" if width is None else f"{width:.0f}",
        f"{row['seconds']:.1f}",
    ]


def kolmogorov_smirnov(one: Floats, other: Floats) -> float:
    """The largest distance of the two distribution functions, right with ties."""
    points = np.union1d(one, other)
    below = [np.searchsorted(np.sort(sample), points, side="right") / len(sample) for sample in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def _share(values: Floats, low: float, high: float) -> float:
    return float(((values >= low) & (values <= high)).mean())


def _bootstrap(owners: Integers, errors: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the mean error over customers, each with the mean of all times they were hidden."""
    _, owner = np.unique(owners, return_inverse=True)
    each = np.bincount(owner, weights=errors) / np.bincount(owner)
    means = [each[rng.integers(len(each), size=len(each))].mean() for _ in range(BOOTSTRAPS)]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def fillers(bench: Bench, unused: tuple[str, ...] = ()) -> dict[str, Filler]:
    """The methods by name, plainest first; `unused` as the imputer leaves out on the whole base."""
    return {
        "median": _median,
        "hot deck": _hot_deck,
        "hot deck in cells": _hot_deck_in_cells,
        "IterativeImputer": _iterative(posterior=False),
        "IterativeImputer, posterior": _iterative(posterior=True),
        "gradient boosting": _gradient_boosting,
        "MICE with mean matching": lambda table, rows, draws, seed: _mice(
            table, rows, draws, seed, bench, unused
        ),
    }


def _known(table: pa.Table) -> Floats:
    values: Floats = table[AGE].drop_null().to_numpy().astype(np.float64)
    return values


def _median(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    return np.full((1, len(rows)), np.median(_known(table)))


def _hot_deck(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    """The age of a random customer."""
    return np.random.default_rng([seed, DECK]).choice(_known(table), size=(draws, len(rows)))


def _hot_deck_in_cells(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    """The age of a random customer with equal attributes; of any where there are fewer than 10 such."""
    rng = np.random.default_rng([seed, CELLS])
    attributes, _ = as_matrix(table)
    cells = np.unique(attributes, axis=0, return_inverse=True)[1].ravel()
    is_known = table[AGE].is_valid().to_numpy(zero_copy_only=False)
    ages = table[AGE].fill_null(0).to_numpy().astype(np.float64)
    filled = rng.choice(ages[is_known], size=(draws, len(rows)))
    for cell in np.unique(cells[rows]):
        donors = ages[is_known & (cells == cell)]
        if len(donors) >= 10:
            wanted = cells[rows] == cell
            filled[:, wanted] = rng.choice(donors, size=(draws, int(wanted.sum())))
    return filled


def as_matrix(table: pa.Table) -> tuple[Floats, Floats]:
    """Attributes as numbers with "unknown" as a level of its own, and the ages with NaN where hidden or unknown."""
    encoding = Encoding.learn(table)
    codes = encoding.codes(table)
    columns = [codes["fn"], codes["active"]]
    for name in CATEGORIES:
        columns += [codes[name] == level for level in range(-1, len(encoding.levels[name])) if level != 0]
    ages = table[AGE].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.column_stack(columns).astype(np.float64), ages


def _iterative(posterior: bool) -> Filler:
    def fill(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        attributes, ages = as_matrix(table)
        whole = np.column_stack([attributes, ages])
        filled = [
            IterativeImputer(
                sample_posterior=posterior, skip_complete=True, random_state=seed + draw
            ).fit_transform(whole)[rows, -1]
            for draw in range(draws if posterior else 1)
        ]
        return np.array(filled)

    return fill


def _gradient_boosting(table: pa.Table, rows: Integers, draws: int, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    attributes, ages = as_matrix(table)
    known = ~np.isnan(ages)
    model = HistGradientBoostingRegressor(loss="absolute_error", random_state=seed)
    predicted = model.fit(attributes[known], ages[known]).predict(attributes[rows])
    return np.array([predicted], dtype=np.float64)


def _mice(
    table: pa.Table, rows: Integers, draws: int, seed: int, bench: Bench, unused: tuple[str, ...]
) -> Floats:
    imputer = Imputer.fit(table, draws, bench.iterations, bench.most_rows, seed, unused)
    hidden = table.take(rows)
    return np.array(
        [
            imputer.complete(hidden, draw, seed)[AGE].to_numpy().astype(np.float64)
            for draw in range(1, draws + 1)
        ]
    )

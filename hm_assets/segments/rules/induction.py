"""The rule of each segment, and how far simple rules can stand in for a whole clustering.

Rules speak of columns in their own units. Half of the customers are learned from, the others measured on.
"""

import numpy as np
import pyarrow as pa

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.rules.boxes import best_box
from hm_assets.segments.rules.rule import Rule
from hm_assets.segments.space import Floats, Ints, numbers, sample
from hm_assets.warehouse.threads import one_thread

MOST_LEARNED = 20_000
DEPTH = 3


def rules(columns: pa.Table, labels: Ints, seed: int) -> list[Rule]:
    """A rule per segment, in the order of their labels.

    Within each segment every second customer, in a seeded shuffled order, is learned from (at most 20,000 in all); the
    other half is what precision, recall and coverage are measured on.

    Parameters
    ----------
    columns
        n rows of numeric columns of `features/customer_features`, in their own units, sorted by customer key. Ties
        between columns go to the first.
    labels
        Segment of each row (n); those below 0 are in none, and count as others.
    seed
        Of the halves.

    Raises
    ------
    CannotFit
        No customer in a segment, no column, or not a label for each row.
    """
    _checked(columns, labels)
    learned, held_out = _halves(labels, seed)
    chosen = learned[sample(len(learned), MOST_LEARNED, np.random.default_rng(seed))]
    kept, table = labels[chosen], columns.take(pa.array(chosen))
    theirs, measured = labels[held_out], columns.take(pa.array(held_out))
    found = []
    for segment in sorted({int(label) for label in np.unique(labels) if label >= 0}):
        conditions = best_box(table, kept == segment)
        rule = Rule(segment, conditions, 0, 0, 0, 0)
        selected, members = rule.selects(measured), theirs == segment
        counts = (len(theirs), int(members.sum()), int(selected.sum()), int((selected & members).sum()))
        found.append(Rule(segment, conditions, *counts))
    return found


def fidelity(columns: pa.Table, labels: Ints, seed: int) -> float:
    """How much of a clustering a tree of three questions repeats: the mean over segments of the share it places right.

    Learned on one half of at most 20,000 customers, measured on the other (`rules` says how they are drawn). Guessing
    gives 1 / k. A tree of depth 3 has eight leaves, so more segments cannot all be told.

    Parameters
    ----------
    columns, labels, seed
        See `rules`; rows with a label below 0 are left out.

    Raises
    ------
    CannotFit
        As `rules`, or fewer than two segments or four customers.
    """
    from sklearn.tree import DecisionTreeClassifier

    _checked(columns, labels)
    rows = np.flatnonzero(labels >= 0)
    rows = rows[sample(len(rows), MOST_LEARNED, np.random.default_rng(seed))]
    placed, table = labels[rows], columns.take(pa.array(rows))
    if len(np.unique(placed)) < 2 or len(rows) < 4:
        raise CannotFit(
            f"{len(rows)} customers in {len(np.unique(placed))} segments give rules nothing to tell apart"
        )
    values = np.stack([_filled(numbers(table, name)) for name in table.column_names], axis=1)
    learned, held_out = _halves(placed, seed)
    with one_thread():
        tree = DecisionTreeClassifier(max_depth=DEPTH, class_weight="balanced", random_state=seed)
        right = tree.fit(values[learned], placed[learned]).predict(values[held_out]) == placed[held_out]
    return float(np.mean([right[placed[held_out] == label].mean() for label in np.unique(placed[held_out])]))


def _checked(columns: pa.Table, labels: Ints) -> None:
    if len(columns) != len(labels):
        raise CannotFit(f"{len(columns)} customers have {len(labels)} labels")
    if not columns.num_columns:
        raise CannotFit("a rule needs at least one column")
    if not (labels >= 0).any():
        raise CannotFit("no customer is in a segment, so there is nothing to describe")


def _halves(labels: Ints, seed: int) -> tuple[Ints, Ints]:
    """Positions of two halves, in order; each segment gives half of its rows to each, the odd one by turns."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_label[::2]), np.sort(by_label[1::2])


def _filled(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)

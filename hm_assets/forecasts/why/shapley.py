"""SHAP values of each customer, in points of P(order within 90 days), beside the average customer of the month.

What is exact: a classifier's log odds of an interval are a base plus one value per input. For a logistic model that is
weight x (x - mean), for boosted trees TreeSHAP (Lundberg and Lee 2017; Lundberg et al. 2020). Both are then counted
from the mean customer of the month, so that a value says "more than for the others today".

What is carried through: P(order) is 1 - exp(-sum of log(1 + odds) over the intervals). Each step is a monotone function
of one number, and a monotone function of a sum hands a change on in proportion (the rescale rule of DeepLIFT,
Shrikumar et al. 2017, which Lundberg and Lee use to compose SHAP values). So the values keep their sign, and add up to
P(order) of the customer minus P(order) of the reference, but for rounding.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn.algorithms import Boosted, Classifier, Constant, Logistic
from hm_assets.forecasts.churn.hazards import Hazards, Seasonal
from hm_assets.forecasts.why.trees import contributions as of_trees
from hm_assets.segments.space import Floats

# Means are sums of whole numbers of these: the same in any order of the customers.
STEP = 2.0**-30
# Where a sum moved less than this, its function is taken as straight.
STILL = 1e-7

Function = Callable[[Floats], Floats]


class UnexplainedError(ValueError):
    """The model tells nobody apart, or its values cannot be split by input; the message says which."""


@dataclass(frozen=True)
class Explained:
    """Each customer's probability, split.

    Attributes
    ----------
    model, month, rows
        Whose probabilities, and of whom (n).
    columns
        The inputs.
    reference
        P(order within 90 days) of somebody for whom every interval's log odds are the mean of the month.
    points
        What each input adds to it (inputs x n), as a difference of probabilities.
    p
        `reference` plus all that is added (n).
    """

    model: Hazards
    month: dt.date
    rows: pa.Table
    columns: tuple[str, ...]
    reference: float
    points: Floats
    p: Floats


def mean(values: Floats) -> Floats:
    """Mean over the last axis, equal to the last digit for any order of the values."""
    whole = np.rint(values / STEP).astype(np.int64).sum(axis=-1)
    return np.asarray(whole * STEP / values.shape[-1])


def log_odds(classifier: Classifier, x: Floats) -> tuple[Floats, float]:
    """What each axis adds to the log odds of n points (axes x n), and to what.

    Raises
    ------
    UnexplainedError
        The classifier is of a kind whose log odds are no sum over inputs.
    """
    if isinstance(classifier, Constant):
        return np.zeros(x.shape[::-1]), float(np.log(classifier.rate / (1 - classifier.rate)))
    if isinstance(classifier, Logistic):
        return np.ascontiguousarray(x.T) * np.array(classifier.weights)[:, None], classifier.intercept
    if isinstance(classifier, Boosted):
        return of_trees(classifier.booster, x)
    raise UnexplainedError(f"log odds of {type(classifier).__name__} are not split by input")


def explain(model: Seasonal | None, rows: pa.Table, month: dt.date) -> Explained:
    """Split P(order within 90 days) of n customers of a month by input.

    Parameters
    ----------
    model
        A fitted model of orders, if there is one.
    rows
        `inputs.described` of all customers of the month; the reference is their mean.
    month
        Their month, for the season.

    Raises
    ------
    UnexplainedError
        There is no model or no customer, the model says the same of everybody, or it is no sum over inputs.
    """
    if model is None:
        raise UnexplainedError("there is no model: the files are too short to learn from")
    if not isinstance(model, Hazards):
        raise UnexplainedError(f"{type(model).__name__} is no model of inputs whose log odds add up")
    if all(isinstance(each, Constant) for each in model.intervals):
        raise UnexplainedError(f"{model.name} says the same of everybody, so nothing drives it")
    if not len(rows):
        raise UnexplainedError("the month has no customer")
    x = model.space.transform(rows)
    columns = tuple(axis.column for axis in model.space.coordinates)
    hazard = np.zeros((len(columns), len(rows)))
    total, of_reference = np.zeros(len(rows)), 0.0
    for classifier, shift in zip(model.intervals, model.shifts(month), strict=True):
        added, base = log_odds(classifier, x)
        usual = mean(added)
        start = base + float(usual.sum()) + shift
        added -= usual[:, None]
        # log(1 + odds) is the interval's part of minus log P(no order).
        moved = _handed_on(added, start, lambda z: np.logaddexp(0.0, z), lambda z: 1 / (1 + np.exp(-z)))
        hazard += moved
        total += moved.sum(axis=0)
        of_reference += float(np.logaddexp(0.0, start))
    points = _handed_on(hazard, of_reference, lambda z: -np.expm1(-z), lambda z: np.exp(-z))
    reference = float(-np.expm1(-of_reference))
    return Explained(
        model, month, rows, columns, reference, points, np.asarray(-np.expm1(-(of_reference + total)))
    )


def _handed_on(added: Floats, start: float, function: Function, slope: Function) -> Floats:
    """What is added to f(start), from what is added to start (inputs x n): each part times the mean slope."""
    moved = added.sum(axis=0)
    still = np.abs(moved) < STILL
    steep = (function(start + moved) - function(np.array(start))) / np.where(still, 1.0, moved)
    return np.asarray(added * np.where(still, slope(start + moved / 2), steep))

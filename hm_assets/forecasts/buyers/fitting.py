"""What the fits of Pareto/NBD and MBG/NBD share: time in units of the mean age, and equal histories counted once."""

from collections.abc import Callable, Sequence

import numpy as np

from hm_assets.forecasts.buyers.histories import Histories, thinned
from hm_assets.forecasts.buyers.maximum_likelihood import Fit, Objective, Scale, maximise
from hm_assets.segments.space import Floats

SHAPES, TIMES = (1e-3, 1e3), (1e-4, 1e4)


def most_likely(
    histories: Histories,
    parameters: Sequence[str],
    times: Sequence[str],
    starts: Callable[[float], Sequence[Sequence[float]]],
    objective: Callable[[Histories, Floats], Objective],
    sample: int,
) -> Fit:
    """The parameters that make these histories most likely.

    Parameters
    ----------
    histories
        In days.
    parameters, times
        Names of the parameters, and of those which are counted in days.
    starts
        (repeat days per unit of time) -> values of the parameters to begin from.
    objective
        (different histories, customers with each) -> the function to climb.
    sample
        Customers that the first climbs see, at most.

    Raises
    ------
    TooFewBuyersError
        Nobody came back.
    """
    rows, counts = histories.worth_learning_from().distinct()
    unit = float((counts * rows.T).sum() / counts.sum())
    scaled = rows.in_units_of(unit)
    rate = float((counts * scaled.x).sum() / (counts * scaled.T).sum())
    scale = Scale(
        tuple(parameters),
        tuple(unit if name in times else 1.0 for name in parameters),
        (0.0,) * len(parameters),
        tuple(tuple(np.log(TIMES if name in times else SHAPES)) for name in parameters),
    )
    few = objective(*thinned(scaled, counts, sample))
    fit = maximise(few, objective(scaled, counts), starts(rate), scale, len(histories))
    # A likelihood is a density of purchase times, so it has their unit.
    return fit.in_other_units(-float(histories.x.sum()) * np.log(unit))

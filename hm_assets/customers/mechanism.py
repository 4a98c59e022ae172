"""Why values are unknown: completely at random (MCAR), by what else is known (MAR), or by what they are (MNAR).

Little's test asks for the first, a logistic regression of "is unknown" on the other attributes for the second; both
count every customer, because they read the distinct combinations of attributes with how many customers have each.
The third cannot be tested from the data, as it is about values that nobody has seen: what it would do to the mean
age is worked out instead. With 1.4 million customers nearly every test rejects: read the effect before the p-value.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.customers import little
from hm_assets.customers.encoding import ATTRIBUTES, CATEGORIES
from hm_assets.customers.little import Floats, Little
from hm_assets.warehouse import markdown

GAPS = (*CATEGORIES, "age", "postal_code")  # columns that can be unknown
TESTED_TOGETHER = ATTRIBUTES
UNKNOWN = "unknown"

AGE_BAND_YEARS = 10
FEWEST_UNKNOWN = 30  # customers who are unknown, who are known, who share a pattern: fewer tell nothing
RAREST_LEVEL = (
    1 / FEWEST_UNKNOWN
)  # of the known: the mean of a rarer one is not near normal in such a pattern
FEWEST_IN_LEVEL = 5  # of both kinds in a level, for an odds ratio of its own
WIDEST_ERROR = 5.0  # of a log odds: beyond, the regression has run off to infinity
SIGNIFICANT = 0.05
TINY_R2 = 0.01
TINY_DISTANCE = 0.1
ASSUMED_YEARS = (-10, -5, 5, 10)
Z = 1.959963984540054

MCAR, MAR, MNAR = "little_mcar", "logistic_mar", "mnar_sensitivity"
Row = dict[str, Any]


@dataclass(frozen=True)
class Combinations:
    """The distinct combinations of attributes (None = unknown; of a postal code only whether it is known)."""

    attributes: dict[str, list[Any]]
    customers: Floats

    @classmethod
    def of(cls, customers: ibis.Table) -> "Combinations":
        """Those of a table of customers, in a total order."""
        names = [*TESTED_TOGETHER, "postal_code"]
        table = customers.mutate(postal_code=ibis.ifelse(customers.postal_code.notnull(), "known", None))
        counted = table.group_by(names).agg(customers=ibis._.count()).order_by(names).to_pyarrow()
        return cls(
            {name: counted[name].to_pylist() for name in names},
            counted["customers"].to_numpy().astype(np.float64),
        )

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Combinations":
        """Only the combinations that are chosen."""
        kept = {
            name: [value for value, keep in zip(values, chosen, strict=True) if keep]
            for name, values in self.attributes.items()
        }
        return Combinations(kept, self.customers[chosen])

    def unknown(self, name: str) -> npt.NDArray[np.bool_]:
        """Where an attribute is unknown."""
        return np.array([value is None for value in self.attributes[name]], dtype=bool)

    def levels(self, name: str) -> list[str]:
        """An attribute in words: an age as its band, what is unknown as a level of its own."""
        values = self.attributes[name]
        return [
            UNKNOWN if value is None else _band(value) if name == "age" else str(value) for value in values
        ]


def rows_of(customers: ibis.Table) -> list[Row]:
    """All tests as rows of `customers/missingness_tests`."""
    combinations = Combinations.of(customers)
    return [
        completely_at_random(combinations),
        *(logistic(combinations, name) for name in GAPS),
        *sensitivity(combinations),
    ]


def completely_at_random(combinations: Combinations) -> Row:
    """Little's test as a row, on the customers whose pattern of unknown values enough others share."""
    tested = combinations.some(_frequent_patterns(combinations))
    left_out = int(combinations.customers.sum() - tested.customers.sum())
    gaps = np.any([combinations.unknown(name) for name in TESTED_TOGETHER], axis=0)
    total, missing = int(combinations.customers.sum()), int(combinations.customers[gaps].sum())
    distance_is = "Distance from all customers, in standard deviations"
    row = _row(MCAR, ", ".join(TESTED_TOGETHER), total, missing, distance_is)
    outcome = little_test(tested)
    if outcome.p_value is None:
        few = f"Too few to tell: {left_out} unknown, in patterns of fewer than {FEWEST_UNKNOWN} customers"
        return row | {"finding": few if left_out else "Nothing to compare: one pattern only"}
    distance = outcome.distance or 0.0
    measures = f"distance {distance:.2f} sd, {outcome.patterns} patterns, {_p(outcome.p_value)}"
    if outcome.p_value >= SIGNIFICANT:
        finding = f"Missing completely at random is not rejected, which is no proof ({measures})"
    elif distance < TINY_DISTANCE:
        finding = (
            f"Significant but tiny: those with unknown values hardly differ from the others ({measures})"
        )
    else:
        finding = f"Not completely at random: those with unknown values differ from the others ({measures})"
    if left_out:
        finding += f"; {left_out} customers in patterns of fewer than {FEWEST_UNKNOWN} are left out"
    return row | {
        "effect": outcome.distance,
        "statistic": outcome.statistic,
        "degrees_of_freedom": outcome.degrees_of_freedom,
        "p_value": outcome.p_value,
        "finding": finding if outcome.converged else f"{finding}; EM did not settle",
    }


def _frequent_patterns(combinations: Combinations) -> npt.NDArray[np.bool_]:
    gaps = np.column_stack([combinations.unknown(name) for name in TESTED_TOGETHER])
    _, which = np.unique(gaps, axis=0, return_inverse=True)
    return np.bincount(which.ravel(), weights=combinations.customers)[which.ravel()] >= FEWEST_UNKNOWN


def little_test(combinations: Combinations) -> Little:
    """Little's test on FN, Active, age and one 0/1 column per frequent category; a postal code has no mean."""
    return little.mcar_test(
        np.column_stack([column for _, column in _numbers(combinations)]), combinations.customers
    )


def logistic(combinations: Combinations, name: str) -> Row:
    """Regress "`name` is unknown" on all other attributes, and tell what came out."""
    unknown = combinations.unknown(name)
    weights = combinations.customers
    missing, total = int(weights[unknown].sum()), int(weights.sum())
    row = _row(MAR, name, total, missing, "McFadden's R2: 0 = the other attributes tell nothing")
    if min(missing, total - missing) < FEWEST_UNKNOWN:
        return row | {"finding": _too_few(missing, total)}
    design, names = _design(combinations, without=name)
    return row | fit(design, names, unknown, weights)


def fit(design: Floats, names: list[str], unknown: npt.NDArray[np.bool_], weights: Floats) -> Row:
    """The logistic regression itself: likelihood ratio against the intercept, McFadden's R2, AUC, strongest level.

    Parameters
    ----------
    design
        0/1 columns without an intercept, one per level but the most frequent of each attribute.
    names
        What the columns are called.
    unknown, weights
        The outcome of each row, and how many customers it stands for.
    """
    import warnings

    import statsmodels.api as sm
    from scipy import stats
    from sklearn.metrics import roc_auc_score

    design, outcome, weights = _summed(design, unknown, weights)
    kept = _independent(design, weights)
    design, names = design[:, kept], [names[column] for column in kept]
    with warnings.catch_warnings():
        # A level without a single unknown value has no finite odds; the likelihood has its limit all the same.
        warnings.simplefilter("ignore")
        model = sm.GLM(
            outcome,
            np.column_stack([np.ones(len(design)), design]),
            family=sm.families.Binomial(),
            freq_weights=weights,
        )
        result = model.fit(maxiter=200)
    share = float(np.average(outcome, weights=weights))
    null = float(weights.sum() * (share * np.log(share) + (1 - share) * np.log(1 - share)))
    statistic = max(0.0, 2 * (float(result.llf) - null))
    freedom = len(names)
    r2 = max(0.0, 1 - float(result.llf) / null)
    p_value = float(stats.chi2.sf(statistic, freedom)) if freedom else None
    # Fitted values that are equal but for the last bits are ties.
    auc = float(roc_auc_score(outcome, np.round(result.fittedvalues, 12), sample_weight=weights))
    found = {
        "effect": r2,
        "statistic": statistic,
        "degrees_of_freedom": freedom,
        "p_value": p_value,
        "auc": auc,
        **_strongest(design, names, outcome, weights, result),
    }
    return found | {"finding": _finding(found)}


def _strongest(design: Floats, names: list[str], outcome: Floats, weights: Floats, result: Any) -> Row:
    """The level whose odds are surely furthest from those of its attribute's most frequent level."""
    best: tuple[float, Row] = (-np.inf, {})
    for column, name in enumerate(names):
        here = design[:, column] == 1
        of_each = [float(weights[here & (outcome == kind)].sum()) for kind in (0, 1)]
        slope, error = float(result.params[column + 1]), float(result.bse[column + 1])
        if min(of_each) < FEWEST_IN_LEVEL or not error < WIDEST_ERROR:
            continue
        surely = abs(slope) - Z * error
        if surely > best[0]:
            low, high = np.exp(slope - Z * error), np.exp(slope + Z * error)
            odds = {"odds_ratio": float(np.exp(slope)), "low": float(low), "high": float(high)}
            best = (surely, {"strongest": name, **odds})
    return best[1]


def _finding(found: Row) -> str:
    measures = f"R2 {found['effect']:.2g}, AUC {found['auc']:.2f}"
    p_value = found["p_value"]
    if p_value is None or p_value >= SIGNIFICANT:
        return f"No sign that it depends on the other attributes ({measures}, {_p(p_value)})"
    if found["effect"] < TINY_R2:
        text = f"Significant but tiny: the other attributes hardly tell who is unknown ({measures}, {_p(p_value)})"
    else:
        text = f"Depends on the other attributes, so not completely at random ({measures}, {_p(p_value)})"
    strongest = found.get("strongest")
    if strongest and not found["low"] <= 1 <= found["high"]:
        text += f"; most with {strongest}: odds x{found['odds_ratio']:.2g} ({found['low']:.2g}-{found['high']:.2g})"
        if strongest.endswith(f" = {UNKNOWN}") and found["odds_ratio"] > 1:
            text += ", so the two are unknown together"
    return text


def _too_few(missing: int, total: int) -> str:
    if not missing:
        return "Nothing is unknown"
    if missing == total:
        return "All are unknown: nothing to compare with"
    few = f"{missing} unknown" if missing < FEWEST_UNKNOWN else f"{total - missing} known"
    return f"Too few to tell: {few}, {FEWEST_UNKNOWN} needed"


def sensitivity(combinations: Combinations) -> Iterator[Row]:
    """How the mean age moves if the unknown ages are some years off what the other attributes let expect."""
    unknown, weights = combinations.unknown("age"), combinations.customers
    missing, total = int(weights[unknown].sum()), int(weights.sum())
    if not missing or missing == total:
        return
    names = [name for name, _ in _numbers(combinations)]
    expected = float(little_test(combinations).mean[names.index("age")])
    for years in ASSUMED_YEARS:
        moved = missing / total * years
        row = _row(
            MNAR, "age", total, missing, "Years by which the mean age moves: share unknown x assumed years"
        )
        finding = (
            f"If the unknown ages are {abs(years)} years {'above' if years > 0 else 'below'} what MAR expects, the "
            f"mean age is {expected + moved:.2f} instead of {expected:.2f}"
        )
        yield row | {"assumed_years": years, "effect": moved, "finding": finding}


def _numbers(combinations: Combinations) -> list[tuple[str, Floats]]:
    """What Little's test reads: numbers as they are, categories as 0/1 without their first level."""
    columns: list[tuple[str, Floats]] = []
    for name in TESTED_TOGETHER:
        values = combinations.attributes[name]
        if name not in CATEGORIES:
            columns.append((name, np.array([np.nan if v is None else v for v in values], dtype=np.float64)))
            continue
        known = ~combinations.unknown(name)
        levels = combinations.levels(name)
        sizes = {
            level: float(combinations.customers[[mine == level for mine in levels]].sum())
            for level in sorted({level for level, is_known in zip(levels, known, strict=True) if is_known})
        }
        first, *others = sorted(sizes, key=lambda level: (-sizes[level], level)) or [""]
        # Rare levels count as the most frequent one; where no other is left, a constant says that it is known.
        frequent = [level for level in others if sizes[level] >= RAREST_LEVEL * sum(sizes.values())]
        for level in frequent or [first]:
            of_level = np.array([float(mine == level) for mine in levels], dtype=np.float64)
            columns.append((f"{name} = {level}", np.where(known, of_level, np.nan)))
    return columns


def _design(combinations: Combinations, without: str) -> tuple[Floats, list[str]]:
    """0/1 columns of all other attributes' levels but the most frequent one of each."""
    columns, names = [], []
    for name in combinations.attributes:
        if name == without:
            continue
        of_row = np.array(combinations.levels(name))
        levels = np.unique(of_row)
        sizes = [float(combinations.customers[of_row == level].sum()) for level in levels]
        reference = levels[int(np.argmax(sizes))]
        for level in levels[levels != reference]:
            columns.append((of_row == level).astype(np.float64))
            names.append(f"{name} = {level}")
    return np.column_stack(columns) if columns else np.empty((len(combinations.customers), 0)), names


def _summed(design: Floats, unknown: npt.NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """One row per combination of levels and outcome."""
    both = np.column_stack([design, unknown])
    rows, which = np.unique(both[weights > 0], axis=0, return_inverse=True)
    sums = np.bincount(which.ravel(), weights=weights[weights > 0]).astype(np.float64)
    return rows[:, :-1], rows[:, -1], sums


def _independent(design: Floats, weights: Floats) -> list[int]:
    """The columns that add something to the intercept and those before them."""
    root = np.sqrt(weights)
    basis = [root / np.linalg.norm(root)]
    kept = []
    for column in range(design.shape[1]):
        own = design[:, column] * root
        size = float(np.linalg.norm(own))
        for direction in (*basis, *basis):  # twice: once leaves rounding behind
            own = own - (own @ direction) * direction
        left = float(np.linalg.norm(own))
        if left > 1e-9 * size:
            basis.append(own / left)
            kept.append(column)
    return kept


def _band(age: int) -> str:
    first = age // AGE_BAND_YEARS * AGE_BAND_YEARS
    return f"{first}-{first + AGE_BAND_YEARS - 1}"


def _p(value: float | None) -> str:
    return "no test" if value is None else "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _row(test: str, column: str, customers: int, unknown: int, effect_is: str) -> Row:
    empty = ("assumed_years", "effect", "statistic", "degrees_of_freedom", "p_value", "auc", "strongest")
    return {
        "test": test,
        "column": column,
        "customers": customers,
        "unknown": unknown,
        **dict.fromkeys((*empty, "odds_ratio", "low", "high")),
        "effect_is": effect_is,
    }


def as_markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """The findings as a short table for the UI."""
    cells = [[row["test"], row["column"], f"{row['unknown']:,}", row["finding"]] for row in rows]
    return markdown.table(("test", "column", "unknown", "finding"), cells)

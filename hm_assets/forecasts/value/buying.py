"""Value as days with a purchase to come (MBG/NBD or Pareto/NBD) times spend on such a day (Gamma-Gamma)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.buyers.gamma_gamma import GammaGamma, fit_gamma_gamma
from hm_assets.forecasts.buyers.histories import TooFewBuyersError
from hm_assets.forecasts.buyers.known import CLASSES, FITS, Orders, histories, new_to_the_files
from hm_assets.forecasts.buyers.maximum_likelihood import Fit
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.value.spending import repeat_mean
from hm_assets.segments.space import Floats, numbers

# Fewer newcomers than that are no picture of the others.
FEWEST_NEW_SHARE = 1 / 3


@dataclass(frozen=True)
class Buying:
    """A fitted model.

    Attributes
    ----------
    kind
        `mbg_nbd` or `pareto_nbd`.
    orders
        When customers buy, and leave.
    spend
        What they spend on a day; without one, `mean_spend` is everybody's.
    mean_spend
        Mean over all days with a purchase.
    errors
        Standard errors of the parameters' logarithms (of q - 1 for q); None where the data do not tell.
    customers
        Those that `orders` was fitted to.
    warning
        Where the model of spend does not hold.
    """

    kind: str
    orders: Orders
    spend: GammaGamma | None
    mean_spend: float
    errors: Mapping[str, float | None]
    customers: int
    warning: str | None

    def predict(self, rows: pa.Table, horizon: int) -> Floats:
        """Expected spend within so many days (n); rows as of `spending.examples`."""
        known = histories(rows)
        orders = self.orders.expected_orders(known, horizon)
        if self.spend is None:
            return np.asarray(orders * self.mean_spend)
        return np.asarray(orders * self.spend.expected_spend(known.x, repeat_mean(rows)))

    def p_active(self, rows: pa.Table) -> Floats:
        """P(still a customer on the day) (n)."""
        return self.orders.p_alive(histories(rows))

    def p_order(self, rows: pa.Table) -> Floats:
        """P(at least one purchase within 90 days) (n)."""
        return self.orders.order_probabilities(histories(rows), (LONGEST,))[:, 0]

    def longer(self, rows: pa.Table, horizon: int) -> Floats:
        """Days with a purchase to come within so many days, by those within 90 (n): who may leave has fewer of them."""
        known = histories(rows)
        short = self.orders.expected_orders(known, LONGEST)
        ratio = self.orders.expected_orders(known, horizon) / np.maximum(short, 1e-300)
        return np.clip(ratio, 1.0, horizon / LONGEST)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "kind": self.kind,
            "orders": asdict(self.orders),
            "spend": None if self.spend is None else asdict(self.spend),
            "mean_spend": self.mean_spend,
            "errors": dict(self.errors),
            "customers": self.customers,
            "warning": self.warning,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Buying":
        """The inverse of `as_json`."""
        spend = None if value["spend"] is None else GammaGamma(**value["spend"])
        orders = CLASSES[value["kind"]](**value["orders"])
        return cls(
            value["kind"],
            orders,
            spend,
            value["mean_spend"],
            value["errors"],
            value["customers"],
            value["warning"],
        )


def fit(kind: str, rows: pa.Table) -> Buying | None:
    """Learn from the histories of the customers of one day; None where nobody came back.

    Who may have been a customer before the files begin is left out while at least a third of all came later.
    """
    known = histories(rows)
    new = new_to_the_files(rows)
    learned = known.where(new) if len(new) and new.mean() > FEWEST_NEW_SHARE else known
    if not (learned.x > 0).any():
        learned = known
    try:
        orders, about = FITS[kind](learned)
    except TooFewBuyersError:
        return None
    errors = _errors(about)
    try:
        spend, spending = fit_gamma_gamma(known.x, repeat_mean(rows))
        errors |= _errors(spending.fit)
        warning = spending.warning
    except TooFewBuyersError as error:
        spend, warning = None, str(error)
    mean = float(numbers(rows, "spend").sum() / numbers(rows, "purchase_days").sum())
    return Buying(kind, orders, spend, mean, errors, len(learned), warning)


def _errors(fit: Fit) -> dict[str, float | None]:
    return {
        name: error if np.isfinite(error) else None for name, error in zip(fit.names, fit.errors, strict=True)
    }

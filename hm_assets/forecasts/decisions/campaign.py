"""A campaign against leaving, as Verbraken, Verbeke and Baesens (2013) assume it, and what it is expected to earn.

Somebody leaves who places no order within 90 days. Whoever is contacted costs f; whoever would have stayed takes the
incentive d; of those who would have left a share gamma takes it and stays, which is worth V less d. Nobody knows gamma
beforehand: it is Beta(alpha, beta). All money is counted in mean orders of the shop, never in a currency.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Floats
from hm_assets.settings import Settings

ASSUMED = "assumed, not measured: no past campaign is in the files"


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of a campaign before any customer is looked at; costs in mean orders.

    Attributes
    ----------
    margin
        What the shop keeps of a customer's spend of a year, as a share.
    incentive, contact, alpha, beta
        See `Campaign`.
    """

    margin: float
    incentive: float
    contact: float
    alpha: float
    beta: float

    @classmethod
    def of(cls, settings: Settings) -> "Assumptions":
        """Those of the settings."""
        return cls(
            settings.campaign_margin,
            settings.campaign_incentive,
            settings.campaign_contact,
            settings.campaign_alpha,
            settings.campaign_beta,
        )

    def campaign(self, value: float) -> "Campaign":
        """With the mean value of a customer who stays, in mean orders."""
        return Campaign(value, self.incentive, self.contact, self.alpha, self.beta)

    @property
    def words(self) -> str:
        """As every table prints them."""
        return (
            f"a contact costs {self.contact:g} mean orders, an incentive {self.incentive:g}; "
            f"{100 * self.margin:.0f} % of a year’s spend is earned; "
            f"{100 * self.alpha / (self.alpha + self.beta):.0f} % of leavers take it and stay "
            f"(Beta({self.alpha:g}, {self.beta:g})); {ASSUMED}"
        )


@dataclass(frozen=True)
class Campaign:
    """Assumptions, in mean orders.

    Attributes
    ----------
    value
        V, what somebody who stays is worth.
    incentive, contact
        d and f, each at least 0.
    alpha, beta
        Of the share gamma of leavers whom the incentive keeps.

    Raises
    ------
    ValueError
        An assumption without sense.
    """

    value: float
    incentive: float
    contact: float
    alpha: float = 6.0
    beta: float = 14.0

    def __post_init__(self) -> None:
        for name in ("value", "incentive", "contact"):
            found = getattr(self, name)
            if not np.isfinite(found) or found < 0:
                raise ValueError(
                    f"a campaign's {name} is {found} mean orders: it must be finite and not negative"
                )
        for name in ("alpha", "beta"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} of the acceptance is {getattr(self, name)}: it must be above 0")

    @property
    def acceptance(self) -> float:
        """The mean of gamma."""
        return self.alpha / (self.alpha + self.beta)

    def acceptance_at(self, level: float) -> float:
        """A quantile of gamma."""
        from scipy.special import betaincinv

        return float(betaincinv(self.alpha, self.beta, level))

    def profit(
        self, leaves: Floats, value: Floats | float | None = None, gamma: float | None = None
    ) -> Floats:
        """Expected profit of contacting customers who leave with these probabilities (n), in mean orders.

        `value` is what each is worth (the campaign's, if None), `gamma` the acceptance (its mean, if None).
        """
        worth = self.value if value is None else value
        share = self.acceptance if gamma is None else gamma
        kept = share * (worth - self.incentive) - self.contact
        return np.asarray(leaves * kept - (1 - leaves) * (self.incentive + self.contact))

    def cost(self, leaves: Floats) -> Floats:
        """Expected cost of contacting them: the contact, and the incentive for those who take it."""
        return np.asarray(self.contact + self.incentive * (1 - leaves + leaves * self.acceptance))

    @property
    def worth_contacting(self) -> float:
        """P(leave) from which on contacting pays at the mean acceptance; infinite where it never does."""
        gained = self.acceptance * (self.value - self.incentive) + self.incentive
        return (self.incentive + self.contact) / gained if gained > 0 else float("inf")

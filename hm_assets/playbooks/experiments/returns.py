"""What a campaign earns per customer contacted, in mean orders of the shop: assumed, all but the gain once measured.

A contact costs something, an incentive costs something for everybody who orders (also for who would have anyhow), and
an order more earns the margin (`HM_CAMPAIGN_CONTACT`, `_INCENTIVE`, `_MARGIN`). Only the first order more is counted.
"""

from hm_assets.forecasts.decisions.campaign import Assumptions


def net(base: float, gain: float, assumed: Assumptions) -> float:
    """Earned per customer contacted, in mean orders.

    Parameters
    ----------
    base
        Share that orders without the campaign.
    gain
        Rise of that share.
    assumed
        Costs and margin.

    >>> round(net(0.2, 0.1, Assumptions(0.5, 0.1, 0.01, 6, 14)), 3)
    0.01
    """
    return gain * assumed.margin - assumed.contact - assumed.incentive * (base + gain)


def break_even(base: float, assumed: Assumptions) -> float | None:
    """The rise from which a campaign pays; None where none does, as the incentive eats the margin.

    >>> round(break_even(0.2, Assumptions(0.5, 0.1, 0.01, 6, 14)), 3)
    0.075
    """
    if assumed.margin <= assumed.incentive:
        return None
    gain = (assumed.contact + assumed.incentive * base) / (assumed.margin - assumed.incentive)
    return gain if base + gain <= 1 else None


def words(assumed: Assumptions) -> str:
    """What is assumed, in a sentence's part."""
    return (
        f"a contact costs {assumed.contact:g} mean orders, an incentive {assumed.incentive:g}, paid to all who order; "
        f"{100 * assumed.margin:.0f} % of an order more is earned"
    )

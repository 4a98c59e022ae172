"""What would be wrong to say of a customer: the sentences that the data do not carry, each with the reason."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hm_assets.explore.words import percent

CLOSE_CALL: Final = 0.6
FEW_DAYS: Final = 3
EVEN: Final = (0.3, 0.7)


def wrong_to_say(
    attributes: Mapping[str, Any],
    features: Mapping[str, Any] | None,
    outlook: Mapping[str, Any] | None,
    confidence: float | None,
    runner_up: str | None,
) -> Iterator[str]:
    """Sentences about one customer.

    Parameters
    ----------
    attributes, features, outlook
        Their rows of `customers/customers`, `features/customer_features` and `forecasts/customers`; None without.
    confidence, runner_up
        Of their segment, and the name of the second nearest one.
    """
    if confidence is not None and confidence < CLOSE_CALL and runner_up is not None:
        yield (
            f"That they surely belong to this segment: “{runner_up}” is nearly as near (confidence {confidence:.2f}; "
            "0.5 is the border where distances decide)."
        )
    if features is None:
        yield "Anything about their taste or their rhythm: they have not bought yet."
    else:
        if features["left_truncated"]:
            yield "Since when they are a customer: the files may begin after their first order."
        if features["purchase_days"] < FEW_DAYS:
            yield f"That they have a habit: they have bought on {features['purchase_days']} days only."
        elif features["usual_gap_days"] is None:
            yield "When they usually come back: too few gaps between their orders are known."
    if attributes["age"] is None:
        yield "How old they are: the age is not known, and what was filled in for statistics is no fact about them."
    if outlook is not None and outlook.get("p_order_90d") is not None:
        low, high = EVEN
        if low <= outlook["p_order_90d"] <= high:
            yield (
                f"Whether they will order within 90 days: a chance of {percent(outlook['p_order_90d'])} is close to "
                "a coin toss for one person, and useful for many."
            )
        yield "Why they will order: the drivers are what the model reads in them, not causes."
    yield (
        "Their sex, income, family, or what they looked at, returned or read in a mail: not in data. Nor may anybody "
        "else's purchases be told to them as a reason."
    )

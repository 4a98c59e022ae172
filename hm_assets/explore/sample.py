"""A seeded sample of customers for pictures that show points, without anything that says who they are."""

import ibis

SIZE = 1500
PRIME, FACTOR = 1_000_003, 7919
COLUMNS = (
    "recency_days",
    "purchase_days",
    "spend",
    "tenure_days",
    "orders_365d",
    "spend_365d",
    "basket_365d",
    "online_share_365d",
    "section_entropy",
)
WORDS = ("value_tier", "lifecycle_stage")


def sample(people: ibis.Table, seed: int, size: int = SIZE) -> ibis.Table:
    """The `size` customers whose key comes first in an order made of the key and the seed.

    The order is that of `key * f mod p`, the factor f made of the seed: equal on every engine, and a customer stays in
    the sample for as long as few enough come before.
    """
    factor = FACTOR * (2 * abs(seed) + 1) % PRIME or FACTOR
    order = (people.customer_key % PRIME + 1) * factor % PRIME
    placed = people.mutate(place=ibis.row_number().over(order_by=[order, people.customer_key]))
    return placed.filter(placed.place < size).select(
        point=(placed.place + 1).cast("int32"),
        **{name: placed[name].cast("float64") for name in COLUMNS},
        **{name: placed[name] for name in WORDS},
    )

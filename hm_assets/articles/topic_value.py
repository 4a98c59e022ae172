"""What a representation of articles adds to the product type, measured on what customers bought.

Topics mostly restate the product type, which is a column already. They are worth something only if they tell which
of two shirts is more to the taste of somebody who bought a shirt before. So take two products of one type that the
same customer bought on different days, and beside the later one a product of the same type that another customer
bought in the same month (drawn from the purchases, so that popularity and season are alike), which the first one
never bought. The AUC is the share of such triples in which the representation holds the customer's own two products
for more alike; ties count half, each customer counts once, 0.5 = it adds nothing.

The same with a rival of the same section as well (`product type and section`): what is left when men, women and
children can no longer be told apart.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.articles.topics import Floats, unit

Ints = npt.NDArray[np.int64]
Similarity = Callable[[Ints, Ints], Floats]

PRIME, STRIDE = 1_000_003, 104_729
CUSTOMERS = {"quick": 3_000, "full": 30_000}
AT_RANDOM, RANDOM_SIZE = {"quick": 40, "full": 200}, 12
RESAMPLES = {"quick": 200, "full": 1_000}
PAIRS_PER_CUSTOMER, RIVALS, DRAWS = 5, 5, 10
FEWEST_CUSTOMERS = 30
MATCHES: Mapping[str, tuple[str, ...]] = {
    "product type": ("product_type_name",),
    "product type and section": ("product_type_name", "section_name", "index_name"),
}
BASELINE, RANDOM = "plain columns", "random"
INTERVAL = (0.025, 0.975)
COLUMNS = ("section_name", "department_name", "graphical_appearance_name", "garment_group_name")


@dataclass(frozen=True)
class Triples:
    """Who, the earlier product, the own later one and the rival, as positions of products; in a fixed order."""

    customer: Ints
    earlier: Ints
    own: Ints
    rival: Ints

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True)
class Worth:
    """AUC with its 95 % interval over customers; `more` is the difference to the plain columns."""

    auc: float
    low: float
    high: float
    more: float
    more_low: float
    more_high: float


def purchases(transactions: ibis.Table, articles: ibis.Table, customers: int, seed: int) -> ibis.Table:
    """The first day on which each sampled customer bought each product.

    The sample goes by the customer's key (a hash already) and is the same whatever the order of the rows.
    """
    everybody = int(transactions.customer_key.nunique().to_pyarrow().as_py())
    place = (transactions.customer_key % PRIME * STRIDE + seed * 7_919) % PRIME
    share = min(1.0, customers / max(everybody, 1))
    sampled = transactions.filter(place < int(share * PRIME) + (share == 1)).select(
        "customer_key", "article_key", "t_dat"
    )
    bought = sampled.join(articles.select("article_key", "product_code"), "article_key")
    return bought.group_by("customer_key", "product_code").agg(t_dat=bought.t_dat.min())


def triples(customer: Ints, product: Ints, day: Ints, month: Ints, kind: Ints, seed: int) -> Triples:
    """Own pairs and rivals of one kind.

    Parameters
    ----------
    customer, product, day, month
        One entry per customer and product, in any order; a product is a position in `kind`.
    kind
        What a rival must share with the product, as a number per product; negative = unknown, left out.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    order = np.lexsort((product, day, customer))
    customer, product, day, month = customer[order], product[order], day[order], month[order]
    known = kind[product] >= 0
    customer, product, day, month = customer[known], product[known], day[known], month[known]
    pools: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, pool in enumerate(zip(kind[product].tolist(), month.tolist(), strict=True)):
        pools[pool].append(i)
    found: list[tuple[int, int, int, int]] = []
    _, starts = np.unique(customer, return_index=True)
    for start, end in itertools.pairwise([*starts.tolist(), len(customer)]):
        mine = set(product[start:end].tolist())
        for earlier, later in _own_pairs(kind[product[start:end]], day[start:end], rng):
            own = start + later
            for rival in _rivals(pools[int(kind[product[own]]), int(month[own])], product, mine, rng):
                found.append((int(customer[start]), int(product[start + earlier]), int(product[own]), rival))
    table = np.array(found, dtype=np.int64).reshape(-1, 4)
    return Triples(*table.T)


def _own_pairs(kinds: Ints, days: Ints, rng: np.random.Generator) -> list[tuple[int, int]]:
    """At most five products of a customer, each with one of the same kind from an earlier day."""
    earlier: dict[int, list[int]] = defaultdict(list)
    pairs = []
    for i, (kind, day) in enumerate(zip(kinds.tolist(), days.tolist(), strict=True)):
        before = [j for j in earlier[kind] if days[j] < day]
        if before:
            pairs.append((before[rng.integers(len(before))], i))
        earlier[kind].append(i)
    if len(pairs) <= PAIRS_PER_CUSTOMER:
        return pairs
    return [pairs[i] for i in sorted(rng.choice(len(pairs), PAIRS_PER_CUSTOMER, replace=False).tolist())]


def _rivals(pool: list[int], product: Ints, mine: set[int], rng: np.random.Generator) -> list[int]:
    """At most five purchases of others, so that the figure hangs little on which ones were drawn."""
    drawn = [int(product[pool[i]]) for i in rng.integers(len(pool), size=DRAWS).tolist()]
    return [candidate for candidate in drawn if candidate not in mine][:RIVALS]


def worth(
    found: Triples, similarities: Mapping[str, Similarity], baseline: str, depth: str, seed: int
) -> dict[str, Worth]:
    """The AUC of every representation, all on the same triples and the same resamples of customers."""
    means = {name: _wins(found, similarity) for name, similarity in similarities.items()}
    customers = len(means[baseline])
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(customers, size=customers) for _ in range(RESAMPLES[depth])]
    resampled = {name: np.array([mean[rows].mean() for rows in drawn]) for name, mean in means.items()}
    result = {}
    for name, mean in means.items():
        low, high = np.quantile(resampled[name], INTERVAL)
        more_low, more_high = np.quantile(resampled[name] - resampled[baseline], INTERVAL)
        more = mean.mean() - means[baseline].mean()
        result[name] = Worth(*(float(x) for x in (mean.mean(), low, high, more, more_low, more_high)))
    return result


def chance(found: Triples, products: int, depth: str, seed: int) -> tuple[float, float, float]:
    """Mean and 95 % range of the AUC of representations that know nothing: a random vector per product.

    Popular products recur in the triples of many customers, so chance strays further than the intervals over
    customers tell; what lies within this range may be chance.
    """
    rng = np.random.default_rng(seed)
    reached = []
    for _ in range(AT_RANDOM[depth]):
        vectors = of_rows(rng.normal(size=(products, RANDOM_SIZE)))
        reached.append(_wins(found, vectors).mean())
    low, high = np.quantile(reached, INTERVAL)
    return float(np.mean(reached)), float(low), float(high)


def _wins(found: Triples, similarity: Similarity) -> Floats:
    """Share of a customer's triples in which the own two products are more alike, for each customer."""
    _, member = np.unique(found.customer, return_inverse=True)
    # What differs by the last digits only is a tie.
    own = np.round(similarity(found.earlier, found.own), 9)
    rival = np.round(similarity(found.earlier, found.rival), 9)
    return np.asarray(np.bincount(member, np.where(own == rival, 0.5, own > rival)) / np.bincount(member))


def verdict(name: str, found: Worth, by_chance: float) -> str:
    """The finding in words; `by_chance` is what a representation that knows nothing may reach."""
    if found.low <= 0.5 or found.auc <= by_chance:
        return "adds nothing that could be told from chance"
    if name == BASELINE:
        return "adds to it"
    if found.more_low > 0:
        return "adds to it, more than the plain columns"
    if found.more_high < 0:
        return "adds to it, less than the plain columns"
    return "adds to it; no difference to the plain columns"


def rows_of(
    bought: pa.Table, products: pa.Table, similarities: Mapping[str, Similarity], depth: str, seed: int
) -> list[dict[str, Any]]:
    """The rows of `articles/topic_value`.

    Parameters
    ----------
    bought
        What `purchases` gave.
    products
        `articles/documents` in the order of the product codes, which is the order of the similarities' positions.
    similarities
        By the name of the representation; the baseline is among them.
    """
    place = {code: i for i, code in enumerate(products["product_code"].to_pylist())}
    product = np.array([place[code] for code in bought["product_code"].to_pylist()], dtype=np.int64)
    dates = bought["t_dat"].to_pylist()
    day = np.array([date.toordinal() for date in dates], dtype=np.int64)
    month = np.array([date.year * 12 + date.month for date in dates], dtype=np.int64)
    customer = bought["customer_key"].to_numpy()
    rows: list[dict[str, Any]] = []
    for rival, names in MATCHES.items():
        values = zip(*(products[name].to_pylist() for name in names), strict=True)
        kind = codes([None if None in value else value for value in values])
        found = triples(customer, product, day, month, kind, seed)
        customers = len(np.unique(found.customer))
        counted = {"rival": rival, "customers": customers, "triples": len(found)}
        if customers < FEWEST_CUSTOMERS:
            few = f"fewer than {FEWEST_CUSTOMERS} customers bought two such products: not measured"
            rows += [counted | {"representation": name, "verdict": few} for name in (*similarities, RANDOM)]
            continue
        mean, low, high = chance(found, len(place), depth, seed)
        for name, each in worth(found, similarities, BASELINE, depth, seed).items():
            told = verdict(name, each, high)
            rows.append(counted | {"representation": name, "verdict": told} | _as_columns(name, each))
        told = "what chance reaches, and how far it strays"
        rows.append(
            counted | {"representation": RANDOM, "auc": mean, "low": low, "high": high, "verdict": told}
        )
    return rows


def _as_columns(name: str, found: Worth) -> dict[str, float | None]:
    differs = name != BASELINE
    return {
        "auc": found.auc,
        "low": found.low,
        "high": found.high,
        "more_than_columns": found.more if differs else None,
        "more_low": found.more_low if differs else None,
        "more_high": found.more_high if differs else None,
    }


def of_rows(rows: Floats) -> Similarity:
    """Cosine of the products' rows."""
    units = unit(rows)
    return lambda a, b: np.asarray((units[a] * units[b]).sum(axis=1))


def of_mixes(rows: Floats) -> Similarity:
    """How far two mixes overlap (Bhattacharyya 1943): the cosine of their square roots."""
    return of_rows(np.sqrt(rows))


def of_sparse(rows: Any) -> Similarity:
    """Cosine of sparse rows of length 1."""
    return lambda a, b: np.asarray(rows[a].multiply(rows[b]).sum(axis=1), dtype=np.float64).ravel()


def of_columns(columns: Sequence[Sequence[str | None]]) -> Similarity:
    """How many of the columns agree; an unknown value agrees with none."""
    coded = [codes(column) for column in columns]

    def similarity(a: Ints, b: Ints) -> Floats:
        agree = [(column[a] == column[b]) & (column[a] >= 0) for column in coded]
        return np.asarray(np.sum(agree, axis=0), dtype=np.float64)

    return similarity


def codes(values: Sequence[object | None]) -> Ints:
    """Equal values as equal numbers, an unknown one as -1."""
    numbers = {value: i for i, value in enumerate(sorted({str(v) for v in values if v is not None}))}
    return np.array([-1 if value is None else numbers[str(value)] for value in values], dtype=np.int64)

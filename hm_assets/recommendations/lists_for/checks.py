"""Checks of this room: everybody has a whole list of what is in stock, and segments are not all shown the same."""

import datetime as dt

import dagster as dg
import ibis

from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw_tables
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.lists_for.reasons import BOUGHT
from hm_assets.recommendations.lists_for.segments import overlap
from hm_assets.recommendations.lists_for.shown import MOST_OVERLAP
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS, this_and_earlier

CUSTOMERS = dg.AssetKey(["recommendations", "customers"])
SEGMENTS = dg.AssetKey(["recommendations", "segments"])


@dg.asset_check(
    asset=CUSTOMERS,
    partitions_def=MONTHS,
    additional_ins={
        "people": read(customer_tables.CUSTOMERS),
        "transactions": read(raw_tables.TRANSACTIONS, this_and_earlier()),
    },
    description="Every customer has a list of as many different articles as are in stock, at most twelve (where owned "
    "ones are left out, of those that they do not have), numbered from 1; each article was sold in the days that in "
    "stock means, and its id has ten digits.",
    blocking=True,
)
@by_month
def everybody_has_a_whole_list(
    customers: ibis.Table, people: ibis.Table, transactions: ibis.Table
) -> dg.AssetCheckResult:
    made = customers.group_by("month").agg(
        as_of=customers.as_of.max(),
        days=customers.stock_days.max(),
    )
    faults = dict.fromkeys(("without_a_list", "not_in_stock", "not_ten_digits", "not_whole", "no_rows"), 0)
    months = made.order_by("month").to_pyarrow().to_pylist()
    if not months:
        # Without a single sale there is nothing to show.
        faults["no_rows"] = int(transactions.filter(transactions.price > 0).count().to_pyarrow().as_py())
    for month in months:
        rows = of_month(customers, month["month"])
        after = month["as_of"] - dt.timedelta(days=month["days"])
        window = transactions.filter(
            (transactions.t_dat > ibis.literal(after, "date"))
            & (transactions.t_dat <= ibis.literal(month["as_of"], "date"))
            & (transactions.price > 0)
        )
        stock = window.select("article_key").distinct()
        size = int(stock.count().to_pyarrow().as_py())
        lists = rows.group_by("customer_key").agg(
            different=rows.article_key.nunique(), first=rows["rank"].min(), last=rows["rank"].max()
        )
        lists = people.select("customer_key").left_join(lists, "customer_key").drop("customer_key_right")
        length: ibis.Value = ibis.literal(min(LENGTH, size))
        # Whether owned articles were left out is not in the table: that nobody is shown one tells it.
        if not rows.filter(rows.reason_kind == BOUGHT).count().to_pyarrow().as_py():
            owned = _owned(transactions, stock, month["as_of"])
            lists = lists.left_join(owned, "customer_key").drop("customer_key_right")
            length = ibis.least(LENGTH, size - lists.owned.fill_null(0))
        whole = (lists.different == length) & (lists["first"] == 1) & (lists["last"] == length)
        counts = {
            "not_in_stock": rows.anti_join(stock, "article_key"),
            "not_ten_digits": rows.filter(~rows.article_id.re_search(r"^[0-9]{10}$")),
            "not_whole": lists.filter(lists.different.notnull() & ~whole),
            "without_a_list": lists.filter(lists.different.isnull() & (length > 0)),
        }
        for name, found in counts.items():
            faults[name] += int(found.count().to_pyarrow().as_py())
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)


def _owned(transactions: ibis.Table, stock: ibis.Table, as_of: dt.date) -> ibis.Table:
    """How many of the articles in stock each customer had bought by a day."""
    bought = transactions.filter(
        (transactions.t_dat <= ibis.literal(as_of, "date")) & (transactions.price > 0)
    )
    pairs = bought.semi_join(stock, "article_key").select("customer_key", "article_key").distinct()
    return pairs.group_by("customer_key").agg(owned=pairs.count())


@dg.asset_check(
    asset=SEGMENTS,
    partitions_def=MONTHS,
    description=f"The lists of segments are their own (mean pairwise Jaccard below {MOST_OVERLAP}), and have {LENGTH} "
    "articles each.",
)
def segments_are_shown_their_own(segments: ibis.Table) -> dg.AssetCheckResult:
    latest = segments.month.max().to_pyarrow().as_py()
    if latest is None:
        return _warned("no segment has a list: too few buyers for any article to stand out with certainty")
    rows = of_month(segments, latest).to_pyarrow().to_pylist()
    shared = overlap(rows)
    short = {
        row["segment_id"]
        for row in rows
        if sum(other["segment_id"] == row["segment_id"] for other in rows) < LENGTH
    }
    said = []
    if shared is not None and shared >= MOST_OVERLAP:
        said.append(f"the lists overlap: mean pairwise Jaccard {shared:.2f}, wanted below {MOST_OVERLAP}")
    if short:
        named = ", ".join(map(str, sorted(short)))
        said.append(f"fewer than {LENGTH} articles stand out with certainty in segment {named}")
    return _warned("; ".join(said)) if said else dg.AssetCheckResult(passed=True)


@dg.asset_check(
    asset=SEGMENTS,
    partitions_def=MONTHS,
    description="Each lift's interval lies above 1, after the false discovery rate.",
    blocking=True,
)
@by_month
def lifts_are_no_chance(segments: ibis.Table) -> dg.AssetCheckResult:
    wrong = segments.filter(
        (segments.low <= 1)
        | (segments.low > segments.lift)
        | (segments.lift > segments.high)
        | (segments.p_adjusted > 0.05)
    )
    found = int(wrong.count().to_pyarrow().as_py())
    return dg.AssetCheckResult(passed=found == 0, metadata={"wrong": found})


def _warned(words: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=False, severity=dg.AssetCheckSeverity.WARN, description=words, metadata={"finding": words}
    )

"""What an observational comparison says of Complete Journey's campaigns, and whether it can be believed.

Run with the folder of `hm data import complete-journey`: `python -m benchmarks.campaigns RAW`. Nobody was left out of
these campaigns at random. Households that received one are compared with those that did not: as they are, within twenty
levels of spend before (subclassification, Cochran 1968), and the same one campaign length earlier, when nothing had
been sent (placebo). Where the placebo shows an effect, the comparison finds effects that are not there.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from hm_assets.playbooks.experiments.effects import Effect, of_means, over_strata

LEVELS = 20
FEWEST = 20
RESAMPLES = 2_000
WAYS = ("as they are", "within levels of spend before")


class Campaign(NamedTuple):
    """Its key, type, first and last day, and who received it."""

    key: str
    kind: str
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Its length."""
        return (self.last - self.first).days + 1


class Judged(NamedTuple):
    """A comparison: relative difference of spend, with the ends of its interval."""

    campaign: Campaign
    way: str
    when: str
    received: int
    value: float
    low: float
    high: float


def main(raw: Path) -> None:
    """Print, by type of campaign and way, the mean difference in the campaign's days and in the placebo's."""
    with duckdb.connect() as connection:
        for name in ("transactions_train", "campaigns", "campaign_results", "customers"):
            connection.read_csv(str(raw / f"{name}.csv"), all_varchar=True).create(name)
        first, last = connection.sql(
            "SELECT min(t_dat)::DATE, max(t_dat)::DATE FROM transactions_train"
        ).fetchall()[0]
        judged = [
            each
            for campaign in campaigns(connection)
            if campaign.first - dt.timedelta(2 * campaign.days) >= first and campaign.last <= last
            for each in compare(connection, campaign)
        ]
        (sent, redeemed) = connection.sql(
            "SELECT count(*), count(*) FILTER (redemptions::INT > 0) FROM campaign_results"
        ).fetchall()[0]
    print(f"Received: {sent:,}; redeemed a coupon: {redeemed:,} ({redeemed / sent:.1%})")
    kinds = sorted({each.campaign.kind for each in judged})
    print("| campaigns | compared | in its days | placebo | placebos off 0 |")
    print("|---|---|---|---|---|")
    for kind in (*kinds, "all"):
        for way in WAYS:
            mine = [each for each in judged if each.way == way and kind in (each.campaign.kind, "all")]
            real, placebo = ([each for each in mine if each.when == when] for when in ("campaign", "placebo"))
            off = sum(each.low > 0 or each.high < 0 for each in placebo)
            print(
                f"| {kind} ({len(real)}) | {way} | {mean(real)} | {mean(placebo)} | {off} of {len(placebo)} |"
            )


def campaigns(connection: duckdb.DuckDBPyConnection) -> list[Campaign]:
    """All of them, in the order of their keys."""
    rows = connection.sql(
        "SELECT campaign_id, campaign_type, start_date::DATE, end_date::DATE FROM campaigns ORDER BY campaign_id::INT"
    ).fetchall()
    return [Campaign(*row) for row in rows]


def compare(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> Iterator[Judged]:
    """Both ways, in the campaign's days and one length earlier."""
    for when, back in (("campaign", 0), ("placebo", 1)):
        start = campaign.first - dt.timedelta(back * campaign.days)
        before, after, received = spend(connection, campaign, start)
        if min(received.sum(), (~received).sum()) < FEWEST:
            continue
        whole = of_means(after[received], after[~received])
        levels = within_levels(before, after, received)
        for way, effect in zip(WAYS, (whole, levels), strict=True):
            if effect is not None:
                per = effect.holdout_mean
                told = (effect.difference / per, effect.low / per, effect.high / per)
                yield Judged(campaign, way, when, int(received.sum()), *told)


def spend(connection: duckdb.DuckDBPyConnection, campaign: Campaign, start: dt.date) -> tuple[Any, Any, Any]:
    """Spend of every household in the days before `start` and from it on, and who received the campaign."""
    span = dt.timedelta(campaign.days)
    rows = connection.execute(
        """
        SELECT coalesce(sum(price::DOUBLE) FILTER (t_dat::DATE < $start), 0) AS before,
               coalesce(sum(price::DOUBLE) FILTER (t_dat::DATE >= $start), 0) AS after,
               customer_id IN (SELECT customer_id FROM campaign_results WHERE campaign_id = $key) AS received
        FROM customers
        LEFT JOIN (FROM transactions_train WHERE t_dat::DATE >= $since AND t_dat::DATE < $until) USING (customer_id)
        GROUP BY customer_id ORDER BY customer_id""",
        {"start": start, "since": start - span, "until": start + span, "key": campaign.key},
    ).fetchnumpy()
    return rows["before"], rows["after"], rows["received"]


def within_levels(before: Any, after: Any, received: Any) -> Effect | None:
    """Differences within levels of spend before, each weighted by who received."""
    cuts = np.unique(np.quantile(before[received], np.arange(1, LEVELS) / LEVELS))
    level = np.searchsorted(cuts, before, side="right")
    parts: list[Effect] = []
    weights: list[float] = []
    for each in range(len(cuts) + 1):
        mine = level == each
        effect = of_means(after[mine & received], after[mine & ~received])
        if effect is not None:
            parts.append(effect)
            weights.append(float((mine & received).sum()))
    return over_strata(parts, weights) if parts else None


def mean(found: Sequence[Judged]) -> str:
    """The mean over campaigns and its interval: campaigns are drawn anew, since they share households."""
    values = np.array([each.value for each in found])
    if not len(values):
        return ""
    if len(values) == 1:
        return f"{values[0]:+.0%} ({found[0].low:+.0%} to {found[0].high:+.0%})"
    drawn = np.random.default_rng(0).choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{values.mean():+.0%} ({low:+.0%} to {high:+.0%})"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

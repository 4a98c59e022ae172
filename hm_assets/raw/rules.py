"""When a row is refused. One list, used by the fast pass that only counts and by the slow one that explains."""

from dataclasses import dataclass

from hm_assets.sources.contract import ONLINE, STORE
from hm_assets.warehouse.keys import ARTICLE_DIGITS

FIRST_PLAUSIBLE_YEAR, LAST_PLAUSIBLE_YEAR = 1990, 2099
# To DuckDB "2018-09-2x" is a day (the second), "1_000" a number and "infinity" both; a byte that was damaged must not
# become another figure. A day that reads back as it was written is plain; others are looked at more closely.
_CAST = "try_cast(t_dat AS DATE)"
_CLOCK = r"[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
_WRITTEN = rf"\s*[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}([T ]{_CLOCK})?\s*"
# The day of a line, null where it is none.
DAY = (
    f"CASE WHEN {_CAST} BETWEEN DATE '{FIRST_PLAUSIBLE_YEAR}-01-01' AND DATE '{LAST_PLAUSIBLE_YEAR}-12-31' "
    f"AND ({_CAST}::VARCHAR = t_dat OR regexp_full_match(t_dat, '{_WRITTEN}')) THEN {_CAST} END"
)
PRICE = "CASE WHEN NOT contains(price, '_') THEN try_cast(price AS DOUBLE) END"

# Sums are exact decimals with nine digits before the point and nine behind it.
PRICE_LIMIT = 1_000_000_000

FORGOTTEN = "of somebody who was forgotten"

IS_ARTICLE_ID = f"regexp_full_match(article_id, '[0-9]{{1,{ARTICLE_DIGITS}}}')"


@dataclass(frozen=True)
class Rule:
    """A row is refused where `condition` (DuckDB SQL) holds; the first rule that holds gives the reason."""

    column: str
    reason: str
    condition: str


# `c` and `a` are the known customers and articles, joined by id; `d` is the day, `p` the price. `forgotten_token` is a
# macro of `warehouse/forgotten.py`.
TRANSACTIONS = (
    Rule(
        "t_dat",
        f"no date (YYYY-MM-DD) between {FIRST_PLAUSIBLE_YEAR} and {LAST_PLAUSIBLE_YEAR}",
        "d IS NULL",
    ),
    Rule("price", "no number", "p IS NULL"),
    Rule("price", "not a finite number", "NOT isfinite(p)"),
    Rule("price", "negative", "p < 0"),
    Rule("price", f"{PRICE_LIMIT:,} or more: no price of an item", f"p >= {PRICE_LIMIT}"),
    Rule(
        "sales_channel_id",
        f"neither {STORE} (store) nor {ONLINE} (online)",
        f"coalesce(trim(sales_channel_id) NOT IN ('{STORE}', '{ONLINE}', '{STORE}.0', '{ONLINE}.0'), true)",
    ),
    Rule("customer_id", "empty", "customer_id IS NULL"),
    Rule("customer_id", FORGOTTEN, "customer_key IS NULL AND forgotten_token(customer_id) IS NOT NULL"),
    Rule("customer_id", "not in the customers file", "customer_key IS NULL"),
    Rule("article_id", "empty", "article_id IS NULL"),
    Rule("article_id", "not in the articles file", "article_key IS NULL"),
    Rule("t_dat", "outside the month that the file's name says", "outside_its_month"),
)

CUSTOMERS = (
    Rule("customer_id", "empty", "customer_id IS NULL"),
    Rule("customer_id", FORGOTTEN, "forgotten_token(customer_id) IS NOT NULL"),
    Rule("customer_id", "repeated; the first row with it is kept", "copy > 1"),
)

ARTICLES = (
    Rule("article_id", "empty", "article_id IS NULL"),
    Rule(
        "article_id",
        f"not a whole number of at most {ARTICLE_DIGITS} digits",
        f"NOT {IS_ARTICLE_ID}",
    ),
    Rule("article_id", "repeated; the first row with it is kept", "copy > 1"),
)


# True for the rows that no rule of TRANSACTIONS refuses, and quicker than asking them one by one. It may miss a good
# row (a channel written "1.0"), never accept a bad one: what it misses is asked by the rules.
SURELY_GOOD = (
    f"d IS NOT NULL AND p >= 0 AND p < {PRICE_LIMIT} AND sales_channel_id IN ('{STORE}', '{ONLINE}') "
    "AND customer_key IS NOT NULL AND article_key IS NOT NULL AND NOT outside_its_month"
)

RULES = {"customers": CUSTOMERS, "articles": ARTICLES, "transactions": TRANSACTIONS}


def refusal(rules: tuple[Rule, ...], surely_good: str = "false") -> str:
    """SQL for the number of the first rule that refuses a row (1, 2, ...), 0 where none does."""
    cases = f"WHEN {surely_good} THEN 0 "
    cases += " ".join(f"WHEN {rule.condition} THEN {number}" for number, rule in enumerate(rules, 1))
    return f"(CASE {cases} ELSE 0 END)::TINYINT"


def refused_value(rules: tuple[Rule, ...]) -> str:
    """SQL for what the refused column held, as delivered."""
    cases = " ".join(f'WHEN {rule.condition} THEN "{rule.column}"' for rule in rules)
    return f"(CASE {cases} END)"

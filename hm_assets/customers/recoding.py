"""Structural recoding: values that mean something else than they say.

- `FN` and `Active` hold 1 or nothing, and nothing means no. They are recoded before anything counts gaps.
- `fashion_news_frequency` says "NONE" and "None" for the same thing; empty is unknown.
- `age` may come as 49, "49.0" or text; a whole number of years from 16 to 99 is kept, all else is unknown.
- One postal code stands on far more customers than any other: a placeholder, so it is no place.
"""

import ibis

YOUNGEST, OLDEST = 16, 99
PLACEHOLDER_SHARE = 0.05
PLACEHOLDER_TIMES_THE_NEXT = 10


def recode(raw: ibis.Table) -> ibis.Table:
    """The customers with their attributes as what they mean; one row in, one row out."""
    code = known_code(raw)
    return raw.select(
        raw.customer_id,
        raw.customer_key,
        fn=yes(raw.FN),
        active=yes(raw.Active),
        club_member_status=raw.club_member_status.strip().upper().nullif(""),
        fashion_news_frequency=raw.fashion_news_frequency.strip().upper().nullif(""),
        age=age(raw.age),
        postal_code=ibis.ifelse(code == placeholder(raw), ibis.null("string"), code),
    )


def yes(flag: ibis.expr.types.StringValue) -> ibis.expr.types.IntegerValue:
    """1 where a flag says so (`1`, `1.0`), 0 where it says anything else or nothing."""
    return (flag.try_cast("float64") == 1).fill_null(False).cast("int8")


def age(text: ibis.expr.types.StringValue) -> ibis.expr.types.IntegerValue:
    """Whole years from 16 to 99, else null."""
    years = text.try_cast("float64")
    plausible = years.between(YOUNGEST, OLDEST) & (years == years.floor())
    return ibis.ifelse(plausible, years, None).cast("int16")


def known_code(raw: ibis.Table) -> ibis.expr.types.StringValue:
    """The postal code without blanks around it; null where nothing is left."""
    return raw.postal_code.strip().nullif("")


def placeholder(raw: ibis.Table) -> ibis.Value:
    """The postal code that is none: on at least 5 % of the customers and 10 times as frequent as the next one."""
    codes = raw.select(postal_code=known_code(raw))
    counts = (
        codes.filter(codes.postal_code.notnull())
        .group_by("postal_code")
        .agg(customers=ibis._.count())
        .order_by(ibis.desc("customers"), "postal_code")
        .limit(2)
        .to_pyarrow()
        .to_pylist()
    )
    total = int(raw.count().execute())
    if not counts or counts[0]["customers"] < PLACEHOLDER_SHARE * total:
        return ibis.null("string")
    if len(counts) > 1 and counts[0]["customers"] < PLACEHOLDER_TIMES_THE_NEXT * counts[1]["customers"]:
        return ibis.null("string")
    return ibis.literal(counts[0]["postal_code"])

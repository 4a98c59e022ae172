"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

SPENT = "Sum of prices in the last 365 days"
CUSTOMER_MOVEMENT = Table(
    stage="profiles",
    name="customer_movement",
    one_row_is="a customer on file, with how this month's segment came about and what may come next",
    description="The columns `segment_...` are a chain with one cause at a time: model, time, behaviour, prices. In "
    "the first month nobody has a month before, and the chain is empty.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment; 0 = no purchase yet"),
        optional("previous_segment_id", "int32", "The last other segment; null = never another"),
        optional(
            "changed_on", "date", "First day of the month of the last change; null = never within the data"
        ),
        Column(
            "months_in_segment",
            "int16",
            "Months in this segment without a break, this one included",
            "months",
        ),
        optional("segment_before", "int32", "The month before, as stored; 0 also for who is new on file"),
        optional("segment_after_model", "int32", "That month, as the champion of today places it"),
        optional("segment_after_time", "int32", "On this month's day, had nobody bought anything since"),
        optional(
            "segment_after_behaviour", "int32", "With what was bought, at the prices of the 12 months before"
        ),
        optional("spend_before", "float64", f"{SPENT} of the month before", "price index"),
        optional("spend_after_time", "float64", f"{SPENT}, had nobody bought in the month", "price index"),
        optional("spend_after_behaviour", "float64", f"{SPENT}, the month's at prices before", "price index"),
        Column("spend_365d", "float64", SPENT, "price index"),
        Column(
            "cause",
            "string",
            "The last step of the chain that changed the segment: model, time, behaviour, price; none = not moved",
        ),
        Column(
            "direction", "string", "up, down or level: the order of the segments by mean spend_365d today"
        ),
        optional(
            "drops_without_order_in_days",
            "int16",
            "About to drop: days until time alone moves to a segment of lower spend; null = not within 90 days",
            "days",
        ),
        optional(
            "rises_with_one_order",
            "boolean",
            "Whether one order today, as large as the segment's mean order, moves to a segment of higher spend; null "
            "without a purchase",
        ),
    ),
)

TRANSITIONS = Table(
    stage="profiles",
    name="transitions",
    one_row_is="a flow from a segment to a segment between two months, over one step of the chain or all",
    description="Flows without customers have no row. The rows of a step add up to the sizes before and after it; the "
    "spend changes of the four steps to that of `all`, to 1e-9. Nothing where the month before is not in the data.",
    monthly=True,
    key=("step", "from_segment", "to_segment"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("step", "string", "all, model, time, behaviour or price: see profiles/customer_movement"),
        Column("from_segment", "int32", "Segment before the step; 0 = no purchase yet, or new on file"),
        Column("to_segment", "int32", "Segment after it"),
        Column("customers", "int64", "Customers", "customers"),
        Column("share_of_from", "float64", "Of those in the segment before"),
        Column("spend_before", "float64", f"{SPENT}, before the step", "price index"),
        Column("spend_after", "float64", f"{SPENT}, after it", "price index"),
        Column("spend_change", "float64", "After minus before, exact to 1e-9", "price index"),
        Column(
            "price_index",
            "float64",
            "Prices of the month over those of the 12 months before, same articles, weighted by what was sold: one "
            "factor for the month; markdowns lower it",
        ),
        Column("matched_share", "float64", "Share of the month's spend on articles that were sold before"),
    ),
)

SEGMENT_STABILITY = Table(
    stage="profiles",
    name="segment_stability",
    one_row_is="a segment, or all, between two consecutive months; or the champion beside a refit on one month",
    description="Customers without a purchase on either side are left out of kept, ARI and NMI. Months that an earlier "
    "champion placed are left out: what another model moved is no movement of customers.",
    monthly=True,
    key=("model", "from_month", "to_month", "segment"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column(
            "model",
            "string",
            "frozen: the champion in two months; refit: the champion and its algorithm fitted anew on that month",
        ),
        Column("from_month", "date", "First day of the earlier month"),
        Column("to_month", "date", "First day of the later month; the same for a refit"),
        Column("segment", "string", "The segment, or all"),
        Column(
            "customers_before",
            "int64",
            "Members in the earlier month; of a refit, by the champion",
            "customers",
        ),
        Column(
            "customers_after", "int64", "Members in the later month; of a refit, by the refit", "customers"
        ),
        Column("net_flow", "int64", "After minus before", "customers"),
        optional(
            "kept", "float64", "Share of the members that are still there; of a refit, in the matched segment"
        ),
        optional("ari", "float64", "Adjusted Rand index of the two placements; for all"),
        optional("nmi", "float64", "Normalised mutual information (arithmetic mean); for all"),
        optional("note", "string", "Why a refit has no figures"),
    ),
)

SIZE_FORECAST = Table(
    stage="profiles",
    name="size_forecast",
    one_row_is="the size of a segment in one of the next three months, by one method",
    description="`leads` marks the method with the smallest error in the back-test at this distance; of equal ones the "
    "simplest.",
    monthly=True,
    key=("segment_id", "months_ahead", "method"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment; nobody forecasts who is not on file yet, so not 0"),
        Column("months_ahead", "int16", "one, two or three", "months"),
        Column("forecast_month", "date", "First day of the month that is forecast"),
        Column("method", "string", "as_today, as_last_year (the same change as a year before) or markov"),
        Column("leads", "boolean", "Whether to read this one"),
        Column("customers_today", "int64", "Members this month", "customers"),
        Column("customers", "float64", "Expected members", "customers"),
        optional("low_80", "float64", "Lower end of the 80 % interval", "customers"),
        optional("high_80", "float64", "Upper end", "customers"),
        optional("low_95", "float64", "Lower end of the 95 % interval", "customers"),
        optional("high_95", "float64", "Upper end", "customers"),
        optional(
            "error",
            "float64",
            "Back-test: sum of absolute errors over sum of sizes, all segments and origins",
        ),
        optional("coverage_80", "float64", "Back-test: share of sizes within the 80 % interval"),
        optional("coverage_95", "float64", "Back-test: share of sizes within the 95 % interval"),
        Column("origins", "int32", "Earlier months that it was tried from", "months"),
        Column("words", "string", "Which method leads and what the back-test says of it"),
    ),
)

TABLES = (CUSTOMER_MOVEMENT, TRANSITIONS, SEGMENT_STABILITY, SIZE_FORECAST)

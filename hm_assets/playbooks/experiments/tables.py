"""The tables of this room and their columns."""

from typing import Final

from hm_assets.warehouse.schema import Column, Table, optional

STAGE: Final = "playbooks"
VERDICTS: Final = {
    "measurable": "a gain as small as the low end of the assumption would be seen",
    "only_large": "one campaign would see a large gain only; several together say more",
    "spend_only": "nearly everybody orders anyhow, so only what they spend can show an effect",
    "too_few": "too few customers: nobody is held out",
    "no_history": "no past month has long enough after it to know the base rate: nobody is held out",
}
ARMS = "treated or holdout"
INDEX, ORDERS = "price index", "mean orders"

HOLDOUT_PLANS = Table(
    stage=STAGE,
    name="holdout_plans",
    one_row_is="a way to hold out part of a segment: how long, how many, and how small an effect it would show",
    description="The base rate is the share of the same segment that ordered after past months' ends, without any "
    "campaign known to us. Power is of the two-sided test of two proportions at 5 %. The gain is assumed "
    "(HM_CAMPAIGN_ALPHA and _BETA: of those who would not order, this share does), never a result.",
    monthly=True,
    key=("segment_id", "horizon_days", "holdout_share"),
    columns=(
        Column("as_of", "date", "The day on which the campaign's audience is fixed"),
        Column("campaign", "string", "The campaign's key: what the draw of the arms hangs on"),
        Column("segment_id", "int32", "The segment"),
        Column("horizon_days", "int16", "Duration: an order within so many days counts", "days"),
        Column("holdout_share", "float64", "Share of the segment that is held out"),
        Column("chosen", "bool", "Whether this is what the files do; one row of each segment"),
        Column("customers", "int64", "Who may be contacted at all: without who left the club", "customers"),
        Column("treated", "int64", "Customers to contact, within rounding by stratum", "customers"),
        Column("holdout", "int64", "Customers to leave alone, within rounding by stratum", "customers"),
        Column(
            "months",
            "int32",
            "Past months of a year that the base rate rests on, none overlapping another's days",
        ),
        optional("base_rate", "float64", "Share that orders without a campaign: mean of those months"),
        optional("base_low", "float64", "Lower end of the 95 % interval for the coming one"),
        optional("base_high", "float64", "Upper end"),
        optional("detectable_gain", "float64", "Smallest rise of that share that is seen with 80 % power"),
        optional("assumed_gain", "float64", "ASSUMED: rise of that share, in the mean"),
        optional("assumed_gain_low", "float64", "ASSUMED: its 10 % quantile, which the choice goes by"),
        optional("power", "float64", "Chance that the mean assumed gain is seen"),
        optional("power_low", "float64", "Chance that its 10 % quantile is seen"),
        optional("customers_needed", "int64", "In both arms, to see the 10 % quantile with 80 % power"),
        optional(
            "break_even_gain", "float64", "ASSUMED: the rise from which the campaign pays (HM_CAMPAIGN_...)"
        ),
        Column("verdict", "string", ", ".join(VERDICTS)),
        Column("words", "string", "The plan in a sentence"),
    ),
)

AUDIENCES = Table(
    stage=STAGE,
    name="audiences",
    one_row_is="a customer in a campaign's audience",
    description="Every customer of a segment who has not left the club, drawn by SHA-256 of the campaign's key and the "
    "customer's id within segment x value band. The same rows give the same arms on every machine.",
    monthly=True,
    key=("campaign", "customer_key"),
    columns=(
        Column("as_of", "date", "The day on which the audience was fixed"),
        Column("campaign", "string", "The campaign's key"),
        Column("customer_id", "string", "The retailer's id"),
        Column("customer_key", "int64", "The customer"),
        Column("segment_id", "int32", "The segment on that day"),
        Column("stratum", "string", "Segment and value band (thirds of last year's spend in the segment)"),
        Column("arm", "string", ARMS),
        Column("spend_before", "float64", "Spend of the 365 days before: what CUPED takes off", INDEX),
        Column("horizon_days", "int16", "Duration: what happens within so many days counts", "days"),
    ),
)

CAMPAIGN_RESULTS = Table(
    stage=STAGE,
    name="campaign_results",
    one_row_is="what a campaign changed of an outcome in a segment (or all), by one way of measuring",
    description="From campaign_results.csv and the arms of playbooks/audiences; everybody counts in the arm they were "
    "drawn into, contacted or not (intention to treat). Where more rows were lost in one arm than in the other the "
    "alarm is on, and the difference means nothing.",
    key=("campaign", "segment", "outcome", "method"),
    columns=(
        Column("campaign", "string", "The campaign's key"),
        Column("as_of", "date", "The day on which its audience was fixed"),
        Column("measured_to", "date", "The last day that counts; no month before it knows of this row"),
        Column("segment", "string", "The segment, or all"),
        Column("outcome", "string", "ordered (a share) or spend (the file's unit)"),
        Column(
            "method", "string", "difference (Newcombe of shares, Welch of spend) or cuped (Welch after CUPED)"
        ),
        Column("treated", "int64", "Treated customers in the file", "customers"),
        Column("holdout", "int64", "Held-out customers in the file", "customers"),
        optional(
            "treated_ordered", "int64", "Of the treated, those who ordered; of ordered only", "customers"
        ),
        optional("holdout_ordered", "int64", "Of the held out", "customers"),
        Column("treated_mean", "float64", "Of the treated: share or mean spend"),
        Column("holdout_mean", "float64", "Of the held out"),
        Column("difference", "float64", "Treated minus held out"),
        Column("low", "float64", "Lower end of its 95 % interval"),
        Column("high", "float64", "Upper end"),
        Column("error", "float64", "Standard error of the difference"),
        Column("p", "float64", "Chance of such a difference where there is none, two-sided"),
        optional(
            "p_adjusted", "float64", "The same, Holm's over the segments of the campaign; empty for all"
        ),
        optional("variance_left", "float64", "Of CUPED: its variance over that of the plain difference"),
        Column("treated_lost", "int64", "Treated customers without a row in the file", "customers"),
        Column("holdout_lost", "int64", "Held-out customers without one", "customers"),
        Column("ratio_p", "float64", "Chance of as uneven a loss (chi-square, Fisher where few)"),
        Column("ratio_alarm", "bool", "Whether that is below 0.001: do not use the difference"),
        optional(
            "contacted", "float64", "Share of the treated who were sent something; empty: not in the file"
        ),
        optional("holdout_contacted", "float64", "Share of the held out who were, by mistake"),
    ),
)

CAMPAIGN_EFFECTS = Table(
    stage=STAGE,
    name="campaign_effects",
    one_row_is="what is believed of a campaign's effect in a segment (or all), before and after what was measured",
    description="The share of those who would not have ordered whom a campaign brings to order. The prior is the "
    "assumption of the settings; each campaign whose days are over by as_of and whose alarm is off updates it.",
    monthly=True,
    key=("segment",),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment", "string", "The segment, or all: every segment of every campaign together"),
        Column("campaigns", "int32", "Campaigns that were measured in time, and tell"),
        Column("left_out", "int32", "Campaigns that do not count: the alarm is on, or too few of a kind"),
        *(
            Column(f"prior_{name}", "float64", f"Before: {words}")
            for name, words in (
                ("alpha", "first parameter of the Beta distribution"),
                ("beta", "second parameter"),
                ("mean", "ASSUMED share in the mean"),
                ("low", "lower end of its 95 % interval"),
                ("high", "upper end"),
            )
        ),
        optional("measured", "float64", "What the campaigns alone say; below 0 they drove people away"),
        optional("measured_low", "float64", "Lower end of its 95 % likelihood-ratio interval"),
        optional("measured_high", "float64", "Upper end"),
        *(
            Column(f"posterior_{name}", "float64", f"After: {words}")
            for name, words in (
                ("alpha", "first parameter, for HM_CAMPAIGN_ALPHA"),
                ("beta", "second parameter, for HM_CAMPAIGN_BETA"),
                ("mean", "share in the mean"),
                ("low", "lower end of its 95 % interval"),
                ("high", "upper end"),
            )
        ),
        optional("base_rate", "float64", "Share that orders without a campaign (playbooks/holdout_plans)"),
        optional("gain", "float64", "Rise of that share to expect: posterior mean x (1 - base rate)"),
        optional("gain_low", "float64", "Lower end, from the posterior's interval"),
        optional("gain_high", "float64", "Upper end"),
        optional("net", "float64", "ASSUMED costs and margin: earned per customer contacted", ORDERS),
        optional("net_low", "float64", "The same at the lower end of the gain", ORDERS),
        optional("net_high", "float64", "And at the upper end", ORDERS),
        Column("assumption", "bool", "Whether nothing was measured yet: then all of it is assumed"),
        Column("words", "string", "The same in a sentence"),
    ),
)

TABLES = (HOLDOUT_PLANS, AUDIENCES, CAMPAIGN_RESULTS, CAMPAIGN_EFFECTS)

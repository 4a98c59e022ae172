"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

NO_PURCHASE = 0


CANDIDATES = Table(
    stage="segments",
    name="candidates",
    one_row_is="one clustering that was tried: an algorithm in a space with a number of segments",
    description="Fitted once; kept until the settings, the code or a retrain decision ask for new ones. A silhouette "
    "is measured in the candidate's own space: compare it with its null, and across spaces by silhouette_rfm. The "
    "choice holds stability and centroid_silhouette against the highest null_stability and null_silhouette of the same "
    "space and number of segments.",
    key=("algorithm", "space", "k"),
    columns=(
        Column("algorithm", "string", "As in the catalogue of the lab"),
        Column("space", "string", "The columns it clusters on: rfm, rfm_rhythm, ..."),
        Column("k", "int32", "Number of segments asked for; 0 = the algorithm finds it", "segments"),
        Column("segments", "int32", "Number of segments found", "segments"),
        optional("silhouette", "float64", "Mean silhouette on a stratified sample, noise included"),
        optional("silhouette_low", "float64", "Lower end of its 95 % interval"),
        optional("silhouette_high", "float64", "Upper end"),
        optional("silhouette_rfm", "float64", "The same labels in the space rfm: one yardstick for all"),
        optional("centroid_silhouette", "float64", "Silhouette by distances to centroids, on all customers"),
        optional(
            "null_silhouette",
            "float64",
            "Mean centroid silhouette of this algorithm on data without segments",
        ),
        optional("ch", "float64", "Calinski-Harabasz index; higher is better"),
        optional("db", "float64", "Davies-Bouldin index; 0 is best"),
        optional("inertia", "float64", "Sum of squared distances to the segment's mean"),
        optional("gap", "float64", "Gap statistic, reference along the principal axes; k-means only"),
        optional("gap_se", "float64", "Its standard error"),
        optional("gap_of_one", "float64", "The same for a single segment, beside each k of k-means"),
        optional("gap_of_one_se", "float64", "Its standard error"),
        optional("bic", "float64", "Bayesian information criterion; mixtures only"),
        optional("aic", "float64", "Akaike information criterion; mixtures only"),
        Column("noise_share", "float64", "Share that the algorithm itself left out"),
        optional("agreement", "float64", "Share of held-out customers placed as by the algorithm itself"),
        optional("min_share", "float64", "Share of customers with purchases in the smallest segment"),
        optional("max_share", "float64", "The same for the largest"),
        optional("stability", "float64", "Mean bootstrap Jaccard of its segments"),
        optional("stability_worst", "float64", "The same for the least stable segment"),
        optional("null_stability", "float64", "Mean Jaccard of this algorithm without segments (copulas)"),
        optional("null_stability_high", "float64", "95 % limit of that; empty with under 19 copulas"),
        optional("blob_stability", "float64", "Mean Jaccard on one Gaussian with the same covariance"),
        optional("ari", "float64", "Mean adjusted Rand index between resamples"),
        optional("pac", "float64", "Share of pairs that resamples neither join nor part"),
        optional(
            "later_value", "float64", "Omega squared of log spend in the next 90 days, mean of past months"
        ),
        optional("later_low", "float64", "Lower end of its 95 % interval: over customers and over fits"),
        optional("later_high", "float64", "Upper end"),
        optional("fidelity", "float64", "Share placed alike by three conditions per segment, balanced"),
        Column("seconds", "float64", "Time of one fit", "seconds", measured=True),
        Column(
            "peak_mb",
            "float64",
            "Memory that the fit took on top, told at depth full",
            "MB",
            nullable=True,
            measured=True,
        ),
        Column(
            "structure",
            "string",
            "The same in each row: whether there are segments at all, and why",
        ),
        Column("verdict", "string", "Chosen, runner-up, on the front, dominated by which, or why not"),
        Column("trained_as_of", "date", "The day whose snapshot it was fitted on"),
        Column("customers", "int64", "Customers it was fitted on", "customers"),
        Column("depth", "string", "quick or full: how many rows and resamples"),
        Column("recipe", "string", "Hash of settings and code that it was fitted with"),
        optional("facts", "string", "What only this algorithm knows, as JSON"),
        optional("model", "string", "Space and model, as JSON"),
    ),
)

LATER_VALUES = Table(
    stage="segments",
    name="later_values",
    one_row_is="how much of the next 90 days a clustering fitted on a past month explains",
    description="Omega squared, for candidates and plain baselines: the mean of four fits on customers that none of "
    "them shares, each measured on the others'. The 95 % interval covers which customers it was measured on and which "
    "it was fitted on. It is fitted on that month, so nothing of the 90 days is in it.",
    key=("as_of", "algorithm", "space", "k", "outcome"),
    columns=(
        Column("as_of", "date", "The day up to which purchases count"),
        Column("algorithm", "string", "As in segments/candidates, or a baseline"),
        Column("space", "string", "The columns it clusters on"),
        Column("k", "int32", "Number of segments asked for", "segments"),
        Column("outcome", "string", "bought, log_spend or capped_spend in (as_of, as_of + 90 days]"),
        Column("value", "float64", "Omega squared: 0 explains nothing; chance may put it a little below"),
        Column("low", "float64", "Lower end of the interval"),
        Column("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers it was fitted and measured on", "customers"),
        Column("recipe", "string", "Hash of settings and code"),
    ),
)

RULES = Table(
    stage="segments",
    name="rules",
    one_row_is="a segment of the champion as at most three conditions",
    description="To copy into a CRM or a warehouse. Found on one half of the customers, measured on the other.",
    key=("segment_id",),
    columns=(
        Column("segment_id", "int32", "The segment"),
        Column("words", "string", "The conditions as a sentence"),
        Column("duckdb", "string", "As SQL on features/customer_features, DuckDB"),
        Column("bigquery", "string", "The same for BigQuery"),
        Column("snowflake", "string", "The same for Snowflake"),
        Column("precision", "float64", "Share of those selected who are in the segment"),
        Column("recall", "float64", "Share of the segment that is selected"),
        Column("coverage", "float64", "Share of all customers that is selected"),
        Column("verdict", "string", "How far the rule can stand in for the segment"),
        Column("as_of", "date", "The day it was measured on"),
        Column("model_version", "string", "Version of the champion"),
    ),
)

AGREEMENT = Table(
    stage="segments",
    name="agreement",
    one_row_is="two candidates compared: how far they make the same segments",
    description="Adjusted Rand index on the same customers: 1 = the same, 0 = chance. The best of each algorithm.",
    key=("first", "second"),
    columns=(
        Column("first", "string", "Algorithm, space and k"),
        Column("second", "string", "The same of the other"),
        Column("ari", "float64", "Adjusted Rand index"),
        Column("customers", "int64", "Customers compared", "customers"),
        Column("recipe", "string", "Hash of settings and code"),
    ),
)

ASSIGNMENTS = Table(
    stage="segments",
    name="assignments",
    one_row_is="a customer's segment as of a month's end",
    description="Scored with the champion, never refitted for a month. Customers without a purchase are in "
    f"segment {NO_PURCHASE} and in no share.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", f"The segment; {NO_PURCHASE} = no purchase yet"),
        Column(
            "confidence",
            "float64",
            "How sure: from distances (0.5 = on the border, 1 = at the centre) or the probability of the segment",
            nullable=True,
        ),
        Column("runner_up", "int32", "The second nearest segment", nullable=True),
        optional("sub_segment", "int32", "Part of a large segment that splits well, from 1; else empty"),
        Column("model_version", "string", "Version of the champion"),
        Column("restated", "boolean", "Whether the month lies before the model's training day"),
    ),
)

TABLES = (CANDIDATES, LATER_VALUES, AGREEMENT, RULES, ASSIGNMENTS)

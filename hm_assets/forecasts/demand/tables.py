"""The tables of this room and their columns."""

from hm_assets.forecasts.tables import STAGE
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.schema import Column, Table, optional

ALL = "all"
REST = "all others"

DEMAND_HISTORY = Table(
    stage=STAGE,
    name="demand_history",
    one_row_is="a segment and a product group with sales in the month",
    description="A customer counts in the segment that they were in at the end of the month before: what they buy in "
    f"the month does not decide it. Who was in none then is in segment {NO_PURCHASE}. Units add up to the lines.",
    monthly=True,
    key=("segment_id", "category"),
    columns=(
        Column("segment_id", "int32", "The segment at the end of the month before"),
        Column("category", "string", "The product group; unknown where the catalogue says nothing"),
        Column("units", "int64", "Units bought", "units"),
        Column("spend", "float64", "Sum of the prices, exact to 1e-9", "price index"),
        optional("segments_version", "string", "Version of the champion; empty without a month before"),
    ),
)

_PLACE = (
    Column("as_of", "date", "The day on which this is true"),
    Column("segment", "string", f"The segment at the beginning of the month, or {ALL}"),
    Column(
        "category", "string", f"A product group among the eleven largest of the last year, {REST}, or {ALL}"
    ),
)

DEMAND = Table(
    stage=STAGE,
    name="demand",
    one_row_is="the units of a segment (or all) in a category (or all) in one of the next three months",
    description="The forecasts add up: segments and categories to all, and their cells to both. Cells are last year's "
    "mix fitted to these sums. No row: not one whole month of lines lies before.",
    monthly=True,
    key=("segment", "category", "months_ahead"),
    columns=(
        *_PLACE,
        Column("months_ahead", "int16", "one, two or three", "months"),
        Column("forecast_month", "date", "First day of the month that is forecast"),
        Column("last_whole_month", "date", "The last month that the forecast rests on"),
        Column("units", "float64", "Expected units", "units"),
        optional("low", "float64", "Lower end of the 80 % interval; empty with too little past", "units"),
        optional("high", "float64", "Upper end", "units"),
        Column("model", "string", "What led from earlier months; mix for a cell, which has no model"),
        optional("units_a_year_before", "float64", "The same calendar month a year before", "units"),
        Column("words", "string", "Which model leads, beside the plain ones"),
    ),
)

DEMAND_SCORES = Table(
    stage=STAGE,
    name="demand_scores",
    one_row_is="a model of the demand of a series at a distance, tried from earlier months",
    description="Rolling origin: each forecast knew the months up to its origin and no more. Where all models reach "
    "back, they stand on the same origins. Intervals are 95 % bootstraps over origins, which overlap and are few: they "
    "tell the least that is unknown.",
    monthly=True,
    kinds=frozenset({"deltalake", "python"}),
    key=("level", "segment", "category", "model", "months_ahead"),
    columns=(
        Column("level", "string", "all, segment, category, or cell (all cells of segment x category pooled)"),
        *_PLACE,
        Column("months_ahead", "int16", "one, two or three after the month", "months"),
        Column(
            "model",
            "string",
            "published (chosen at each origin by what was known then, and reconciled), last_month, seasonal_naive, "
            "drift, seasonal_growth, exponential_smoothing, theta, seasonal_smoothing",
        ),
        Column("plain", "boolean", "Whether it is one of the plain ones, which need no fit"),
        Column("leads", "boolean", "Whether the forecast of this month is made with it"),
        optional("mase", "float64", "Mean absolute error over the mean change from month to month before"),
        optional("mase_low", "float64", "Lower end of its 95 % interval"),
        optional("mase_high", "float64", "Upper end"),
        optional("smape", "float64", "Mean of 2 |error| / (forecast + units), 0 to 2"),
        optional("coverage_80", "float64", "Share within the 80 % interval; of what is published"),
        optional("units_error", "float64", "Sum of absolute errors over sum of units (WAPE)"),
        Column("origins", "int32", "Earlier months that it was tried from", "months"),
    ),
)

TABLES = (DEMAND_HISTORY, DEMAND, DEMAND_SCORES)

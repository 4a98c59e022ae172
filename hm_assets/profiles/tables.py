"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

_HEAD = (
    Column("as_of", "date", "The day on which this is true"),
    Column("segment_id", "int32", "The segment; 0 = no purchase yet"),
)
_NAME = Column(
    "segment_name",
    "string",
    "Its name: each word holds on the data; one kept from the training month, within 5 points of standing and 10 days",
)


SEGMENT_PROFILES = Table(
    stage="profiles",
    name="segment_profiles",
    one_row_is="a fact about a segment, beside the same fact about all customers with purchases",
    description="Gender, income, margins and returns are in none of the files, so they are no rows. Age is pooled over "
    "features/imputed_ages by Rubin's rules. Tastes are listed where the false discovery rate over all segments, kinds "
    "and values is held at 5 %.",
    monthly=True,
    key=("segment_id", "kind", "fact"),
    columns=(
        *_HEAD,
        _NAME,
        Column(
            "kind",
            "string",
            "size, behaviour, value, demographic, engagement, or a kind of taste: category (product type), "
            "garment_group, colour, pattern, topic, price_band",
        ),
        Column("fact", "string", "What is measured; for a kind of taste the value that is over-indexed"),
        Column("unit", "string", "Unit of the value", nullable=True),
        Column(
            "customers",
            "int64",
            "Customers of the segment whom the value rests on: where it is known; of a year's sum who adds to it; of a "
            "taste who bought it",
        ),
        Column("value", "float64", "The fact for the segment; for tastes the share of its units"),
        Column("low", "float64", "Lower end of the 95 % interval (of the index for tastes)", nullable=True),
        Column("high", "float64", "Upper end", nullable=True),
        Column("base", "float64", "The same fact for all customers with purchases", nullable=True),
        Column("index_to_base", "float64", "100 x value / base; shrunken for tastes", nullable=True),
        Column("effect", "float64", "Cliff's delta against all other segments, -1 to 1", nullable=True),
    ),
)

PRICE_CURVES = Table(
    stage="profiles",
    name="price_curves",
    one_row_is="a price band and the share of a segment's units in it",
    description="An article's price is the mean paid for it in the 365 days up to as_of. Bands are cut where fifths of "
    "the units of the whole base end. A segment alone has no rows: it is its own base.",
    monthly=True,
    key=("segment_id", "price_band"),
    columns=(
        *_HEAD,
        Column("price_band", "int8", "1 = the lowest fifth of prices, 5 = the highest"),
        Column("lowest_price", "float64", "Lowest price of an article of the band", "price index"),
        Column("highest_price", "float64", "Highest", "price index"),
        Column("units", "int64", "Units that the segment bought in it, 365 days", "units"),
        Column("share", "float64", "Their share of the segment's units"),
        Column("low", "float64", "Lower end of its 95 % interval, over buyers"),
        Column("high", "float64", "Upper end"),
        Column("base", "float64", "The same share over all customers with purchases"),
        Column(
            "index_to_base", "float64", "100 x share / base, drawn towards 100 where there is little to go by"
        ),
    ),
)

SEGMENT_WORDS = Table(
    stage="profiles",
    name="segment_words",
    one_row_is="a sentence about a segment that follows from its facts",
    description="Made of profiles/segment_profiles alone. Each sentence is a predicate that holds, with its figures.",
    monthly=True,
    key=("segment_id", "kind", "position"),
    columns=(
        *_HEAD,
        _NAME,
        Column("kind", "string", "who, defining, strength, pain or opportunity"),
        Column("position", "int16", "Place among the segment's sentences of the kind, from 1"),
        Column("sentence", "string", "For people"),
        Column("facts", "string", "The facts that it rests on, as kind/fact; the first leads. Empty: none"),
        Column("figure", "float64", "The leading figure", nullable=True),
        Column("base", "float64", "That fact for all customers with purchases", nullable=True),
        Column("effect", "float64", "Its Cliff's delta against all other segments", nullable=True),
        Column(
            "pieces",
            "string",
            "The sentence as JSON: a list of [text, kind, fact, field] with its figures apart",
        ),
    ),
)

TABLES = (SEGMENT_PROFILES, PRICE_CURVES, SEGMENT_WORDS)

"""The table of this room and its columns."""

from hm_assets.warehouse.schema import Column, Table

VALIDITY = Table(
    stage="profiles",
    name="validity",
    one_row_is="a test of a fact between segments, and how large the difference is",
    description="The validation ladder. The segments are those of the champion's algorithm, fitted on the customers of "
    "the latest day that has 90 days of lines after it, so that nothing later is in them. By construction: the "
    "clustering was made of this fact, so there is no p. Held out: it never saw the fact. Later: the 90 days after. "
    "Where these end before the champion was trained, its algorithm was chosen by such days: no news to the choice.",
    monthly=True,
    key=("fact", "test", "subject"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the segments"),
        Column("tier", "string", "construction, held_out or later"),
        Column("fact", "string", "What is compared between segments"),
        Column(
            "test",
            "string",
            "by_construction; welch_anova (brown_forsythe where a segment has no variance) or chi_square lead; anova, "
            "kruskal_wallis; pairs: games_howell, tukey_hsd, brunner_munzel; segments: adjusted_residual, lift",
        ),
        Column("subject", "string", "all segments, a segment, two of them, or a segment and a level"),
        Column(
            "segment_id",
            "int32",
            "The (first) segment, by the champion's ids; one above them goes on in none of today's; empty for all",
            nullable=True,
        ),
        Column("other_segment_id", "int32", "The second of a pair", nullable=True),
        Column("level", "string", "The level of a category", nullable=True),
        Column("statistic", "float64", "Of the test: F, H, chi-square, q, t or a residual", nullable=True),
        Column("df", "float64", "Degrees of freedom; for q the number of means", nullable=True),
        Column("df_within", "float64", "Those below the line, where there are two kinds", nullable=True),
        Column("p", "float64", "The p-value; none by construction", nullable=True),
        Column(
            "p_adjusted",
            "float64",
            "Across facts by Benjamini-Hochberg; within a fact by Holm, or by the studentised range itself",
            nullable=True,
        ),
        Column(
            "effect_name",
            "string",
            "omega_squared, epsilon_squared (of ranks), cramers_v, cliffs_delta, difference_of_means, share, "
            "ratio_to_everybody",
            nullable=True,
        ),
        Column("effect", "float64", "How large the difference is", nullable=True),
        Column("low", "float64", "Lower end of its 95 % interval", nullable=True),
        Column("high", "float64", "Upper end", nullable=True),
        Column(
            "null_effect",
            "float64",
            "The same without structure, mean: by construction of slices of a Gaussian copula, else of shuffled labels",
            nullable=True,
        ),
        Column(
            "null_rejected", "int32", "Of those shuffles, how many the test rejects at 5 %", nullable=True
        ),
        Column("null_runs", "int32", "Shuffles, or copulas", nullable=True),
        Column("n", "int64", "Customers compared", "customers"),
        Column("verdict", "string", "What this says, the size first"),
    ),
)

TABLES = (VALIDITY,)

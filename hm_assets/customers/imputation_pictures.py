"""Pictures of the imputation for the UI: what was filled beside what is known, and whether the chains settled."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.customers.encoding import AGE, CATEGORIES, FLAGS, IMPUTABLE, LIMIT_UNKNOWN, Floats
from hm_assets.customers.imputation import Imputer, Mixing, mixing
from hm_assets.warehouse.pictures import BLUE, ORANGE, PALETTE, figure, markdown

AGE_BINS = np.arange(15.5, 100, 4)


def observed_beside_imputed(known: pa.Table, filled: pa.Table) -> str:
    """Known values (rows of `customers/customers`) beside filled ones (`customers/imputations`), as shares."""
    if not filled.num_rows:
        return "Nothing was filled."
    imputed = {name: filled.filter(pc.equal(filled[f"{name}_imputed"], 1)) for name in IMPUTABLE}
    ages = known[AGE].drop_null().to_numpy().astype(np.float64)
    weights, twins = _alike(known)
    drawn_ages = imputed[AGE][AGE].to_numpy().astype(np.float64)
    finding = age_finding(ages, weights, imputed[AGE].filter(pc.is_in(imputed[AGE]["customer_key"], twins)))
    with figure(columns=3, width=12) as (drawn, axes):
        groups = [("known", ages, np.ones(len(ages)), BLUE, "-")] if len(ages) else []
        if len(drawn_ages):
            groups += [
                ("known, same attributes as the unknown", ages, weights, BLUE, ":"),
                ("filled, all draws", drawn_ages, np.ones(len(drawn_ages)), ORANGE, "-"),
            ]
        for label, values, weights, colour, line in groups:
            heights, _ = np.histogram(values, AGE_BINS, weights=weights / weights.sum())
            axes[0].stairs(heights, AGE_BINS, color=colour, ls=line, label=label, lw=1.8)
        axes[0].set(xlabel="age in years", ylabel="share")
        axes[0].set_ylim(top=1.35 * axes[0].get_ylim()[1])
        if groups:
            axes[0].legend(loc="upper right")
        for ax, name in zip(axes[1:], CATEGORIES, strict=True):
            shares = _shares(known, name)
            levels = sorted(shares, key=lambda level: -shares[level])
            places, drawn_shares = np.arange(len(levels)), _shares(imputed[name], name)
            ax.bar(places - 0.2, [shares[level] for level in levels], 0.4, color=BLUE)
            ax.bar(places + 0.2, [drawn_shares.get(level, 0) for level in levels], 0.4, color=ORANGE)
            ax.set_xticks(places, levels)
            ax.set_xlabel(name)
        drawn.suptitle(finding, x=0.01, ha="left", fontsize=12)
        return markdown(drawn, finding)


def age_finding(ages: Floats, weights: Floats, drawn: pa.Table) -> str:
    """The title: filled ages against those of known customers with the same attributes.

    `drawn` are the filled rows of customers who have such twins; the others have nobody to be compared with.
    """
    customers = len(drawn["customer_key"].unique())
    if not customers:
        return "No age was filled that known customers could be compared with"
    mean, alike = drawn[AGE].to_numpy().mean(), np.average(ages, weights=weights)
    return (
        f"{customers:,} filled ages average {mean:.1f}; known customers with the same attributes {alike:.1f}, "
        f"all known ones {ages.mean():.1f}"
    )


def _alike(known: pa.Table) -> tuple[Floats, pa.Array]:
    """A weight per known age, so that attributes weigh as among the unknown, and the unknown who have such twins."""
    texts = [known[name].cast(pa.string()).fill_null("?") for name in (*FLAGS, *CATEGORIES)]
    cells = pc.binary_join_element_wise(*texts, "|").combine_chunks().dictionary_encode()
    cell, is_known = cells.indices.to_numpy(), known[AGE].is_valid().to_numpy()
    size = len(cells.dictionary)
    there, wanted = (np.bincount(cell[chosen], minlength=size) for chosen in (is_known, ~is_known))
    weights: Floats = (wanted / np.maximum(there, 1))[cell[is_known]]
    has_twin = pa.array(~is_known & (there[cell] > 0))
    return weights, known["customer_key"].filter(has_twin).combine_chunks()


def _shares(table: pa.Table, name: str) -> dict[str, float]:
    counts = table[name].drop_null().value_counts().to_pylist()
    total = sum(count["counts"] for count in counts)
    return {count["values"]: count["counts"] / total for count in counts}


def convergence(model: Imputer) -> str:
    """By iteration, one line per draw: the mean of the filled ages, the share of the usual level of the categories."""
    columns = sorted({trace.column for trace in model.traces})
    if not columns:
        why = (
            f" Unknown for more than {LIMIT_UNKNOWN:.0%}: {', '.join(model.unused)}." if model.unused else ""
        )
        return f"Nothing had to be filled.{why}"
    finding = convergence_finding(mixing(model.traces))
    with figure(columns=len(columns), width=4 * len(columns), height=3) as (drawn, axes):
        for ax, column in zip(np.atleast_1d(axes), columns, strict=True):
            for draw in range(1, len(model.equations) + 1):
                values = [t.value for t in model.traces if t.column == column and t.draw == draw]
                ax.plot(range(1, len(values) + 1), values, color=PALETTE[draw % len(PALETTE)], lw=1)
            usual = "mean age" if column == AGE else f"share of {model.encoding.levels[column][0]}"
            ax.set(title=column, xlabel="iteration", ylabel=f"{usual} among filled")
        drawn.suptitle(finding, x=0.01, ha="left", fontsize=12)
        return markdown(drawn, finding)


def convergence_finding(found: Mapping[str, Mixing]) -> str:
    """The title: whether the draws mix."""
    if not found:
        return "Too few draws or iterations to tell whether the draws mix"
    column, worst = max(found.items(), key=lambda item: item[1].r_hat / item[1].limit)
    if worst.r_hat <= worst.limit:
        return f"The draws mix: R-hat {worst.r_hat:.2f} where chance alone gives up to {worst.limit:.2f}"
    return (
        f"The draws of {column} have not settled: R-hat {worst.r_hat:.2f}, by chance up to {worst.limit:.2f}; "
        "raise `iterations`"
    )

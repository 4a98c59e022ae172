"""Pictures of the imputation for the UI: what was filled beside what is known, and whether the chains settled."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.customers.encoding import AGE, CATEGORIES, FLAGS, IMPUTABLE, Floats
from hm_assets.customers.imputation import Imputer, r_hat
from hm_assets.warehouse.pictures import BLUE, ORANGE, PALETTE, figure, markdown

AGE_BINS = np.arange(15.5, 100, 4)
# Below this R-hat the draws are taken to have mixed (Gelman and others, Bayesian Data Analysis, 3rd edition).
MIXED = 1.1


def observed_beside_imputed(known: pa.Table, filled: pa.Table) -> str:
    """Known values (rows of `customers/customers`) beside filled ones (`customers/imputations`), as shares."""
    imputed = {name: filled.filter(pc.equal(filled[f"{name}_imputed"], 1)) for name in IMPUTABLE}
    ages = known[AGE].drop_null().to_numpy().astype(np.float64)
    drawn_ages = imputed[AGE][AGE].drop_null().to_numpy().astype(np.float64)
    alike = _weights_of_alike(known)
    finding = "No age had to be filled"
    if len(drawn_ages):
        finding = (
            f"Filled ages average {drawn_ages.mean():.1f}: known customers with the same attributes "
            f"{np.average(ages, weights=alike):.1f}, all known ones {ages.mean():.1f}"
        )
    with figure(columns=3, width=12) as (drawn, axes):
        groups = [("known", ages, np.ones(len(ages)), BLUE, "-")]
        if len(drawn_ages):
            groups += [
                ("known, same attributes as the unknown", ages, alike, BLUE, ":"),
                ("filled, all draws", drawn_ages, np.ones(len(drawn_ages)), ORANGE, "-"),
            ]
        for label, values, weights, colour, line in groups:
            heights, _ = np.histogram(values, AGE_BINS, weights=weights / weights.sum())
            axes[0].stairs(heights, AGE_BINS, color=colour, ls=line, label=label, lw=1.8)
        axes[0].set(xlabel="age in years", ylabel="share")
        axes[0].set_ylim(top=1.35 * axes[0].get_ylim()[1])
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


def _weights_of_alike(known: pa.Table) -> Floats:
    """A weight per known age, so that attributes weigh as they do among customers whose age is unknown."""
    texts = [known[name].cast(pa.string()).fill_null("?") for name in (*FLAGS, *CATEGORIES)]
    cells = pc.binary_join_element_wise(*texts, "|").combine_chunks().dictionary_encode()
    cell, is_known = cells.indices.to_numpy(), known[AGE].is_valid().to_numpy()
    size = len(cells.dictionary)
    there, wanted = (np.bincount(cell[chosen], minlength=size) for chosen in (is_known, ~is_known))
    weights: Floats = (wanted / np.maximum(there, 1))[cell[is_known]]
    return weights if weights.sum() > 0 else np.ones(len(weights))


def _shares(table: pa.Table, name: str) -> dict[str, float]:
    counts = table[name].drop_null().value_counts().to_pylist()
    total = sum(count["counts"] for count in counts)
    return {count["values"]: count["counts"] / total for count in counts}


def convergence(model: Imputer) -> str:
    """By iteration, one line per draw: the mean of the filled ages, the share of the usual level of the categories."""
    mixing = r_hat(model.traces)
    worst = max(mixing.values(), default=1.0)
    finding = (
        f"The draws mix: largest R-hat {worst:.2f}"
        if worst < MIXED
        else f"The draws have not settled (R-hat {worst:.2f}): raise `iterations`"
    )
    columns = sorted({trace.column for trace in model.traces})
    if not columns:
        return "Nothing had to be filled."
    with figure(columns=len(columns), width=4 * len(columns), height=3) as (drawn, axes):
        for ax, column in zip(np.atleast_1d(axes), columns, strict=True):
            for draw in range(1, len(model.equations) + 1):
                means = [t.mean for t in model.traces if t.column == column and t.draw == draw]
                ax.plot(range(1, len(means) + 1), means, color=PALETTE[draw % len(PALETTE)], lw=1)
            usual = "mean age" if column == AGE else f"share of {model.encoding.levels[column][0]}"
            ax.set(title=column, xlabel="iteration", ylabel=f"{usual} among filled")
        drawn.suptitle(finding, x=0.01, ha="left", fontsize=12)
        return markdown(drawn, finding)

"""What the pictures of the imputation say."""

import base64
import re

import numpy as np
import pyarrow as pa

from hm_assets.customers import draws, imputation_pictures
from hm_assets.customers.imputation import Imputer, Mixing
from hm_assets_tests.customers.examples import customers, rows


def filled(base: pa.Table) -> tuple[Imputer, pa.Table]:
    model = Imputer.fit(base, 3, 5, 10_000, seed=1)
    return model, draws.drawn(model, base, seed=1)


def is_picture(markdown: str) -> bool:
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)\)$", markdown)
    return found is not None and base64.b64decode(found.group(1)).startswith(b"\x89PNG")


def test_the_title_compares_the_filled_with_their_known_twins():
    # Two kinds of customers; the unknown ages are all of the older kind, one of them without a twin.
    kind = {"fashion_news_frequency": "NONE"}
    young = [{"age": 20 + i % 3, "club_member_status": "ACTIVE", **kind} for i in range(60)]
    old = [{"age": 50, "club_member_status": "PRE-CREATE", **kind}] * 40
    unknown = [{"club_member_status": "PRE-CREATE", **kind}] * 4
    alone = [{"fn": 1, "active": 1, "club_member_status": "PRE-CREATE", **kind}]
    base = rows(*young, *old, *unknown, *alone)
    picture = imputation_pictures.observed_beside_imputed(base, filled(base)[1])
    assert re.match(r"!\[(.*)\]", picture).group(1) == (
        "4 filled ages average 50.0; known customers with the same attributes 50.0, all known ones 32.6"
    )


def test_both_pictures_are_drawn_the_same_each_time():
    base = customers(400)
    model, table = filled(base)
    one = imputation_pictures.observed_beside_imputed(base, table)
    assert is_picture(one)
    assert one == imputation_pictures.observed_beside_imputed(base, table)
    assert is_picture(imputation_pictures.convergence(model))


def test_where_nothing_was_filled_that_is_said_in_words():
    whole = customers(200, unknown=0.0)
    assert imputation_pictures.observed_beside_imputed(whole, filled(whole)[1]) == "Nothing was filled."
    ageless = rows(*[{"club_member_status": "ACTIVE", "fashion_news_frequency": "NONE"}] * 9)
    model, table = filled(ageless)
    assert imputation_pictures.observed_beside_imputed(ageless, table) == "Nothing was filled."
    assert (
        imputation_pictures.convergence(model) == "Nothing had to be filled. Unknown for more than 40%: age."
    )


def test_the_title_of_the_chains_says_whether_they_mix():
    say = imputation_pictures.convergence_finding
    assert say({"age": Mixing(1.02, 1.2)}).startswith("The draws mix: R-hat 1.02")
    stuck = say({"age": Mixing(1.3, 1.2), "news": Mixing(1.01, 1.2)})
    assert stuck.startswith("The draws of age have not settled")
    assert say({}).startswith("Too few draws")


def test_ages_are_weighted_by_the_attributes_of_the_unknown():
    base = customers(2_000)
    weights, twins = imputation_pictures._alike(base)
    status = np.array(base.filter(base["age"].is_valid())["club_member_status"].to_pylist())
    unknown = base.filter(base["age"].is_null())["club_member_status"].to_pylist()
    share = np.average(status == "PRE-CREATE", weights=weights)
    assert len(status) == len(weights)
    assert abs(share - np.mean([one == "PRE-CREATE" for one in unknown])) < 0.03
    assert len(twins) > 150

"""Customer keys are the same in Python and on the engine."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.warehouse.keys import customer_key, customer_key_sql


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_the_engine_computes_the_same_key(customer_id):
    row = duckdb.execute(
        f"SELECT {customer_key_sql('id')} FROM (SELECT ?::VARCHAR AS id)", [customer_id]
    ).fetchone()
    assert row == (customer_key(customer_id),)


def test_a_key_has_sixty_bits():
    keys = [customer_key(str(number)) for number in range(1000)]
    assert len(set(keys)) == 1000
    assert max(keys) < 2**60
    assert max(keys) > 2**59

"""The stage as a whole, on a tiny generated retailer."""

import dagster as dg
import pytest

from hm_assets.definitions import build_defs
from hm_assets_tests.running import Platform, platform

pytestmark = pytest.mark.slow

MODEL = dg.AssetKey(["customers", "imputation_model"])


@pytest.fixture(scope="module")
def made(tmp_path_factory, small):
    with platform(tmp_path_factory.mktemp("customers") / "warehouse", small) as found:
        found.land()
        found.run("group:raw or group:customers")
        yield found


def fit_again(found: Platform, **settings) -> tuple[str, str]:
    """Make the model once more by hand; what its metadata says of the fit, and its version."""
    result = (
        build_defs(found.settings)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=found.instance,
            asset_selection=[MODEL],
            run_config={"ops": {"customers__imputation_model": {"config": settings}}},
        )
    )
    (made,) = result.asset_materializations_for_node("customers__imputation_model")
    return str(made.metadata["fit"].value), made.tags["dagster/data_version"]


def test_unchanged_customers_are_not_fitted_again_and_the_reason_is_shown(made):
    assert made.planner("group:customers").work() == {}
    first, version = fit_again(made)
    assert first.startswith("kept: customers and settings are those that it was fitted on")
    assert fit_again(made) == (first, version)


def test_a_changed_setting_fits_anew(made):
    fit, version = fit_again(made, iterations=3)
    assert fit == "fitted: customers, settings or code changed"
    again, back = fit_again(made, iterations=3, refit=True)
    assert again.startswith("fitted")
    assert back == version
    assert fit_again(made)[1] != version


def test_customers_without_a_purchase_are_filled_too(made):
    bought = {row[1] for row in made.rows("raw/transactions")}
    customers = made.rows("customers/customers")
    assert {row[1] for row in customers} - bought
    unknown = {row[1] for row in customers if None in (row[4], row[5], row[6])}
    assert {row[0] for row in made.rows("customers/imputations")} == unknown


def test_as_many_draws_as_are_promised(made):
    rows = made.rows("customers/imputations")
    assert {row[1] for row in rows} == {1, 2, 3, 4, 5}
    assert all(16 <= row[2] <= 99 for row in rows)

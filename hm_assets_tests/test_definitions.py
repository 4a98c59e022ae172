"""The code location: quick to load, complete, and its graph as reviewed."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from hm_assets.definitions import TABLES, build_defs

HEAVY = ("sklearn", "scipy", "gensim", "statsmodels", "plotly", "pyspark", "pandas", "matplotlib", "lightgbm")


def test_everything_loads_and_fits_together():
    dg.Definitions.validate_loadable(build_defs())


def test_loading_imports_no_heavy_library():
    code = f"import sys, hm_assets.definitions; print([m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_column_is_described_once_and_in_words():
    for table in TABLES.values():
        names = [column.name for column in table.stored_columns]
        assert len(set(names)) == len(names), table.path
        assert set(table.key) <= set(names), table.path
        for column in table.columns:
            assert len(column.description) >= 3, f"{table.path}.{column.name}"


def test_the_workspace_and_pyproject_name_the_same_location():
    root = Path(__file__).parents[1]
    assert "location_name: hm_assets" in (root / "workspace.yaml").read_text()
    assert 'code_location_name = "hm_assets"' in (root / "pyproject.toml").read_text()


@pytest.fixture(scope="module")
def graph():
    return build_defs().resolve_asset_graph()


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.path)
def test_every_table_has_an_asset_that_shows_its_columns(graph, table):
    node = graph.get(dg.AssetKey([table.stage, table.name]))
    assert node.group_name == table.stage
    assert node.is_partitioned == table.monthly
    shown = node.metadata["dagster/column_schema"]
    assert [column.name for column in shown.columns] == [column.name for column in table.stored_columns]


def test_nothing_about_customers_enters_texts_or_topics(graph):
    """A topic model that is given somebody's age as a word finds it again."""
    for name in (
        "documents",
        "vocabulary",
        "tfidf",
        "embeddings",
        "topic_candidates",
        "topics",
        "topic_catalogue",
    ):
        key = dg.AssetKey(["articles", name])
        above = dg.AssetSelection.assets(key).upstream().resolve(graph)
        assert {"/".join(each.path) for each in above if each.path[0] != "articles"} <= {
            "raw/articles",
            "sources/articles",
        }


def test_the_graph_is_as_reviewed(graph):
    edges = {
        "/".join(key.path): sorted("/".join(parent.path) for parent in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }
    raw = ["raw/articles", "raw/customers", "raw/transactions"]
    files = ["sources/articles", "sources/customers", "sources/transactions"]
    texts = ["articles/documents", "articles/vocabulary"]
    documents = [
        "playbooks/metrics",
        "playbooks/strategy",
        "profiles/passports",
        "profiles/segment_words",
        "segments/champion",
    ]
    triggers = ["customers/customers", "features/customer_days", "profiles/names", "segments/assignments"]
    assert edges == {
        "sources/customers": [],
        "sources/articles": [],
        "sources/transactions": [],
        "sources/appointments": [],
        "sources/campaign_results": [],
        "raw/customers": ["sources/customers"],
        "raw/articles": ["sources/articles"],
        "raw/transactions": ["raw/articles", "raw/customers", "sources/transactions"],
        "raw/rejects": [*raw, *files],
        "raw/deliveries": [*raw, *files],
        "customers/customers": ["raw/customers"],
        "customers/imputation_model": ["customers/customers"],
        "customers/imputations": ["customers/customers", "customers/imputation_model"],
        "customers/imputation_scores": ["customers/customers"],
        "customers/missing_patterns": ["customers/customers"],
        "customers/missingness_tests": ["customers/customers"],
        "customers/missingness": ["customers/customers", "customers/missingness_tests", "raw/customers"],
        "articles/articles": ["raw/articles"],
        "articles/unknowns": ["raw/articles"],
        "articles/documents": ["articles/articles"],
        "articles/vocabulary": ["articles/documents"],
        "articles/tfidf": texts,
        "articles/embeddings": texts,
        "articles/topic_candidates": texts,
        "articles/topics": ["articles/articles", "articles/documents", "articles/topic_candidates"],
        "articles/other_topics": ["articles/articles", "articles/documents", "articles/topic_candidates"],
        "articles/topic_catalogue": ["articles/documents", "articles/topic_candidates"],
        "articles/topic_value": [
            "articles/articles",
            "articles/documents",
            "articles/embeddings",
            "articles/other_topics",
            "articles/topics",
            "articles/vocabulary",
            "raw/transactions",
        ],
        "features/article_days": ["customers/customers", "raw/transactions"],
        "features/reference_prices": ["features/article_days"],
        "features/customer_days": ["features/reference_prices", "raw/transactions"],
        "features/attribute_values": ["articles/articles", "articles/topics"],
        "features/customer_attributes": ["articles/articles", "articles/topics", "raw/transactions"],
        "features/customer_tastes": ["features/attribute_values", "features/customer_attributes"],
        "features/score_cuts": ["features/customer_days"],
        "features/customer_features": [
            "features/customer_days",
            "features/customer_tastes",
            "features/score_cuts",
        ],
        "features/feature_sets": ["features/customer_features"],
        "features/article_features": ["articles/articles", "features/article_days"],
        "features/affinities": [
            "features/attribute_values",
            "features/customer_attributes",
            "features/customer_days",
        ],
        "features/imputed_ages": [
            "customers/customers",
            "customers/imputations",
            "features/customer_features",
            "features/customer_tastes",
        ],
        "features/age_estimates": [
            "customers/customers",
            "customers/imputations",
            "features/customer_features",
            "features/customer_tastes",
        ],
        "features/imputed_age_scores": [
            "customers/customers",
            "features/customer_features",
            "features/customer_tastes",
        ],
        "explore/distributions": [
            "customers/customers",
            "features/article_days",
            "features/customer_features",
        ],
        "explore/cohorts": ["features/customer_days"],
        "explore/correlations": [
            "customers/customers",
            "explore/distributions",
            "features/article_days",
            "features/customer_features",
        ],
        "explore/groups": ["customers/customers", "features/customer_features"],
        "explore/calendar": ["features/customer_days"],
        "explore/rfm_grid": ["customers/customers", "features/customer_features"],
        "explore/histograms": ["customers/customers", "explore/distributions", "features/customer_features"],
        "explore/concentration": ["customers/customers", "features/customer_features"],
        "explore/hypotheses": ["customers/customers", "features/customer_days", "features/customer_features"],
        "explore/price_curves": [
            "articles/articles",
            "customers/customers",
            "features/article_days",
            "features/customer_days",
            "features/customer_features",
            "features/reference_prices",
        ],
        "explore/category_revenue": ["articles/articles", "features/article_days"],
        "explore/report": [
            "customers/missing_patterns",
            "customers/missingness",
            "customers/missingness_tests",
            "explore/affinity_network",
            "explore/calendar",
            "explore/category_revenue",
            "explore/cohorts",
            "explore/concentration",
            "explore/correlations",
            "explore/distributions",
            "explore/groups",
            "explore/histograms",
            "explore/hypotheses",
            "explore/price_curves",
            "explore/questions",
            "explore/rfm_grid",
            "explore/sample",
            "explore/seasonality",
        ],
        "explore/seasonality": ["features/customer_days"],
        "explore/questions": [
            "articles/articles",
            "customers/customers",
            "explore/sample",
            "features/article_days",
            "features/customer_features",
        ],
        "explore/sample": ["customers/customers", "features/customer_features"],
        "explore/affinity_network": [
            "articles/articles",
            "features/customer_attributes",
            "features/customer_days",
        ],
        "segments/later_values": [
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
        ],
        "segments/candidates": [
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "segments/later_values",
        ],
        "segments/agreement": [
            "features/customer_features",
            "features/customer_tastes",
            "segments/candidates",
        ],
        "segments/champion": [
            "features/customer_features",
            "features/customer_tastes",
            "segments/candidates",
            "sources/appointments",
        ],
        "segments/rules": ["features/customer_features", "features/customer_tastes", "segments/champion"],
        "segments/report": [
            "features/customer_features",
            "features/customer_tastes",
            "segments/agreement",
            "segments/candidates",
            "segments/champion",
            "segments/later_values",
        ],
        "segments/assignments": [
            "customers/customers",
            "features/customer_features",
            "features/customer_tastes",
            "segments/champion",
        ],
        "profiles/names": [
            "customers/customers",
            "features/customer_features",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/segment_profiles": [
            "articles/articles",
            "articles/topic_catalogue",
            "articles/topics",
            "customers/customers",
            "features/customer_features",
            "features/imputed_ages",
            "profiles/names",
            "raw/transactions",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/passport_criteria": [
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "profiles/age_parity",
            "profiles/segment_profiles",
            "profiles/validity",
            "segments/agreement",
            "segments/assignments",
            "segments/candidates",
            "segments/champion",
        ],
        "profiles/passports": [
            "profiles/passport_criteria",
            "profiles/segment_profiles",
            "segments/champion",
        ],
        "profiles/report": [
            "features/attribute_values",
            "features/customer_features",
            "features/customer_tastes",
            "profiles/passport_criteria",
            "profiles/passports",
            "profiles/price_curves",
            "profiles/segment_profiles",
            "profiles/segment_words",
            "profiles/size_forecast",
            "profiles/transitions",
            "profiles/validity",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/price_curves": ["articles/articles", "raw/transactions", "segments/assignments"],
        "profiles/age_parity": ["profiles/segment_profiles"],
        "profiles/segment_words": ["profiles/segment_profiles"],
        "recommendations/rules": ["articles/articles", "raw/transactions"],
        "recommendations/bought_together": ["articles/articles", "recommendations/rules"],
        "recommendations/complement_scores": ["articles/articles", "raw/transactions"],
        "recommendations/cross_sell": [
            "articles/articles",
            "raw/transactions",
            "recommendations/rules",
            "segments/assignments",
        ],
        "recommendations/lookalike_scores": [
            "articles/articles",
            "features/customer_features",
            "raw/transactions",
        ],
        "recommendations/ranker": ["articles/articles", "customers/customers", "raw/transactions"],
        "playbooks/journey": [
            "features/customer_features",
            "profiles/customer_movement",
            "profiles/segment_profiles",
            "profiles/transitions",
            "segments/assignments",
        ],
        "playbooks/decision_matrix": [
            "articles/articles",
            "forecasts/segments",
            "profiles/segment_profiles",
            "recommendations/cross_sell",
            "recommendations/launches",
            "recommendations/segments",
        ],
        "playbooks/assumptions": [
            "forecasts/segments",
            "playbooks/campaign_effects",
            "playbooks/campaign_results",
            "playbooks/decision_matrix",
            "profiles/segment_profiles",
        ],
        "playbooks/calendar": [
            "explore/calendar",
            "explore/seasonality",
            "forecasts/segments",
            "playbooks/decision_matrix",
        ],
        "playbooks/strategy": [
            "articles/articles",
            "forecasts/segments",
            "playbooks/assumptions",
            "playbooks/decision_matrix",
            "playbooks/journey",
            "profiles/segment_profiles",
            "profiles/segment_words",
            "recommendations/cross_sell",
            "recommendations/launches",
            "recommendations/segments",
        ],
        "playbooks/holdout_plans": ["customers/customers", "features/customer_days", "segments/assignments"],
        "playbooks/audiences": [
            "customers/customers",
            "features/customer_features",
            "playbooks/holdout_plans",
            "segments/assignments",
        ],
        "playbooks/campaign_results": ["playbooks/audiences", "sources/campaign_results"],
        "playbooks/campaign_effects": ["playbooks/campaign_results", "playbooks/holdout_plans"],
        "playbooks/experiments": [
            "playbooks/audiences",
            "playbooks/campaign_effects",
            "playbooks/campaign_results",
            "playbooks/holdout_plans",
            "profiles/passports",
            "profiles/segment_profiles",
            "segments/champion",
        ],
        "playbooks/metrics": [
            "articles/articles",
            "customers/customers",
            "explore/calendar",
            "explore/questions",
            "forecasts/budgets",
            "forecasts/scoreboard",
            "forecasts/segment_reasons",
            "forecasts/segments",
            "playbooks/journey",
            "playbooks/strategy",
            "profiles/passport_criteria",
            "profiles/segment_profiles",
            "profiles/size_forecast",
            "profiles/transitions",
            "profiles/validity",
            "raw/transactions",
            "recommendations/cross_sell",
            "recommendations/scoreboard",
            "recommendations/segment_styles",
            "recommendations/segments",
            "segments/candidates",
        ],
        "playbooks/pdf": documents,
        "playbooks/deck": documents,
        "playbooks/workbook": documents,
        "playbooks/playbooks": [
            "forecasts/segment_reasons",
            "forecasts/segments",
            "playbooks/calendar",
            "playbooks/decision_matrix",
            "playbooks/journey",
            "playbooks/strategy",
            "profiles/passports",
            "profiles/segment_profiles",
            "profiles/segment_words",
            "recommendations/segment_styles",
            "recommendations/segments",
            "segments/champion",
        ],
        "recommendations/customers": [
            "articles/articles",
            "articles/embeddings",
            "articles/topics",
            "customers/customers",
            "raw/transactions",
            "recommendations/ranker",
            "recommendations/scoreboard",
            "segments/assignments",
        ],
        "recommendations/segments": ["articles/articles", "raw/transactions", "segments/assignments"],
        "recommendations/topic_articles": [
            "articles/articles",
            "articles/topic_catalogue",
            "articles/topics",
            "raw/transactions",
        ],
        "recommendations/segment_styles": ["articles/articles", "raw/transactions", "segments/assignments"],
        "profiles/customer_movement": [
            "features/article_days",
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/validity": [
            "customers/customers",
            "features/attribute_values",
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/transitions": ["features/article_days", "profiles/customer_movement"],
        "profiles/segment_stability": [
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "segments/assignments",
            "segments/champion",
        ],
        "profiles/size_forecast": ["segments/assignments", "segments/champion"],
        "monitoring/training_profile": [
            "features/customer_features",
            "features/customer_tastes",
            "segments/champion",
        ],
        "forecasts/scoreboard": ["forecasts/back_test"],
        "forecasts/imbalance": ["features/customer_days", "features/customer_features"],
        "forecasts/order_model": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/scoreboard",
        ],
        "forecasts/timing_scoreboard": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/scoreboard",
        ],
        "forecasts/churn_rules": ["features/customer_days", "features/customer_features"],
        "forecasts/timing_model": ["features/customer_days", "features/customer_features"],
        "forecasts/value_scoreboard": ["features/customer_days", "features/customer_features"],
        "forecasts/value_model": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/value_scoreboard",
        ],
        "forecasts/customers": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/order_model",
            "forecasts/timing_model",
            "forecasts/value_model",
        ],
        "forecasts/demand_history": ["features/customer_attributes", "segments/assignments"],
        "forecasts/demand": ["features/customer_days", "forecasts/demand_history", "segments/assignments"],
        "forecasts/demand_scores": ["features/customer_days", "forecasts/demand_history"],
        "forecasts/past_outlook": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/order_model",
            "segments/assignments",
        ],
        "forecasts/segment_scores": ["forecasts/past_outlook"],
        "forecasts/early_warning_scores": ["forecasts/past_outlook"],
        "forecasts/segments": [
            "features/customer_features",
            "forecasts/customers",
            "forecasts/segment_scores",
            "segments/assignments",
        ],
        "forecasts/early_warning": [
            "features/customer_features",
            "forecasts/customers",
            "forecasts/order_model",
            "segments/assignments",
        ],
        "forecasts/drivers": ["features/customer_features", "forecasts/order_model"],
        "forecasts/importance": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/order_model",
        ],
        "forecasts/segment_reasons": ["forecasts/drivers", "segments/assignments"],
        "forecasts/lime": ["features/customer_features", "forecasts/order_model"],
        "forecasts/back_test": ["features/customer_days", "features/customer_features"],
        "forecasts/profit": ["forecasts/back_test", "forecasts/scoreboard"],
        "forecasts/thresholds": [
            "features/customer_features",
            "forecasts/back_test",
            "forecasts/customers",
            "forecasts/scoreboard",
        ],
        "forecasts/budgets": ["features/customer_features", "forecasts/customers"],
        "playbooks/dashboard": [
            "features/attribute_values",
            "features/customer_features",
            "forecasts/customers",
            "forecasts/segments",
            "playbooks/strategy",
            "profiles/customer_movement",
            "profiles/passport_criteria",
            "profiles/passports",
            "profiles/segment_profiles",
            "profiles/segment_words",
            "profiles/transitions",
            "profiles/validity",
            "segments/assignments",
            "segments/champion",
        ],
        "forecasts/page": [
            "features/customer_days",
            "features/customer_features",
            "forecasts/budgets",
            "forecasts/churn_rules",
            "forecasts/customers",
            "forecasts/demand",
            "forecasts/demand_scores",
            "forecasts/early_warning",
            "forecasts/early_warning_scores",
            "forecasts/importance",
            "forecasts/order_model",
            "forecasts/profit",
            "forecasts/scoreboard",
            "forecasts/segment_reasons",
            "forecasts/segment_scores",
            "forecasts/segments",
            "forecasts/thresholds",
            "forecasts/timing_scoreboard",
            "forecasts/value_scoreboard",
            "profiles/passports",
            "profiles/segment_profiles",
            "segments/assignments",
        ],
        "recommendations/launch_model": ["articles/articles", "articles/embeddings", "raw/transactions"],
        "recommendations/launch_scores": ["articles/articles", "articles/embeddings", "raw/transactions"],
        "recommendations/launches": [
            "articles/articles",
            "articles/embeddings",
            "raw/transactions",
            "recommendations/launch_model",
            "segments/assignments",
        ],
        "recommendations/back_test": [
            "articles/articles",
            "articles/embeddings",
            "articles/topics",
            "customers/customers",
            "raw/transactions",
            "segments/assignments",
        ],
        "recommendations/scoreboard": ["recommendations/back_test"],
        "monitoring/drift": [
            "features/customer_features",
            "features/customer_tastes",
            "monitoring/training_profile",
            "segments/champion",
        ],
        "monitoring/model_quality": [
            "features/customer_features",
            "features/customer_tastes",
            "monitoring/training_profile",
            "segments/champion",
        ],
        "monitoring/retrain_decision": [
            "monitoring/drift",
            "monitoring/model_quality",
            "profiles/segment_stability",
            "segments/champion",
        ],
        "monitoring/challenges": [
            "features/customer_days",
            "features/customer_features",
            "features/customer_tastes",
            "monitoring/retrain_decision",
            "segments/candidates",
            "segments/champion",
            "segments/later_values",
        ],
        "monitoring/segment_events": triggers,
        "monitoring/last_segments": triggers,
    }

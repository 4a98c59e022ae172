import datetime as dt

from hm_assets.forecasts import shown


def row(day: dt.date, metric: str, value: float, **more) -> dict:
    return {
        "as_of": day,
        "model": "logistic",
        "horizon_days": 90,
        "metric": metric,
        "value": value,
        "low": None,
        "high": None,
        "base_rate": 0.4,
        "base_rate_year_before": None,
        "chosen": True,
        **more,
    }


def test_the_shift_stands_beside_the_same_month_of_the_year_before_where_it_is_known():
    now, before = dt.date(2020, 5, 29), dt.date(2019, 5, 31)
    rows = [
        row(now, "mean_error", 0.05, base_rate_year_before=0.45),
        row(now, "ece", 0.06, base_rate_year_before=0.45),
        row(before, "mean_error", 0.01),
        row(before, "ece", 0.02),
        row(now, "ece", 0.5, model="recency", chosen=False),
        row(now, "ece", 0.7, horizon_days=30),
    ]
    latest, earlier = shown.shift(rows).splitlines()[4:]
    assert latest == "| 2020-05-29 | 40.0% | 45.0% | -5.0 points | 0.050 | 0.010 | 0.060 | 0.020 |"
    assert earlier == "| 2019-05-31 | 40.0% | - | - | 0.010 | - | 0.020 | - |"


def test_treatments_are_shown_as_means_over_days_and_an_unknown_measure_as_a_dash():
    keys = {"model": "logistic", "treatment": "smote", "recalibration": "platt"}
    days = dt.date(2020, 5, 29), dt.date(2019, 5, 31)
    rows = [
        {"as_of": day, "metric": "brier", "value": v, **keys} for day, v in zip(days, (0.1, 0.2), strict=True)
    ]
    rows += [{"as_of": day, "metric": "auc", "value": None, **keys} for day in days]
    assert shown.imbalance(rows).splitlines()[-1] == "| logistic | smote | platt | 0.150 | - |"
    assert shown.imbalance(rows).startswith("Means of 2 past days.")

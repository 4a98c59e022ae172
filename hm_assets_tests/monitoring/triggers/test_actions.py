import datetime as dt

import pytest

from hm_assets.monitoring.triggers import actions
from hm_assets.monitoring.triggers.rules import Rule
from hm_assets_tests.monitoring.triggers.receiver import receiver

ROWS = [
    {"customer_id": name, "as_of": dt.date(2019, 6, 3), "segment_before": 2, "segment_id": 1, "look": 7}
    | {"customer_key": key}
    for key, name in enumerate(("anna", 'b"ert,\n'))
]


def rule(url: str = "") -> Rule:
    return Rule("win-back", "enters", frozenset({1}), "webhook", url)


def test_a_webhook_is_told_the_customers_as_json():
    with receiver([200]) as (url, heard):
        actions.post(rule(url), 7, ROWS)
    (call,) = heard
    assert call.body["rule"] == "win-back"
    assert call.body["as_of"] == "2019-06-03"
    assert [c["customer_id"] for c in call.body["customers"]] == ["anna", 'b"ert,\n']


def test_it_is_tried_three_times_with_one_key():
    with receiver([500, 302, 200]) as (url, heard):
        actions.post(rule(url), 7, ROWS, pauses=(0, 0))
    assert len(heard) == 3
    assert len({call.key for call in heard}) == 1


def test_no_acknowledgement_is_an_error_that_keeps_the_address_secret():
    failed = pytest.raises(actions.ActionError, match=r"rule 'win-back': 2 customers .* in 3 tries")
    with receiver([500] * 3) as (url, _), failed as caught:
        actions.post(rule(url + "/secret"), 7, ROWS, pauses=(0, 0))
    assert "secret" not in str(caught.value)


def test_nobody_at_home_is_the_same_error():
    with receiver([]) as (url, _):
        pass
    with pytest.raises(actions.ActionError, match="refused"):
        actions.post(rule(url), 7, ROWS, pauses=(0, 0))


def test_an_audience_file_is_the_same_when_it_is_written_again(tmp_path):
    first = actions.write_audience(tmp_path, rule(), 7, ROWS)
    text = first.read_text()
    assert actions.write_audience(tmp_path, rule(), 7, ROWS) == first
    assert first.read_text() == text
    assert first == tmp_path / "triggers" / "win-back-2019-06-03-7.csv"
    assert (
        text == "customer_id,as_of,segment_before,segment_id,customer_key\n"
        'anna,2019-06-03,2,1,0\n"b""ert,\n",2019-06-03,2,1,1\n'
    )

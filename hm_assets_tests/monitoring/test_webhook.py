import pytest

from hm_assets.monitoring.webhook import post
from hm_assets_tests.monitoring.post_box import post_box

VALUE = {"title": "Grüße"}


@pytest.mark.parametrize(
    ("answers", "tries", "why"),
    [
        ((204,), 1, None),
        ((503, 429, 200), 3, None),
        ((500,), 3, "127.0.0.1 answered 500 Internal Server Error"),
        ((404,), 1, "127.0.0.1 answered 404 Not Found"),
    ],
)
def test_a_fault_that_may_pass_is_tried_again_and_one_that_may_not_is_not(answers, tries, why):
    with post_box(answers) as (url, received):
        assert post(url, VALUE, pauses=(0, 0)) == why
        assert received == [VALUE] * tries


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/hooks/secret",
        "http://no such/hooks/secret",
        "file:///etc/secret",
        "http://[secret/",
    ],
)
def test_it_never_raises_and_never_tells_the_address(url):
    why = post(url, VALUE, pauses=())
    assert why
    assert "secret" not in why

"""Files land, and without a click the servers of `hm ui` make exactly what they ask for."""

import os
import time
from collections import Counter

import pytest

from benchmarks.latency import copied
from hm_assets_tests.e2e.served import JULY, JUNE, LONGEST, Served, new_month, of_month, text, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory, finished):
    it = Served(*copied(finished, tmp_path_factory.mktemp("served")))
    yield it
    it.end()


def test_a_new_month_goes_down_to_its_playbooks_and_touches_nothing_else(served, lines):
    assert b"July 2019" not in served.downloaded("/")
    new_month(served, lines)
    # The portal has run since before: what it serves is the new month, downloads included.
    assert b"July 2019" in served.downloaded("/")
    july = served.documents(JULY)
    for name in ("playbook.pdf", "playbook.pptx", "segments.xlsx", "campaign-calendar.ics", "dashboard.html"):
        assert served.downloaded(f"/reports/{JULY[:7]}/{name}?download=1") == july[name]


def test_a_touch_asks_for_nothing_and_a_bad_file_is_an_incident_that_leaves_the_playbooks(served):
    before, bad = served.documents(JULY), served.raw / "transactions_2019-08.csv"
    path = served.raw / "transactions_2019-07.csv"
    path.write_bytes(path.read_bytes())
    os.utime(served.raw / "customers.csv")
    moment = time.time()
    bad.write_text("t_dat,price\n2019-08-01,0.1\n")
    (incident,) = wait_for(lambda: list((served.warehouse / "incidents").glob("*.md")), LONGEST)
    assert bad.name in incident.read_text()
    assert served.made_since(moment) == Counter()
    assert served.watch.runs(moment) == []
    assert served.documents(JULY) == before
    bad.unlink()


def test_a_corrected_month_makes_again_what_saw_it_and_refits_nothing(served, lines):
    champion, june = (served.warehouse / "segments" / "champion.json").read_bytes(), of_month(lines, JUNE)
    book = f"/reports/{JUNE[:7]}/playbook.pdf?download=1"
    before = served.downloaded(book)
    made = served.land("transactions_2019-06.csv", text(lines, june[: len(june) // 2]))
    months = {path: {month for other, month in made if other == path} for path, _ in made}
    assert months["raw/transactions"] == {JUNE}
    assert before != served.downloaded(book) == served.documents(JUNE)["playbook.pdf"]
    for path in ("features/customer_features", "segments/assignments", "playbooks/playbooks"):
        assert months[path] == {JUNE, JULY}
    assert (served.warehouse / "segments" / "champion.json").read_bytes() == champion
    # The champion was trained on June: what is compared with its training is compared again, and what reads the lab's
    # tables and the passport, which are made beside the months, may have read the old ones.
    twice = {path for (path, month), times in made.items() if times > 1 and month}
    assert {path for path in twice if path.split("/")[0] not in ("monitoring", "profiles", "playbooks")} <= {
        "forecasts/page"
    }

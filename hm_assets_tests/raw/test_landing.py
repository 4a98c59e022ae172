import datetime as dt
import gzip
import json
import os
from pathlib import Path

import pytest

from hm_assets.raw import landed as landed_files
from hm_assets.raw import landing, settling
from hm_assets.raw.landed import ADDITION, BASE, MONTH
from hm_assets.warehouse.errors import LandingError
from hm_assets_tests.raw.examples import BASE as TRAIN
from hm_assets_tests.raw.examples import LINES, deliver, line, more

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (dt.date(2018, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return deliver(tmp_path / "raw")


@pytest.fixture
def look(raw, tmp_path):
    """A survey, and what it said that it was looking at."""
    (tmp_path / "warehouse").mkdir()

    def survey(folder: Path = raw) -> tuple[landing.Landing, list[str]]:
        said: list[str] = []
        landed = landing.survey(folder, tmp_path / "warehouse", said.append)
        return landed, [text.removeprefix("looking at ") for text in said]

    return survey


def refused(look, *words: str) -> None:
    with pytest.raises(LandingError) as error:
        look()
    for word in words:
        assert word in str(error.value)


def test_a_survey_counts_rows_by_month_and_finds_the_first_and_last_day(look):
    landed, _ = look()
    (base,) = landed.transactions
    assert base.months == {SEPTEMBER: 2, OCTOBER: 1, NOVEMBER: 1, DECEMBER: 1}
    assert (landed.first_day, landed.last_day) == (dt.date(2018, 9, 20), dt.date(2018, 12, 1))
    assert (landed.customers.rows, landed.articles.rows, base.rows, base.misplaced) == (4, 4, 5, 0)


@pytest.mark.parametrize("name", ["customers.csv", "articles.csv", TRAIN])
def test_a_missing_file_is_named_with_the_place_and_the_way_to_get_it(raw, look, name):
    (raw / name).unlink()
    refused(look, f"{name} is missing", str(raw.resolve()), ".csv.gz", "hm data generate")


def test_a_missing_folder_is_named(tmp_path, look):
    with pytest.raises(LandingError, match=r"There is no folder .*nowhere.*hm data generate"):
        look(tmp_path / "nowhere")


@pytest.mark.parametrize("part", ["customers", "articles", "lines"])
@pytest.mark.parametrize(
    ("content", "message"),
    [("", "is empty"), ("HEADER\n", "no line below it"), ("HEADER\n\n\n", "no line below it")],
)
def test_an_empty_file_is_named(raw, look, part, content, message):
    name = {"lines": TRAIN}.get(part, f"{part}.csv")
    header = (raw / name).read_text().splitlines()[0]
    deliver(raw, **{part: content.replace("HEADER", header)})
    refused(look, str(raw / name), message)


def test_an_empty_archive_is_empty(raw, look):
    (raw / TRAIN).unlink()
    (raw / f"{TRAIN}.gz").write_bytes(gzip.compress(b""))
    refused(look, f"{TRAIN}.gz is empty")


def test_a_truncated_archive_is_named(raw, look):
    (raw / f"{TRAIN}.gz").write_bytes(gzip.compress(LINES.encode() * 20)[:-30])
    (raw / TRAIN).unlink()
    refused(look, f"{TRAIN}.gz is cut off or damaged", "Copy it again")


def test_another_encoding_is_named_with_its_line(raw, look):
    deliver(raw, lines=LINES.encode() + line(customer="noël").encode("latin-1"))
    refused(look, TRAIN, "line 7: not UTF-8", "iconv")


def test_a_file_that_cannot_be_opened_is_named(raw, look, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(landed_files.files, "read_bytes", denied)
    refused(look, "customers.csv cannot be read", "Permission denied")


def test_no_readable_date_at_all_is_an_error(raw, look):
    deliver(raw, lines=LINES.replace("2018", "18"))
    refused(look, "single transaction with a readable t_dat")


def test_two_forms_of_one_file_are_both_named(raw, look):
    (raw / "customers.csv.gz").write_bytes(gzip.compress((raw / "customers.csv").read_bytes()))
    refused(look, "customers.csv and customers.csv.gz", "two forms")


def test_two_forms_of_an_addition_are_both_named(raw, look):
    path = more(raw, "transactions_web.csv", line())
    (raw / "transactions_web.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    refused(look, "transactions_web.csv and transactions_web.csv.gz")


@pytest.mark.parametrize("packed", [False, True])
def test_the_same_file_under_two_names_would_count_twice(raw, look, packed):
    content = (raw / TRAIN).read_bytes()
    name = "transactions_train (1).csv" + (".gz" if packed else "")
    (raw / name).write_bytes(gzip.compress(content) if packed else content)
    refused(look, f"{TRAIN} and {name} have the same content")


def test_roles_follow_from_the_names(raw, look):
    more(raw, "transactions_2018-11.csv", line("2018-11-02"))
    more(raw, "transactions_2018-13.csv", line("2018-09-02"))
    more(raw, 'transactions_it\'s "new".csv', line("2018-09-03"))
    (raw / "returns.csv").write_text("plug-in")
    (raw / "notes.txt").write_text("not ours")
    landed, _ = look()
    assert {file.name: file.role for file in landed.transactions} == {
        TRAIN: BASE,
        "transactions_2018-11.csv": MONTH,
        "transactions_2018-13.csv": ADDITION,
        'transactions_it\'s "new".csv': ADDITION,
    }
    assert landed.not_ours == ("notes.txt",)


def test_additions_add_and_a_month_file_replaces(raw, look):
    more(raw, "transactions_web.csv", line("2018-09-02"))
    more(raw, "transactions_2018-11.csv", line("2018-11-02"))
    landed, _ = look()
    names = {month: [file.name for file in landed.files_of(month)] for month in (SEPTEMBER, NOVEMBER)}
    assert names == {SEPTEMBER: [TRAIN, "transactions_web.csv"], NOVEMBER: ["transactions_2018-11.csv"]}
    base = next(file for file in landed.transactions if file.role == BASE)
    assert landed.superseded_by(base, NOVEMBER).name == "transactions_2018-11.csv"
    assert landed.superseded_by(base, SEPTEMBER) is None
    months = {
        file.name: months for file, months in landed.months_by_file((SEPTEMBER, OCTOBER, NOVEMBER)).items()
    }
    assert months[TRAIN] == [SEPTEMBER, OCTOBER]


def test_a_month_file_and_an_addition_to_that_month_are_both_named_at_once(raw, look):
    more(raw, "transactions_2018-11.csv", line("2018-11-02"))
    more(raw, "transactions_web.csv", line("2018-11-03"), line("2018-11-04"))
    refused(look, "transactions_2018-11.csv is the whole of 2018-11", "transactions_web.csv adds 2 rows")


def test_a_stray_day_in_a_month_file_does_not_move_the_calendar(raw, look):
    more(raw, "transactions_2018-11.csv", line("2018-11-02"), line("2031-01-01"), line("1999-01-01"))
    landed, _ = look()
    assert (landed.first_day, landed.last_day) == (dt.date(2018, 9, 20), dt.date(2018, 12, 1))


@pytest.mark.parametrize("day", ["1989-12-31", "2100-01-01", "infinity", "-infinity", "0000-00-00", ""])
def test_an_implausible_day_is_no_day(raw, look, day):
    deliver(raw, lines=LINES + line(day) + "\n")
    landed, _ = look()
    assert landed.transactions[0].months[None] == 1
    assert landed.last_day == dt.date(2018, 12, 1)


def test_a_second_survey_reads_nothing(raw, look, monkeypatch):
    assert look()[1] == ["customers.csv", "articles.csv", TRAIN]
    monkeypatch.setattr(landing, "look", lambda *_: pytest.fail("a known file was read again"))
    assert look()[1] == []


def test_only_a_changed_file_is_read_and_equal_content_keeps_the_version(raw, look):
    first, _ = look()
    os.utime(raw / TRAIN, ns=(1, 1))
    touched, said = look()
    assert said == [TRAIN]
    assert touched.version_of(SEPTEMBER) == first.version_of(SEPTEMBER)
    deliver(raw, lines=LINES + line() + "\n")
    changed, _ = look()
    assert changed.version_of(SEPTEMBER) != first.version_of(SEPTEMBER)
    assert changed.customers.sha256 == first.customers.sha256


def test_a_packed_delivery_of_the_same_content_changes_no_version(raw, look):
    first, _ = look()
    (raw / "customers.csv").unlink()
    (raw / "customers.csv.gz").write_bytes(gzip.compress(Path(deliver(raw) / "customers.csv").read_bytes()))
    (raw / "customers.csv").unlink()
    assert look()[0].customers.sha256 == first.customers.sha256


def test_a_month_file_changes_the_version_of_its_month_alone(raw, look):
    before, _ = look()
    more(raw, "transactions_2018-11.csv", line("2018-11-02"))
    after, _ = look()
    changed = [
        m for m in (SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER) if before.version_of(m) != after.version_of(m)
    ]
    assert changed == [NOVEMBER]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"customers.csv": {"stamp": [1, 2]}}', '{"format": 1, "files": {}}']
)
def test_what_another_version_remembered_is_forgotten(tmp_path, look, text):
    look()
    (tmp_path / "warehouse" / landing.CACHE_FILE).write_text(text)
    assert len(look()[1]) == 3


def test_findings_about_another_folder_are_not_used(tmp_path, raw, look):
    look()
    other = deliver(tmp_path / "other", lines=LINES.replace("0.05", "0.06"))
    for path in raw.iterdir():
        stamp = path.stat().st_mtime_ns
        os.utime(other / path.name, ns=(stamp, stamp))
    assert len(look(other)[1]) == 3


def test_what_is_remembered_is_what_was_found(raw, look, tmp_path):
    deliver(raw, lines=LINES + 'broken\n\n2018-09-21,"a\nb",1,1,1\n')
    first, second = look()[0].transactions[0], look()[0].transactions[0]
    assert {**first.__dict__, "path": 0} == {**second.__dict__, "path": 0}
    assert (first.rows, first.broken, first.line_breaks, first.blank_lines, first.lines) == (7, 1, 1, 1, 9)
    assert json.loads((tmp_path / "warehouse" / landing.CACHE_FILE).read_text())["raw"] == str(raw.resolve())


def test_a_reader_that_loses_a_line_is_caught(raw, look, monkeypatch):
    """The count of lines comes from the bytes: a reader that drops a row does not go unseen."""
    honest = landed_files.reading

    def forgetful(connection, plain, path, file):
        if path.name == TRAIN:
            shorter = plain.with_name(".shorter.csv")
            shorter.write_text(plain.read_text().rsplit("\n", 2)[0] + "\n")
            plain = shorter
        return honest(connection, plain, path, file)

    monkeypatch.setattr(landed_files, "reading", forgetful)
    refused(look, TRAIN, "5 lines in the file, 4 rows read: 1 lines are unaccounted for")


def test_a_folder_holds_files_when_one_of_the_three_is_there(tmp_path):
    assert not landing.holds_files(tmp_path / "nowhere")
    assert not landing.holds_files(tmp_path)
    (tmp_path / "articles.csv.gz").touch()
    assert landing.holds_files(tmp_path)


def test_a_file_that_is_taken_away_under_a_watched_look_is_held_and_refuses_nothing(
    raw, tmp_path, monkeypatch
):
    taken = raw / "transactions_web.csv"
    more(raw, taken.name, line("2018-11-24"))
    landing.survey(raw, tmp_path / "warehouse")

    def stamp_of(path):
        if path == taken:
            path.unlink(missing_ok=True)
        return settling.stamp_of(path)

    monkeypatch.setattr(landing, "stamp_of", stamp_of)
    landed = landing.survey(raw, tmp_path / "warehouse", settled=lambda *_: True)
    assert "was there a moment ago" in landed.held[taken.name]
    assert landed.unreadable == {}
    assert taken.name not in settling.stamps(raw)

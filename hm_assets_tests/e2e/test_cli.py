"""The `hm` command as a user meets it."""

import re
import shutil

import pytest

from hm_assets.definitions import build_defs

pytestmark = pytest.mark.slow

PLAYBOOKS = "+key:playbooks/playbooks"


def test_a_run_ends_with_segments_and_playbooks_and_a_second_has_nothing_to_do(tmp_path, first_run, hm):
    warehouse, printed = first_run
    assert "share of a year's spend" in printed
    assert re.search(r"Playbooks: .*/2019-06/index\.html", printed)
    assert (warehouse / "reports" / "2019-06" / "index.html").exists()
    assert (warehouse / "reports" / "2019-06" / "segments.html").exists()
    everything = len(build_defs().resolve_asset_graph().executable_asset_keys)
    assert re.search(rf"{everything} assets made", printed)
    # Others read the warehouse at the same time.
    shutil.copytree(warehouse, tmp_path / "wh")
    second = hm("run", "--warehouse", tmp_path / "wh")
    assert second.returncode == 0
    assert "Everything was up to date" in second.stdout
    assert "Run " not in second.stdout


def test_an_older_month_gets_its_own_playbooks(tmp_path, finished, hm):
    shutil.copytree(finished, tmp_path / "wh")
    result = hm("run", "--warehouse", tmp_path / "wh", "--month", "2019-03", "--select", PLAYBOOKS)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "wh" / "reports" / "2019-03" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--raw", "{tmp}/nowhere"), r"no folder .*nowhere.*hm data generate"),
        (
            ("run", "--raw", "{small}", "--month", "1999-01"),
            r"--month 1999-01: the data run from 2018-09 to 2019-06",
        ),
        (("run", "--raw", "{small}", "--month", "202001"), r"not a month.*YYYY-MM"),
        (("run", "--raw", "{small}", "--engine", "polars"), r"engine.*duckdb.*spark"),
        (("run", "--raw", "{small}", "--depth", "deep"), r"depth.*quick.*full"),
        (
            ("run", "--raw", "{small}", "--select", "group:nonsense"),
            r"--select group:nonsense: no asset matches",
        ),
        (("data", "generate", "--to", "{tmp}/d", "--preset", "paris"), r"paris.*demo"),
    ],
)
def test_a_mistake_is_answered_in_words_and_with_exit_code_1(tmp_path, small, hm, arguments, message):
    filled = [text.format(tmp=tmp_path, small=small) for text in arguments]
    if filled[0] == "run":
        filled += ["--warehouse", str(tmp_path / "wh")]
    result = hm(*filled)
    assert result.returncode == 1
    assert re.search(message, " ".join(result.stderr.split())), result.stderr
    assert "Traceback" not in result.stderr


def test_demo_and_other_data_never_mix(tmp_path, finished, demo, hm):
    shutil.copytree(finished, tmp_path / "wh")
    refused = hm("run", "--raw", demo, "--warehouse", tmp_path / "wh")
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    replaced = hm("run", "--raw", demo, "--warehouse", tmp_path / "wh", "--replace", "--select", "group:raw")
    assert replaced.returncode == 0, replaced.stderr


@pytest.mark.parametrize(
    "command",
    [(), ("run",), ("ui",), ("stop",), ("data", "generate"), ("data", "import", "complete-journey")],
)
def test_every_command_explains_itself(hm, command):
    result = hm(*command, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout


def test_the_generator_prints_what_was_wanted_and_what_came_out(tmp_path, hm):
    result = hm("data", "generate", "--preset", "survey", "--to", tmp_path / "survey")
    assert result.returncode == 0, result.stderr
    assert "wanted" in result.stdout
    assert "30000" in result.stdout.replace(",", "")


def test_a_bad_row_is_reported_and_a_bad_file_stops_the_run(tmp_path, small, hm):
    raw = tmp_path / "raw"
    shutil.copytree(small, raw)
    lines = (raw / "transactions_train.csv").read_text().splitlines()
    (raw / "transactions_2019-06.csv").write_text("\n".join([lines[0], "2019-06-31,nobody,1,abc,9"]) + "\n")
    select = "+key:features/customer_days"
    blocked = hm("run", "--raw", raw, "--warehouse", tmp_path / "wh", "--select", select)
    assert blocked.returncode == 1
    assert "few_rows_are_refused" in blocked.stderr, blocked.stderr
    assert not (tmp_path / "wh" / "features").exists()


def test_from_the_demo_to_your_own_files(tmp_path, demo, small, hm):
    project = tmp_path / "project"
    shutil.copytree(demo, project / "data" / "demo")
    first = hm("run", "--select", "group:raw", cwd=project)
    assert first.returncode == 0, first.stderr
    shutil.copytree(small, project / "data" / "raw")
    (project / "data" / "raw" / "source.json").unlink()  # The generator's note of what it made.
    refused = hm("run", "--select", "group:raw", cwd=project)
    assert refused.returncode == 1
    assert "data/raw holds files, and the warehouse holds the demo" in refused.stderr
    replaced = hm("run", "--select", "group:raw", "--replace", cwd=project)
    assert replaced.returncode == 0, replaced.stderr
    assert "the files in" in replaced.stdout


def test_replace_asks_before_it_deletes_and_leaves_strangers_alone(tmp_path, finished, demo, hm):
    warehouse, reports = tmp_path / "wh", tmp_path / "reports"
    shutil.copytree(finished, warehouse)
    (reports / "2019-01").mkdir(parents=True)
    (reports / "2019-01" / "own.txt").write_text("mine")
    mistyped = hm("run", "--raw", tmp_path / "typo", "--warehouse", warehouse, "--replace")
    assert mistyped.returncode == 1
    assert (warehouse / "raw" / "transactions").exists()
    arguments = ("--warehouse", warehouse, "--reports", reports, "--select", "group:raw", "--replace")
    replaced = hm("run", "--raw", demo, *arguments)
    assert replaced.returncode == 0, replaced.stderr
    assert (reports / "2019-01" / "own.txt").read_text() == "mine"
    again = hm("run", *arguments)
    assert again.returncode == 0, again.stderr
    assert str(demo) in again.stdout


def test_a_slip_of_the_pen_in_a_date_is_named_before_anything_is_written(tmp_path, small, hm):
    raw = tmp_path / "raw"
    shutil.copytree(small, raw)
    lines = (raw / "transactions_train.csv").read_text().splitlines()
    (raw / "transactions_web.csv").write_text(
        "\n".join([lines[0], lines[1].replace("2018-", "2081-", 1)]) + "\n"
    )
    result = hm("run", "--raw", raw, "--warehouse", tmp_path / "wh")
    assert result.returncode == 1
    assert "transactions_web.csv has a line of 2081-" in result.stderr
    assert not (tmp_path / "wh" / "warehouse.json").exists()

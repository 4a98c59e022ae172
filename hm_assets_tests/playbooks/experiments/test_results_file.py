"""The reader: what it takes, and what it says of a file that is not right."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hm_assets.playbooks.experiments import results_file
from hm_assets.playbooks.experiments.results_file import Answer
from hm_assets.warehouse.errors import LandingError

GOOD = "campaign,customer_id,sent,ordered,spend\n2020-09,a,1,1,12.5\n2020-09,b,0,0,0\n"


@pytest.fixture
def given(tmp_path):
    def write(text, name="campaign_results.csv"):
        path = tmp_path / name
        content = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return results_file.read(path, tmp_path / "spill")

    return write


def test_a_file_is_read_as_it_is_written(given):
    expected = {"2020-09": {"a": Answer(1, 1, 12.5), "b": Answer(0, 0, 0)}}
    assert given(GOOD) == expected
    assert given(GOOD, "campaign_results.csv.gz") == expected
    assert given("\ufeff" + GOOD.replace("\n", "\r\n") + "\r\n") == expected


def test_columns_may_come_in_any_order_be_missing_or_be_more(given):
    assert given("x,ordered,customer_id,campaign\n?,1,a,2020-09\n") == {
        "2020-09": {"a": Answer(None, 1, None)}
    }


def test_the_file_of_complete_journey_is_read_and_has_no_outcome(given):
    text = "campaign_id,customer_id,received,redemptions,first_redemption_date\n1,68,1,0,\n"
    assert given(text) == {"1": {"68": Answer(1, None, None)}}


def test_parquet_is_read_too(tmp_path):
    path = tmp_path / "campaign_results.parquet"
    pq.write_table(pa.table({"campaign": ["2020-09"], "customer_id": ["a"], "ordered": [True]}), path)
    assert results_file.read(path, tmp_path) == {"2020-09": {"a": Answer(None, 1, None)}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,ordered\na,1\n", "no column campaign"),
        ("", "no column campaign and no column customer_id"),
        (GOOD.replace("b,0,0,0", "b,0,yes,0"), "line 3, column ordered: 'yes'; write 1"),
        (GOOD.replace("b,0,0,0", "b,0,2,0"), "line 3, column ordered: '2'"),
        (GOOD.replace("b,0,0,0", "b,0,0,"), "line 3, column spend: empty; write a plain number"),
        (GOOD.replace("b,0,0,0", "b,0,0,-1"), "column spend: '-1'"),
        (GOOD.replace("b,0,0,0", "b,0,0,nan"), "column spend: 'nan'"),
        (GOOD.replace("b,0,0,0", "b,0,0,1_0"), "column spend: '1_0'"),
        (GOOD.replace("b,0,0,0", 'b,0,0,"1,5"'), "column spend: '1,5'"),
        (GOOD.replace("2020-09,b", "2020-09,"), "line 3, column customer_id: empty"),
        (
            GOOD.replace("2020-09,b", "2020-09,a"),
            "line 3, column customer_id: 'a'; the campaign has it in line 2",
        ),
        (GOOD.replace("b,0,0,0", "b,0,0"), "line 3: 4 values under 5 columns"),
        (GOOD.replace("b,0", '"b,0'), "line"),
        (GOOD.replace(",spend", ",ordered"), "the column ordered twice"),
        (GOOD.replace(",", ";"), "no column campaign"),
        (GOOD.encode("utf-16"), "UTF-8"),
    ],
)
def test_the_first_fault_is_told_with_its_place_and_the_way_out(given, text, words):
    with pytest.raises(LandingError, match=r"campaign_results\.csv") as told:
        given(text)
    assert words in str(told.value)


def test_a_value_of_ten_thousand_characters_is_told_in_short(given):
    with pytest.raises(LandingError) as told:
        given(GOOD.replace("b,0,0,0", f"b,0,0,{'9x' * 5000}"))
    assert len(str(told.value)) < 400


def test_two_files_are_a_fault_and_none_is_none(tmp_path):
    assert results_file.find(tmp_path) is None
    (tmp_path / "campaign_results.csv").write_text(GOOD)
    assert results_file.find(tmp_path).name == "campaign_results.csv"
    (tmp_path / "campaign_results.csv.gz").write_bytes(b"")
    with pytest.raises(LandingError, match="keep one"):
        results_file.find(tmp_path)

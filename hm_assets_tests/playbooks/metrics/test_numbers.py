import pytest

from hm_assets.playbooks.metrics.numbers import numbers, without_structure
from hm_assets.profiles.wording import write_number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("49 % of 1,234 customers", ["49 %", "1,234"]),
        ("98 % (91 % to 100 %)", ["98 %", "91 %", "100 %"]),
        ("5–60 %, 5-60 %", ["5", "60 %", "5", "60 %"]),
        ("−3.5 % and -0.2", ["−3.5 %", "-0.2"]),
        ("2.9 × everybody’s", ["2.9 ×"]),
        ("week W38, H1 and p90", []),
        ("49\u00a0%,\n12 days.", ["49 %", "12"]),
    ],
)
def test_numbers_are_read_as_people_read_them(text: str, found: list[str]) -> None:
    assert [number.text for number in numbers(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "As of 22 September 2020, month 2020-09, version 9f3c21ab77d0",
        "Page 3 of 13",
        "within 90 days and in the next 12 months, last 365 days",
        "Brackets are 80 % intervals, the line the 95 % interval",
        "1. Show them dresses\n2. Ask for the news",
        "MAP@12 of lists, model 2020-09-ceb95e4e2199, article 0806226001",
        "Weeks 1–2",
        "Sat 10 Oct 2020: Lubelen vest top (0749302033), week of 5 Oct",
        "buyers per 1,000 members in its first 28 days",
        "among their items (all customers: 100), to the nearest 20",
    ],
)
def test_structure_is_no_figure(text: str) -> None:
    assert not list(numbers(without_structure(text)))


@pytest.mark.parametrize(
    "text",
    [
        "91 days",
        "in 13 months",
        "in the next 13 weeks",
        "79 % of them",
        "2020 customers",
        "80 % of them",
        "30 articles",
        "10 Octopuses",
        "(33)",
    ],
)
def test_what_only_looks_like_structure_stays(text: str) -> None:
    assert len(list(numbers(without_structure(text)))) == 1


def test_names_with_digits_are_taken_out_the_longest_first() -> None:
    assert without_structure("Dress 38 (2) sold 17", ["Dress 38 (2)", "Dress 38"]).split() == ["sold", "17"]


@pytest.mark.parametrize("value", [0.0834, 0.4999, 0.125, 0.9996, 0.05])
def test_a_number_shows_the_share_that_it_was_written_from_and_no_other(value: float) -> None:
    (number,) = numbers(write_number(value, "share"))
    assert number.shows(value)
    assert not number.shows(value + 0.02)


def test_a_window_is_no_figure_and_a_figure_in_days_is() -> None:
    assert not list(numbers(without_structure("expected within 90 days, of the last 365 days, for 30 days")))
    (found,) = numbers(without_structure("Last order: 90 days, at the median"))
    assert found.text == "90"

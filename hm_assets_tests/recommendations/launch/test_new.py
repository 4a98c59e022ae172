"""A file of new garments: what is read, what is called unknown, and one clear error for what is wrong."""

import pytest

from hm_assets.recommendations.launch.new import MOST, read_garments, with_price_note
from hm_assets.warehouse.errors import ContractError
from hm_assets_tests.recommendations.launch.tastes import garments

LEVELS = garments().levels
HEADER = "article_id,product_type_name,detail_desc"


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "new.csv"
    path.write_text(text, encoding=encoding)
    return read_garments(path, LEVELS)


def test_columns_are_found_by_name_and_ids_are_any_text(tmp_path):
    text = 'extra,price,detail_desc,product_type_name,article_id\n1,0.05,"airy, cotton","Dress", =SS/21 \n'
    (found,) = read(tmp_path, "\ufeff" + text)
    assert (found.id, found.price, found.notes) == ("=SS/21", 0.05, ())
    assert found.values["detail_desc"] == "airy, cotton" and found.values["colour_group_name"] is None


def test_what_is_not_known_is_said(tmp_path):
    one, two = read(tmp_path, f"{HEADER},price\na,Spacesuit,,\nb,Undefined,airy,\n")
    assert "No description" in one.notes[0] and "no product type 'Spacesuit'" in one.notes[1]
    assert "Product type unknown" in two.notes[0] and two.price is None and two.title == "b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lacks article_id, product_type_name, detail_desc"),
        ("article_id;product_type_name;detail_desc\n", "with commas between them"),
        (f"{HEADER}\n", "has no garment"),
        (f"{HEADER}\na,Dress,airy\na,Dress,airy\n", "line 3: article_id 'a' stands in line 2 too"),
        (f"{HEADER}\n ,Dress,airy\n", "article_id is empty"),
        (f"{HEADER}\na,unknown,\n", "neither a text nor an attribute"),
        (f"{HEADER}\na,Dress,airy,cotton\n", "more or fewer values"),
        (f"{HEADER}\na,Dress\n", "more or fewer values"),
        (f'{HEADER}\na,Dress,"airy\n', "cannot be read as CSV"),
        (f"{HEADER},price\na,Dress,airy,-1\n", "no number above 0"),
        (f"{HEADER},price\na,Dress,airy,nan\n", "no number above 0"),
        (f"{HEADER},price\na,Dress,airy,cheap\n", "no number above 0"),
        (f"{HEADER},price\na,Dress,airy,1_000\n", "no number above 0"),
        (f"{HEADER}\n" + "".join(f"{i},Dress,airy\n" for i in range(MOST + 1)), "at most 1,000"),
    ],
)
def test_one_clear_error(tmp_path, text, said):
    with pytest.raises(ContractError, match=said):
        read(tmp_path, text)


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(ContractError, match="does not exist"):
        read_garments(tmp_path / "no.csv", LEVELS)
    with pytest.raises(ContractError, match="not UTF-8"):
        read(tmp_path, f"{HEADER}\na,Dress,blå\n", "latin-1")


@pytest.mark.parametrize(
    ("price", "usual", "notes"), [(29.99, 0.03, 1), (0.0001, 0.03, 1), (0.1, 0.03, 0), (1.0, float("nan"), 0)]
)
def test_a_price_in_another_unit_is_noted(tmp_path, price, usual, notes):
    (one,) = read(tmp_path, f"{HEADER},price\na,Dress,airy,{price}\n")
    noted = with_price_note(one, usual)
    assert len(noted.notes) == len(one.notes) + notes
    assert all("price index" in note for note in noted.notes[len(one.notes) :])
    (without,) = read(tmp_path, f"{HEADER}\na,Dress,airy\n")
    assert with_price_note(without, usual) is without

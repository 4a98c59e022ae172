"""Tables and pictures for the Dagster UI."""

from hm_assets.warehouse import markdown, pictures


def test_a_table_has_one_line_per_row_and_cells_cannot_break_it():
    text = markdown.table(["a", "b"], [["x|y", None], ["two\nlines", 3]])
    assert text.splitlines() == ["| a | b |", "|---|---|", "| x\\|y |  |", "| two lines | 3 |"]


def test_equal_figures_are_equal_bytes_and_leave_no_global_style_behind():
    import matplotlib as mpl

    before = dict(mpl.rcParams)

    def drawn() -> str:
        with pictures.figure(columns=2) as (figure, (left, _)):
            left.plot([1, 2, 3])
            return pictures.markdown(figure, "A title")

    assert drawn() == drawn()
    assert drawn().startswith("![A title](data:image/png;base64,")
    assert dict(mpl.rcParams) == before


def test_the_palette_holds_different_colours():
    assert len(set(pictures.PALETTE)) == len(pictures.PALETTE) == 8

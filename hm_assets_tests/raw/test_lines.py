import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.raw import lines


def test_a_file_without_surprises_is_one_run():
    assert lines.runs([], [], []) == [(1, 2)]


@given(st.lists(st.tuples(st.sampled_from(["row", "broken", "blank"]), st.integers(1, 4)), max_size=40))
def test_every_row_gets_the_line_that_it_was_written_on(parts):
    """Lay parts of some heights under each other; blank lines may lie inside a tall part too."""
    line, truth, tall, broken, blank = 2, [], [], [], []
    for kind, height in parts:
        if kind == "blank":
            blank.append(line)
            line += 1
            continue
        if kind == "row":
            truth.append(line)
            if height > 1:
                tall.append((len(truth), height - 1))
        else:
            broken.append((line, height))
        blank += range(line + 1, line + height)
        line += height
    runs = lines.runs(tall, broken, blank)
    found = []
    for row in range(1, len(truth) + 1):
        first, start = max(run for run in runs if run[0] <= row)
        found.append(start + row - first)
    assert found == truth


@pytest.mark.parametrize("chunk", [1, 3, 1 << 22])
def test_the_line_of_a_byte_passes_over_blank_lines(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(lines, "CHUNK", chunk)
    path = tmp_path / "a.csv"
    path.write_bytes(b"h\na\n\r\n\nb\nc")
    assert lines.blank_lines(path) == [3, 4]
    assert lines.lines_at(path, [3, 5, 8, 10, 99], [3, 4]) == [2, 5, 5, 6, 6]

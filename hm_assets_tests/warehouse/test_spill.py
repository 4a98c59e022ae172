"""Spill folders live as long as their process."""

import subprocess
import sys

from hm_assets.warehouse import spill
from hm_assets.warehouse.spill import PREFIX, spill_folder


def test_a_folder_is_there_while_it_is_used_and_gone_afterwards(tmp_path):
    with spill_folder(tmp_path) as folder:
        (folder / "big.tmp").write_text("x")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_is_swept_and_a_living_one_is_left_alone(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f"{PREFIX}{dead.pid}-abc").mkdir()
    (tmp_path / f"{PREFIX}unnamed").mkdir()
    with spill_folder(tmp_path) as mine, spill_folder(tmp_path) as another:
        assert {path.name for path in tmp_path.iterdir()} == {mine.name, another.name}


def test_the_folder_of_another_container_whose_process_numbers_mean_nothing_here_is_left_alone(
    tmp_path, monkeypatch
):
    with spill_folder(tmp_path) as theirs:
        monkeypatch.setattr(spill, "is_running", lambda _: False)
        with spill_folder(tmp_path):
            assert theirs.is_dir()

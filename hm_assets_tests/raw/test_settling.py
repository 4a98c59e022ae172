import os
import threading
import time

from hm_assets.raw import settling


def test_settled_is_what_looks_as_before_or_is_old(tmp_path):
    path = tmp_path / "transactions_web.csv"
    before, now = {path.name: [3, 100 * 10**9]}, 101.0
    settled = settling.since(before, now, seconds=30)
    assert settled(path, [3, 100 * 10**9])
    assert not settled(path, [4, 100 * 10**9])
    assert settled(path, [4, 70 * 10**9])
    assert not settled(path, [4, 500 * 10**9])


def test_a_step_looks_twice_at_a_young_file(tmp_path):
    path = tmp_path / "transactions_web.csv"
    path.write_text("a")
    settled = settling.by_a_second_look(30, pause=0)
    stamp = settling.stamp_of(path)
    assert settled(path, stamp)
    path.write_text("ab")
    assert not settled(path, stamp)


def test_a_run_waits_for_a_growing_file_and_not_for_strangers(tmp_path):
    path, said = tmp_path / "transactions_web.csv", []
    path.write_text("a")
    (tmp_path / "server.log").write_text("a")

    def grow():
        for _ in range(4):
            time.sleep(0.02)
            with path.open("a") as file:
                file.write("a")

    writer = threading.Thread(target=grow)
    writer.start()
    settling.wait(tmp_path, 30, said.append, pause=0.05)
    writer.join()
    assert path.read_text() == "aaaaa"
    assert set(said) == {"waiting for transactions_web.csv, still being written"}
    os.utime(path, (1, 1))
    assert settling.wait(tmp_path, 30, said.append, pause=60) is None

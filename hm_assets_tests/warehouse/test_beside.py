"""Work that processes share: the same results in the same order, whoever is done first."""

import os
import time

import psutil
import pytest

from hm_assets.warehouse import beside


def waiting(part: tuple[int, float]) -> tuple[int, int]:
    number, seconds = part
    time.sleep(seconds)
    return number, os.getpid()


def refusing(part: int) -> int:
    if part == 1:
        raise ValueError("part 1 cannot be made")
    return part


def test_results_come_in_the_order_of_the_parts_from_other_processes():
    found = list(beside.each(waiting, iter([(0, 0.5), (1, 0.0), (2, 0.0)]), 2))
    assert [number for number, _ in found] == [0, 1, 2]
    assert os.getpid() not in {process for _, process in found}


def test_one_worker_takes_a_part_when_the_next_result_is_asked_for():
    taken = []
    found = beside.each(waiting, (taken.append(n) or (n, 0.0) for n in range(3)), 1)
    assert next(found) == (0, os.getpid())
    assert taken == [0]


def test_a_single_part_is_not_sent_anywhere():
    assert list(beside.each(waiting, [(7, 0.0)], 2)) == [(7, os.getpid())]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_reaches_whoever_asked(workers):
    with pytest.raises(ValueError, match="part 1 cannot be made"):
        list(beside.each(refusing, [0, 1, 2], workers))


def test_processes_with_nothing_to_do_end_and_come_back_when_they_are_needed(monkeypatch):
    monkeypatch.setattr(beside, "IDLE_SECONDS", 1)
    first = {process for _, process in beside.each(waiting, [(0, 0.2), (1, 0.2)], 2)}
    until = time.monotonic() + 30
    while any(psutil.pid_exists(process) for process in first) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(psutil.pid_exists(process) for process in first)
    assert [number for number, _ in beside.each(waiting, [(0, 0.0), (1, 0.0)], 2)] == [0, 1]

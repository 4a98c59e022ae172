"""What went wrong in a run, in words: the checks that did not pass, and what other failed steps said."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MORE_MEMORY = "Raise HM_MEMORY_LIMIT, or give fewer threads (HM_THREADS), and run again."
FEWER_WORKERS = "Set HM_WORKERS=1, and run again."
LESS_MEMORY = "Close other programs or lower HM_MEMORY_LIMIT, and run again."


@dataclass(frozen=True)
class Fault:
    """An asset and the sentence that says what is wrong with it; `check` names the check that did not pass."""

    asset: str
    sentence: str
    check: str | None = None

    def __str__(self) -> str:
        where = f"{self.asset}, check {self.check}" if self.check else self.asset
        return f"{where}: {self.sentence}"


def faults_of(events: Iterable[Any]) -> list[Fault]:
    """The faults among a run's events (`DagsterEvent`), in their order.

    A check counts if it failed with severity ERROR. Of a failed step the outermost error of ours speaks, for it
    names the way out; else the innermost of all.
    """
    found = []
    for event in events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity.value == "ERROR":
                what = check.description or "did not pass; its metadata in the UI say more"
                found.append(Fault(check.asset_key.to_user_string(), what, check.check_name))
        elif event.event_type_value == "STEP_FAILURE":
            error = event.step_failure_data.error
            while error is not None and error.cause is not None and not _class_prefix(error.message):
                error = error.cause
            if error is not None and error.cls_name != "DagsterAssetCheckFailedError":
                found.append(
                    Fault(asset_of(event.step_key), _sentence(error.cls_name or "", error.message.strip()))
                )
    return found


def _sentence(kind: str, message: str) -> str:
    if kind == "OutOfMemoryException":
        return f"{message.splitlines()[0].split('Error: ')[-1]}. {MORE_MEMORY}"
    if kind == "TerminatedWorkerError":
        return f"a process that shared its work was killed, mostly for want of memory. {FEWER_WORKERS}"
    if kind == "MemoryError":
        return f"the machine has not enough memory for it. {LESS_MEMORY}"
    if kind.endswith("Exception") and message.startswith("_duckdb."):
        return message.splitlines()[0].split(": ", 1)[-1]
    if message.startswith(("pyspark.", "py4j.")):
        # What Java says begins in the second line, and goes on for a page.
        said = message.splitlines()[1 if message.startswith("py4j.") and "\n" in message else 0]
        return f"Spark: {said.removeprefix(': ').split(': ', 1)[-1]}"
    return message.removeprefix(_class_prefix(message))


def asset_of(step_key: str | None) -> str:
    """`stage/name` of a step `stage__name`."""
    return (step_key or "run").replace("__", "/", 1)


def _class_prefix(message: str) -> str:
    """`hm_assets.warehouse.errors.LandingError: ` and the like, which says nothing to a reader."""
    head, colon, _ = message.partition(": ")
    return head + colon if head.startswith("hm_assets.") and " " not in head else ""

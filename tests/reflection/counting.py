"""A kind of job that is as small as a kind can be: it counts, and says each number once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memory.refusals import Invalid
from reflection.services.kinds import Kind, Plan, Step, Task

THIRDS = 3  # steps of a unit


def plan(settings: Mapping[str, Any]) -> Plan:
    if not isinstance(settings.get("upto"), int):
        raise Invalid(fields={"upto": "Must be a whole number."})
    upto = settings["upto"]
    return Plan(title=f"Count to {upto}", settings={"upto": upto}, total=upto)


def run(task: Task) -> Iterator[Step]:
    """Each unit takes three steps; in the middle its state is a file with the step's number."""
    for number in range(len(task.units), task.settings["upto"]):
        begun = int(task.checkpoint.read_text()) if task.checkpoint else 0
        for third in range(begun + 1, THIRDS):
            yield Step(
                done=number,
                sentence=f"{third} of {number}",
                save=lambda path, t=third: keep(path, t),
            )
        task = Task(task.settings, task.units, None)
        yield Step(unit=str(number).encode(), done=number + 1)


def keep(path: Path, third: int) -> None:
    path.write_text(str(third))


def conclude(job: Any, units: list[bytes]) -> Mapping[str, Any]:
    return {"counted": [int(unit) for unit in units]}


COUNTING = Kind("count", "Counting", plan, "tests.reflection.counting.run", conclude)

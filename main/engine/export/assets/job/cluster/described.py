"""What a job says of itself: job.json, and the folder of each pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from two_tower.data import Json

from .errors import JobError

JOB = Path(__file__).resolve().parent.parent
CHOOSE, FINAL = "choose", "final"  # on train alone, which chooses the epoch; then on train and validation
REMEDY = "copy it from where the job was exported"


class Told(dict[str, Any]):
    """What an object of a file tells; whoever asks for what it does not is told the file and the place in it."""

    def __init__(self, values: Json, path: Path, place: str) -> None:
        super().__init__(values)
        self.path, self.place = path, place

    def __missing__(self, key: str) -> Any:
        raise JobError(f"{self.path} lacks {self.place}{key}: {REMEDY}.")

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


def read_json(path: Path) -> Any:
    """@raises JobError where it is no JSON; later, where it lacks what is asked for"""
    try:
        return told(json.loads(path.read_text(encoding="utf-8")), path, "")
    except (OSError, ValueError) as error:
        raise JobError(f"{path} is no JSON ({error}): {REMEDY}.") from None


def told(value: Any, path: Path, place: str) -> Any:
    if isinstance(value, dict):
        return Told({key: told(each, path, f"{place}{key}.") for key, each in value.items()}, path, place)
    if isinstance(value, list):
        return [told(each, path, f"{place[:-1]}[{i}].") for i, each in enumerate(value)]
    return value


def described(job: Path = JOB) -> Json:
    """job.json. @raises JobError where it is none"""
    path = job / "job.json"
    found = read_json(path)
    if not isinstance(found, Told) or not isinstance(found["files"], int) or not isinstance(found["passes"], Told):
        raise JobError(f"{path} describes no job: {REMEDY}.")
    return found


def spec_of(job: Path, name: str) -> Json:
    """Of a pass. @raises JobError where it is not the job's, which the run would be known by when it is taken in"""
    path = pass_folder(job, name) / "spec.json"
    found: Json = read_json(path)
    if found != described(job)["spec"]:
        raise JobError(f"{path} is not the spec of job.json, which the run would be known by: export the job with the spec you want.")
    return found


def pass_folder(job: Path, name: str) -> Path:
    return job / "passes" / name


def tables_of(job: Path, name: str) -> list[Json]:
    """The tables of a pass: name, rows, dim, whether they are fixed, and whether the row of the unknown begins at 0."""
    zero: list[str] = described(job)["passes"][name]["unknownIsZero"]
    encoders = read_json(pass_folder(job, name) / "encoders.json")
    return [
        {**{key: table[key] for key in ("name", "rows", "dim")}, "fixed": table.get("fixed", False), "unknownIsZero": table["name"] in zero}
        for table in encoders["tables"]
    ]

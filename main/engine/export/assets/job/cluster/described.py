"""What a job says of itself: job.json, and the folder of each pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from two_tower.data import Json

from .errors import JobError

JOB = Path(__file__).resolve().parent.parent
CHOOSE, FINAL = "choose", "final"  # on train alone, which chooses the epoch; then on train and validation


def read_json(path: Path) -> Any:
    """@raises JobError where it is no JSON"""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise JobError(f"{path} is no JSON ({error}): copy it from where the job was exported.") from None


def described(job: Path = JOB) -> Json:
    """job.json."""
    found: Json = read_json(job / "job.json")
    return found


def pass_folder(job: Path, name: str) -> Path:
    return job / "passes" / name


def tables_of(job: Path, name: str) -> list[Json]:
    """The tables of a pass: name, rows, dim, whether they are fixed, and whether the row of the unknown begins at 0."""
    zero: list[str] = described(job)["passes"][name]["unknownIsZero"]
    encoders = read_json(pass_folder(job, name) / "encoders.json")
    return [{"fixed": False, **table, "unknownIsZero": table["name"] in zero} for table in encoders["tables"]]

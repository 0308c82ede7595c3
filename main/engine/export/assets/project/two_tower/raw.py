"""Raw interactions of later, as Pylon imported the first: which column is what stands in data/facts.json, and --map says it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from row_encoder import CellError, Column, Table, column_values, identity, read_rows

from .data import Array, Json

ROLES = ("user", "item", "time", "event", "weight", "userId", "itemId")


@dataclass
class Rows:
    """Interactions: ids, seconds since 1970 where there are times, codes of events where they have names, and rewards where they count."""

    users: list[str]
    items: list[str]
    time: Array | None
    event: Array | None
    reward: Array | None

    def __len__(self) -> int:
        return len(self.users)

    def take(self, rows: Array) -> Rows:
        """Some of them."""
        kept = [None if values is None else values[rows] for values in (self.time, self.event, self.reward)]
        return Rows([self.users[row] for row in rows], [self.items[row] for row in rows], *kept)


def column_map(facts: Json, said: str | None) -> dict[str, str]:
    """The column of each role. @param said user=COLUMN,item=COLUMN @raises CellError for a role that there is not"""
    found: dict[str, str] = {role: facts.get("columns", {}).get(role) or default_name(role) for role in ROLES}
    for pair in filter(None, (said or "").split(",")):
        role, sign, column = pair.partition("=")
        if sign == "" or role not in ROLES:
            raise CellError(f'--map: "{pair}" is not ROLE=COLUMN with one of the roles {", ".join(ROLES)}.')
        found[role] = column
    return found


def default_name(role: str) -> str:
    return {"userId": "id", "itemId": "id"}.get(role, role)


def read_interactions(paths: Sequence[Path], facts: Json, columns: dict[str, str], time_form: str | None = None) -> Rows:
    """Those of some files. @raises CellError naming file, row and column, and what is expected there"""
    parts = [_read(path, facts, columns, time_form) for path in paths] or [_nothing(facts)]

    def laid(name: str) -> Array | None:
        arrays = [array for array in (getattr(part, name) for part in parts) if array is not None]
        return np.concatenate(arrays) if len(arrays) == len(parts) else None

    users, items = ([name for part in parts for name in getattr(part, side)] for side in ("users", "items"))
    return Rows(users, items, laid("time"), laid("event"), laid("reward"))


def _read(path: Path, facts: Json, columns: dict[str, str], time_form: str | None) -> Rows:
    table = Table(read_rows(path))
    if table.length == 0:
        raise CellError(f"{path} has no rows.")

    def values(role: str, storage: str, form: str | None = None) -> list[Any]:
        """@raises CellError where the column is missing, or one of its cells"""
        name = columns[role]
        try:
            cells = table.cells(name)
            found = (
                [identity(cell) for cell in cells] if storage == "id" else column_values(Column(name, storage, form, role == "time"), table)
            )
        except (CellError, KeyError) as error:
            raise CellError(f"{path}: {error.args[0]} Which column is what is said by --map {role}=COLUMN.") from None
        if None in found:
            raise CellError(f'{path}, row {found.index(None) + 1}, column "{name}": nothing stands there. Correct the row or leave it out.')
        return found

    events: list[str] = facts["events"]
    return Rows(
        values("user", "id"),
        values("item", "id"),
        np.array(values("time", "number", time_form), np.float64) if facts["hasTime"] else None,
        _codes(path, events, _event_names(facts, values)) if events else None,
        np.array(values("weight", "number"), np.float32) if facts["hasReward"] else None,
    )


def _nothing(facts: Json) -> Rows:
    time, event, reward = (np.zeros(0, kind) for kind in (np.float64, np.uint8, np.float32))
    return Rows([], [], time if facts["hasTime"] else None, event if facts["events"] else None, reward if facts["hasReward"] else None)


def _event_names(facts: Json, values: Any) -> list[str]:
    """As they stand, or made from a weight where the import made them so."""
    liked: Json | None = facts.get("liked")
    if liked is None:
        names: list[str] = values("event", "text")
        return names
    return [liked["yes"] if weight >= liked["from"] else liked["no"] for weight in values("weight", "number")]


def _codes(path: Path, events: list[str], names: list[str]) -> Array:
    code_of = {name: code for code, name in enumerate(events)}
    for row, name in enumerate(names):
        if name not in code_of:
            raise CellError(f'{path}, row {row + 1}: there is no event "{name}" in the run, which knows {", ".join(events)}.')
    return np.array([code_of[name] for name in names], np.uint8)

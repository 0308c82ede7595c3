"""What a tower reads of the moment of a request: the user's history, newest first, and the clock. As for a typed-in user of Pylon's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import kinds
from .cells import Column
from .encoder import Bag, RowEncoder, column_values
from .kinds import Indices
from .table import Table


@dataclass(frozen=True)
class Context:
    """Ages of the request [n × width], which are 0 days standardised, and bags in the order of the layout."""

    dense: npt.NDArray[np.float32]
    bags: list[Bag]


def context_of(encoder: RowEncoder, rows: Any) -> Context:
    """Of raw users: under a history's name item ids, oldest first; under an event time's name the time of the request (else the end of
    training). Unknown items are left out. A history serves every one of the same events that is not named itself.
    """
    table, layout = Table(rows), encoder.encoders["userLayout"]
    bags = []
    for bag in layout["contextBags"]:
        rows_of = _history(encoder, bag, table) if bag["kind"] == "history" else _clock(encoder, bag, table)
        own = Indices.of(rows_of)
        bags.append(Bag(own.offsets, own.indices, bag["feature"], bag["table"]))
    ages = [
        kinds.standardise(0.0, frozen["state"]["age"])
        for frozen in encoder.encoders["user"]
        if frozen["feature"]["kind"] == "time" and frozen["feature"]["column"] is None and frozen["state"]["age"] is not None
    ]
    return Context(np.tile(np.array(ages, np.float32), (table.length, 1)), bags)


def _cells(table: Table, name: str) -> list[Any]:
    return table.cells(name) if table.has(name) else [None] * table.length


def _history(encoder: RowEncoder, bag: dict[str, Any], table: Table) -> list[list[int]]:
    alike = next(
        other["feature"]
        for other in encoder.encoders["userLayout"]["contextBags"]
        if other["kind"] == "history" and other["eventCodes"] == bag["eventCodes"]
    )
    own, shared = _cells(table, bag["feature"]), _cells(table, alike)
    merged = Table({bag["feature"]: [other if cell is None else cell for cell, other in zip(own, shared)]})
    row_of, most = encoder.history_rows(bag["feature"]), bag["sequence"]["length"] if "sequence" in bag else bag["maxLength"]
    found = []
    for items in column_values(Column(bag["feature"], "list"), merged):
        rows = [row for row in map(row_of, items or []) if row > 0]
        found.append(rows[::-1][:most])
    return found


def _clock(encoder: RowEncoder, bag: dict[str, Any], table: Table) -> list[list[int]]:
    reference = encoder.encoders["referenceTime"]
    typed = column_values(Column(bag["feature"], "number", is_time=True), Table({bag["feature"]: _cells(table, bag["feature"])}))
    times = [reference if time is None else time for time in typed]
    state = next(frozen["state"] for frozen in encoder.encoders["user"] if frozen["feature"]["name"] == bag["feature"])
    return [[] if time is None or not math.isfinite(time) else [kinds.clock_row(bag["kind"], time, state)] for time in times]

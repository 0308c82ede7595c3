"""Raw users or items to the inputs of a tower, by the frozen encoders of a run: as Pylon encodes them, to the bit where that can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import cells, kinds
from .cells import Column
from .kinds import Indices, SentenceModel
from .rules import CellError
from .table import Table
from .vocabulary import row_lookup


@dataclass(frozen=True)
class Bag(Indices):
    """A pooled feature: the mean of these rows of its table is an input of the tower."""

    feature: str
    table: str


@dataclass(frozen=True)
class Side:
    """What a tower reads of some entities: dense [n × width] float32, and bags in the order of the layout."""

    dense: npt.NDArray[np.float32]
    bags: list[Bag]

    def inputs(self, side: str) -> dict[str, npt.NDArray[Any]]:
        """By the names of the ONNX towers: `user.dense`, `user.bag.NAME.rows` and `.weights`, padded to the longest bag."""
        feeds: dict[str, npt.NDArray[Any]] = {f"{side}.dense": self.dense} if self.dense.shape[1] > 0 else {}
        for bag in self.bags:
            name = bag.table.removeprefix(f"{side}.") if bag.table.startswith(f"{side}.") else bag.feature
            feeds[f"{side}.bag.{name}.rows"], feeds[f"{side}.bag.{name}.weights"] = padded(bag)
        return feeds


def padded(bag: Indices) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Rows and weights of the mean, [n × longest], padded with weight 0."""
    lengths = np.diff(bag.offsets)
    shape = (len(lengths), max(1, int(lengths.max(initial=0))))
    rows, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    at = np.arange(shape[1]) < lengths[:, None]
    rows[at] = bag.indices
    weights[at] = np.repeat(1 / np.maximum(1, lengths), lengths)
    return rows, weights


class RowEncoder:
    """The encoder of one side, with the face of a scikit-learn transformer: fitted already, `transform` takes raw rows.

    Rows are a DataFrame, a mapping of columns, or mappings one a row (then what is left out is missing). Cells are read as Pylon's import
    reads them: text by the form of its column, numbers and lists as they are.
    """

    def __init__(
        self,
        encoders: Mapping[str, Any] | str | Path,
        side: str,
        id_column: str = "id",
        sentences: Mapping[str, SentenceModel] | None = None,
    ) -> None:
        """`encoders`: encoders.json, its contents, or a folder that holds it; `side`: user or item; `sentences`: models by name."""
        self.encoders = encoders if isinstance(encoders, Mapping) else _load(Path(encoders))
        if side not in ("user", "item"):
            raise ValueError(f'side: "user" or "item", not "{side}"')
        self.side, self.id_column, self.sentences = side, id_column, sentences or {}
        self.layout: dict[str, Any] = self.encoders[f"{side}Layout"]

    def fit(self, _rows: Any = None, _y: Any = None) -> RowEncoder:
        """Nothing: the encoders are frozen."""
        return self

    def columns(self) -> list[Column]:
        """The columns that are read, beside the ids."""
        return [column for frozen in self.encoders[self.side] for column in kinds.columns_of(frozen)]

    def get_feature_names_out(self, _names: Any = None) -> npt.NDArray[Any]:
        """Names of the dense columns."""
        return np.array(self.layout["denseNames"][: self.layout["denseWidth"]], dtype=object)

    def transform(self, rows: Any) -> Side:
        """Raises CellError naming row, column and what is expected there, KeyError where a table has no such column."""
        table = Table(rows)
        ids = [identity(own) for own in (table.cells(self.id_column) if table.has(self.id_column) else [None] * table.length)]
        encoded = [
            kinds.encode(frozen, [column_values(column, table) for column in kinds.columns_of(frozen)], ids, self.sentences)
            for frozen in self.encoders[self.side]
        ]
        blocks = [feature.dense for feature in encoded if feature.dense is not None]
        dense = np.concatenate(blocks, axis=1) if blocks else np.zeros((table.length, 0), np.float32)
        bags = [bag for feature in encoded for bag in feature.bags]
        layout = self.layout["bags"]
        return Side(dense, [Bag(bag.offsets, bag.indices, named["feature"], named["table"]) for bag, named in zip(bags, layout)])

    def history_rows(self, feature: str) -> Any:
        """The function from an item's id to its row in a history's table; 0: it has none, and is left out of histories."""
        state = next(frozen["state"] for frozen in self.encoders["user"] if frozen["feature"]["name"] == feature)
        own = state["vocabulary"]
        shared = next((frozen["state"] for frozen in self.encoders["item"] if frozen["feature"]["name"] == state["shared"]), None)
        return row_lookup(own if own is not None or shared is None else shared["vocabulary"])


def identity(cell: Any) -> str | None:
    """An id as Pylon keeps it: text, a number by its digits; None where it is missing."""
    found: str | None = cells.read(Column("id", "text"), cell)
    return found


def column_values(column: Column, table: Table) -> list[Any]:
    """The values of a column's cells, None where they are missing. Raises CellError naming the row."""
    found = []
    for row, cell in enumerate(table.cells(column.name)):
        try:
            found.append(cells.read(column, cell))
        except CellError as error:
            raise CellError(f"row {row + 1}: {error}") from None
    return found


def _load(path: Path) -> dict[str, Any]:
    file = path / "encoders.json" if path.is_dir() else path
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if loaded.get("version") != 1:
        raise ValueError(f"{file}: version {loaded.get('version')} of the encoders; this reads version 1. Export the run anew.")
    return loaded

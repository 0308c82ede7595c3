"""Tables as rows or columns, whoever made them: a CSV file, dicts, or a DataFrame."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .rules import CellError


def read_csv(path: str | Path, delimiter: str | None = None) -> dict[str, list[Any]]:
    """Columns of a file with a line of names; TAB parts the cells of .tsv. Cells stay text. Raises CellError naming the line."""
    sign = delimiter or ("\t" if Path(path).suffix.lower() in (".tsv", ".tab") else ",")
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=sign)
        names = next(lines, [])
        twice = {name for name in names if names.count(name) > 1}
        if not names or twice:
            raise CellError(f"{path}, line 1: {'no names of columns' if not names else f'several columns are named {sorted(twice)}'}.")
        columns: dict[str, list[Any]] = {name: [] for name in names}
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(names):
                raise CellError(f"{path}, line {lines.line_num}: {len(cells)} cells, and {len(names)} columns have names.")
            for name, cell in zip(names, cells):
                columns[name].append(cell)
    return columns


class Table:
    """Columns by name. Of rows given one by one, what one leaves out is missing; a table lacks no column that is read."""

    def __init__(self, rows: Any) -> None:
        self._rows: list[Mapping[str, Any]] | None = None
        self._columns: Mapping[str, Sequence[Any]] = {}
        if hasattr(rows, "columns") and hasattr(rows, "__getitem__"):  # pandas, polars
            self._columns = {str(name): list(rows[name]) for name in rows.columns}
        elif isinstance(rows, Mapping):
            self._columns = rows
        elif isinstance(rows, Iterable):
            self._rows = list(rows)
        else:
            raise TypeError("rows: a DataFrame, a mapping of columns, or mappings, one a row.")
        self.length = len(self._rows) if self._rows is not None else max((len(cells) for cells in self._columns.values()), default=0)
        uneven = [name for name, cells in self._columns.items() if len(cells) != self.length]
        if uneven:
            raise ValueError(f"Columns of different lengths: {', '.join(uneven)}.")

    def has(self, name: str) -> bool:
        """Whether there is such a column; rows given one by one may have any."""
        return self._rows is not None or name in self._columns

    def cells(self, name: str) -> list[Any]:
        """A column. Raises KeyError naming those there are."""
        if self._rows is not None:
            return [row.get(name) for row in self._rows]
        if name not in self._columns:
            raise KeyError(f'There is no column "{name}": {", ".join(self._columns) or "none at all"}.')
        return list(self._columns[name])


def read_rows(path: str | Path) -> Any:
    """Rows of a file for `transform`: JSON Lines (.jsonl, .ndjson), else as `read_csv` reads it. Raises CellError naming the line."""
    if Path(path).suffix.lower() not in (".jsonl", ".ndjson"):
        return read_csv(path)
    rows: list[Mapping[str, Any]] = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip() == "":
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CellError(f"{path}, line {number}: {error}.") from None
        if not isinstance(row, dict):
            raise CellError(f"{path}, line {number}: an object with a value for each column was expected.")
        rows.append(row)
    return rows

"""The interactions of a project and later ones together: a folder as the project's own, whose features are those of the row encoder.

Users and items that were there keep their rows, and their features unless a table has them anew; new ones follow. What a table says nothing
of is missing there.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from row_encoder import CellError, RowEncoder, Table, identity, read_rows

from .data import TRAIN, UNUSED, VALIDATION, Array, Bag, Data, Json, Side
from .grown import grow
from .raw import Rows
from .weights import example_weights


@dataclass
class Tables:
    """Files of metadata, and the columns of their ids."""

    users: Path | None
    items: Path | None
    user_id: str
    item_id: str


class Joined:
    """A project's data with rows of later. `told` says what was found in them."""

    def __init__(self, data: Data, rows: Rows, tables: Tables) -> None:
        self.data, self.told = data, list[str]()
        self.rows = self._unknown(rows)
        self.users = self._side("user", self.rows.users, tables.users, tables.user_id)
        self.items = self._side("item", self.rows.items, tables.items, tables.item_id)

    def write(self, folder: Path, parts: Array, grows: bool) -> Data:
        """Lays the folder out. @param parts of each row of later: 0 train, 1 validation, 2 test; all of before is train
        @param grows whether ids of the training part that have no row of their own get one"""
        data, encoders = self.data, copy.deepcopy(self.data.encoders)
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "spec.json").write_text(json.dumps(data.spec), encoding="utf-8")
        interactions = self._interactions(parts)
        if grows:
            there: dict[str, Array] = {name: values[interactions["part"] == TRAIN] for name, values in interactions.items()}
            grow(encoders, self.users.ids, self.items.ids, there)
            if "time" in interactions:
                encoders["referenceTime"] = float(interactions["time"][interactions["part"] == TRAIN].max())
        (folder / "encoders.json").write_text(json.dumps(encoders), encoding="utf-8")
        save_file(self._features(encoders), folder / "data" / "features.safetensors")
        save_file(interactions, folder / "data" / "interactions.safetensors")
        facts = data.facts | {"trainParts": [TRAIN], "userIds": self.users.ids, "itemIds": self.items.ids}
        (folder / "data" / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        joined = Data(folder, data.model)
        weights = example_weights(joined) if grows else None
        if weights is not None:
            save_file(interactions | {"weight": weights}, folder / "data" / "interactions.safetensors")
            joined.weights = weights
        return joined

    def _unknown(self, rows: Rows) -> Rows:
        """Without those that the project has already, which months that overlap give twice."""
        data = self.data
        if data.time is None or rows.time is None or len(rows) == 0:
            return rows
        known = {
            (data.users.ids[user], data.items.ids[item], float(time), event)
            for user, item, time, event in zip(data.user, data.item, data.time, _codes(data.event, len(data.user)))
        }
        new = [
            row
            for row, each in enumerate(zip(rows.users, rows.items, map(float, rows.time), _codes(rows.event, len(rows))))
            if each not in known
        ]
        if len(new) < len(rows):
            self.told.append(f"{len(rows) - len(new):,} of {len(rows):,} rows were known already")
        if not new:
            raise CellError("All rows are known already: name a file with later ones.")
        return rows.take(np.array(new))

    # ---- users and items

    def _side(self, name: str, met: list[str], table: Path | None, id_column: str) -> Side:
        side = self.data.users if name == "user" else self.data.items
        encoder, raw = RowEncoder(self.data.encoders, name, id_column), _Raw(table, id_column)
        known, described = set(side.ids), set(raw.ids)
        new = [each for each in dict.fromkeys([*raw.ids, *met]) if each not in known]
        bare = [each for each in new if each not in described]
        if new:
            more = f", {len(bare):,} of them without a row of metadata" if bare and encoder.columns() else ""
            self.told.append(f"{len(new):,} new {name}s{more}")
        encoded = [encoder.transform(raw.table), encoder.transform([{id_column: each} for each in bare])]
        ids = [*side.ids, *new]
        # where each stands: in the table, else among those without a row of it, else where it stood
        places = {each: place for place, each in enumerate(side.ids)}
        places.update({each: len(side.ids) + place for place, each in enumerate([*raw.ids, *bare])})
        pick = np.array([places[each] for each in ids], np.int64)
        dense = np.concatenate([side.dense, *[part.dense for part in encoded]])[pick]
        bags = []
        for i, bag in enumerate(side.bags):
            parts = [(bag.offsets, bag.indices), *[(part.bags[i].offsets, part.bags[i].indices) for part in encoded]]
            laid = Bag(bag.table, _end_to_end([offsets for offsets, _ in parts]), np.concatenate([rows for _, rows in parts]))
            indices, offsets = laid.of(pick)
            bags.append(Bag(bag.table, offsets, indices))
        return Side(ids, dense, bags)

    def _features(self, encoders: Json) -> dict[str, Array]:
        """As data/features.safetensors has them; ids by the vocabularies of `encoders`."""
        found: dict[str, Array] = {}
        for name, side in (("user", self.users), ("item", self.items)):
            found[f"{name}.dense"] = np.ascontiguousarray(side.dense, np.float32)
            ids = RowEncoder({**encoders, name: [each for each in encoders[name] if each["feature"]["kind"] == "id"]}, name, "id")
            own = iter(ids.transform({"id": side.ids}).bags)
            kinds = {each["feature"]["name"]: each["feature"]["kind"] for each in encoders[name]}
            for i, (bag, layout) in enumerate(zip(side.bags, encoders[f"{name}Layout"]["bags"])):
                laid = next(own) if kinds[layout["feature"]] == "id" else bag
                found[f"{name}.bag{i}.offsets"] = np.ascontiguousarray(laid.offsets, np.int32)
                found[f"{name}.bag{i}.indices"] = np.ascontiguousarray(laid.indices, np.int32)
        user = RowEncoder(encoders, "user")
        for bag in encoders["userLayout"]["contextBags"]:
            if bag["kind"] == "history":
                row_of = user.history_rows(bag["feature"])
                found[f"rows_of_item.{bag['feature']}"] = np.array([row_of(each) for each in self.items.ids], np.int32)
        return found

    # ---- interactions

    def _interactions(self, parts: Array) -> dict[str, Array]:
        """In the order (user, time, as they came)."""
        data, rows = self.data, self.rows
        user_of, item_of = ({each: row for row, each in enumerate(side.ids)} for side in (self.users, self.items))
        laid: dict[str, Array] = {
            "user": np.concatenate([data.user, [user_of[each] for each in rows.users]]).astype(np.int32),
            "item": np.concatenate([data.item, [item_of[each] for each in rows.items]]).astype(np.int32),
            "part": np.concatenate([np.where(data.part == UNUSED, UNUSED, TRAIN), parts]).astype(np.uint8),
        }
        pairs = {"time": (data.time, rows.time), "event": (data.event, rows.event), "reward": (data.reward, rows.reward)}
        laid |= {name: np.concatenate([old, new]) for name, (old, new) in pairs.items() if old is not None and new is not None}
        order = np.lexsort((laid["time"], laid["user"])) if "time" in laid else np.argsort(laid["user"], kind="stable")
        return {name: np.ascontiguousarray(values[order]) for name, values in laid.items()}


class _Raw:
    """A file of metadata, one row an id. @raises CellError where an id is missing, or there twice"""

    def __init__(self, path: Path | None, id_column: str) -> None:
        self.ids: list[str] = []
        self.table: Any = []  # no rows
        if path is None:
            return
        self.table = read_rows(path)
        table = Table(self.table)
        ids = [identity(cell) for cell in table.cells(id_column)] if table.has(id_column) else []
        if None in ids or not ids:
            where = f"row {ids.index(None) + 1} has no id" if ids else f"there is no id in a column {id_column}"
            raise CellError(f"{path}: {where}. Which column is the id is said by --map userId=COLUMN or itemId=COLUMN.")
        self.ids = [str(each) for each in ids]
        twice = [each for each, count in Counter(self.ids).items() if count > 1]
        if twice:
            raise CellError(f"{path}: {twice[0]!r} stands there more than once. Leave one row of each.")


def split_by_time(rows: Rows, share: float) -> Array:
    """Parts of rows: the newest share is validation, without times the last in the file. @raises CellError where a part is empty"""
    if rows.time is None:
        cut = np.arange(len(rows)) >= len(rows) - round(share * len(rows))
    else:
        cut = rows.time >= np.quantile(rows.time, 1 - share, method="higher")
    if not cut.any() or cut.all():
        raise CellError(f"--validation {share} of {len(rows):,} rows leaves nothing to {'train on' if cut.any() else 'judge by'}.")
    return np.where(cut, VALIDATION, TRAIN)


def _codes(events: Array | None, length: int) -> Array:
    return np.zeros(length, np.int64) if events is None else events.astype(np.int64)


def _end_to_end(offsets: list[Array]) -> Array:
    """Of bags laid one after another."""
    found, at = [offsets[0]], int(offsets[0][-1])
    for each in offsets[1:]:
        found.append(each[1:] + at)
        at += int(each[-1])
    return np.concatenate(found).astype(np.int64)

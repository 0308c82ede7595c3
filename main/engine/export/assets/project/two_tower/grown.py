"""Rows of their own for ids that the encoders do not know: tables grow, and what was learned of the others stays where it is.

Hashed tables know every id already. Fixed ones, of what items contain, stay as they are.
"""

from __future__ import annotations

import numpy as np

from row_encoder import row_lookup

from .data import Array, Json


def grow(encoders: Json, user_ids: list[str], item_ids: list[str], there: dict[str, Array]) -> None:
    """Adds, in place, to the vocabularies of ids and of histories those with enough interactions `there`, in the training part."""
    item_id = next((each for each in encoders["item"] if each["feature"]["kind"] == "id"), None)
    least = 1 if item_id is None else item_id["feature"]["minCount"]
    tables = {table["name"]: table for table in encoders["tables"]}
    for side, ids in (("user", user_ids), ("item", item_ids)):
        counts = np.bincount(there[side], minlength=len(ids))
        table_of = {bag["feature"]: bag["table"] for bag in encoders[f"{side}Layout"]["bags"]}
        for each in encoders[side]:
            if each["feature"]["kind"] == "id":
                name = table_of[each["feature"]["name"]]
                _extend(each["state"]["vocabulary"], tables[name], _often(ids, counts, each["feature"]["minCount"]))
    for bag in encoders["userLayout"]["contextBags"]:
        if bag["kind"] != "history" or tables[bag["table"]].get("fixed", False):
            continue
        state = next(each["state"] for each in encoders["user"] if each["feature"]["name"] == bag["feature"])
        if state["vocabulary"] is not None:
            counted = there["item"]
            if bag["eventCodes"] is not None and "event" in there:
                counted = counted[np.isin(there["event"], bag["eventCodes"])]
            often = _often(item_ids, np.bincount(counted, minlength=len(item_ids)), least)
            _extend(state["vocabulary"], tables[bag["table"]], often)


def _often(ids: list[str], counts: Array, least: int) -> list[str]:
    """The most frequent first."""
    order = np.argsort(-counts, kind="stable")
    return [ids[k] for k in order if counts[k] >= max(1, least)]


def _extend(vocabulary: Json, table: Json, ids: list[str]) -> None:
    if "buckets" in vocabulary:
        return
    row_of = row_lookup(vocabulary)
    vocabulary["values"] = [*vocabulary["values"], *[each for each in ids if row_of(each) == 0]]
    table["rows"] = 1 + len(vocabulary["values"])


def lengthened(table: Array, rows: int) -> Array:
    """A table of weights with row 0, that of the unknown, in the rows that are missing at its end."""
    return np.concatenate([table, np.repeat(table[:1], max(0, rows - len(table)), axis=0)])


def overlaid(array: Array, arrived: Array) -> Array:
    """Weights of a layer that was made wider, with what was learned in their first rows and columns; else they are left alone."""
    if array.ndim != arrived.ndim:
        return array
    shared = tuple(slice(min(a, b)) for a, b in zip(array.shape, arrived.shape))
    array = array.copy()
    array[shared] = arrived[shared]
    return array

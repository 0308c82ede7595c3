"""The kinds of features: the columns each reads, and how their values become dense inputs and rows of tables.

State is what Pylon fitted on its training part and keeps in encoders.json; nothing is fitted here.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .cells import Column, parse_list
from .numbers import spelled
from .rules import CellError, stripped
from .vocabulary import row_lookup
from .words import text_rows

_DAY = 86_400
_KM_PER_DEGREE = 6371.0088 * math.pi / 180


@dataclass(frozen=True)
class Indices:
    """Rows of one table by entity: entity e has indices[offsets[e] : offsets[e + 1]]."""

    offsets: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]

    @staticmethod
    def of(lists: Iterable[Sequence[int]]) -> Indices:
        """From the rows of each entity."""
        rows = list(lists)
        offsets = np.concatenate([[0], np.cumsum([len(some) for some in rows], dtype=np.int64)]).astype(np.int32)
        return Indices(offsets, np.array([row for some in rows for row in some], dtype=np.int32))


@dataclass(frozen=True)
class Encoded:
    """A feature's inputs: dense [n × width], and a bag for each of its tables."""

    dense: npt.NDArray[np.float32] | None
    bags: list[Indices]


Feature = dict[str, Any]
State = dict[str, Any]
Values = list[list[Any]]


def columns_of(frozen: dict[str, Any]) -> list[Column]:
    """What a feature of encoders.json reads."""
    feature, state, forms = frozen["feature"], frozen["state"], frozen.get("forms", {})

    def column(name: str, storage: str, is_time: bool = False) -> Column:
        return Column(name, storage, forms.get(name), is_time, int(state.get("width", 0)))

    kind = feature["kind"]
    if kind in ("id", "history") or (kind == "time" and feature["column"] is None):
        return []
    if kind == "geo":
        return [column(feature["latitude"], "number"), column(feature["longitude"], "number")]
    if kind == "time":
        return [column(feature["column"], "number", True)]
    return [column(feature["column"], kind if kind in ("number", "vector") else state["storage"])]


SentenceModel = Callable[[list[str]], Any]
"""Texts to their vectors [n, width], as `SentenceTransformer(folder).encode` gives them: prefix, pooling and length are the model's."""


def encode(frozen: dict[str, Any], values: Values, ids: list[str | None], sentences: Mapping[str, SentenceModel]) -> Encoded:
    """A feature's inputs from the values of its columns."""
    if frozen["feature"]["kind"] == "text" and frozen["feature"].get("encoder") is not None:  # a history has an encoder too
        return _sentence(frozen["feature"], frozen["state"], values, sentences)
    return _KINDS[frozen["feature"]["kind"]](frozen["feature"], frozen["state"], values, ids)


def standardise(value: float, moments: dict[str, float]) -> float:
    """By mean and deviation, at most 10 of them away."""
    return max(-10.0, min(10.0, (value - moments["mean"]) / moments["sd"]))


def clock_row(part: str, time: float, state: State) -> int:
    """Hours 1 … 24, Monday 1 … Sunday 7, UTC; 1 January 1970 was a Thursday. Periods from 1, by when the others begin."""
    if part == "hour":
        return 1 + math.floor(_modulo(time, _DAY) / 3600)
    if part == "period":
        return 1 + bisect.bisect_right(state["edges"], time)
    return 1 + int(_modulo(float(math.floor(time / _DAY)) + 3, 7))


def _modulo(value: float, size: int) -> float:
    """In doubles all along, as Pylon's: times beyond what doubles count exactly have the same row too."""
    return math.fmod(math.fmod(value, size) + size, size)


def _id(_feature: Feature, state: State, _values: Values, ids: list[str | None]) -> Encoded:
    row = row_lookup(state["vocabulary"])
    return Encoded(None, [Indices.of([0 if own is None else row(own)] for own in ids)])


def _category(_feature: Feature, state: State, values: Values, _ids: list[str | None]) -> Encoded:
    row = row_lookup(state["vocabulary"])
    names = [None if value is None else spelled(value) if isinstance(value, float) else value for value in values[0]]
    return Encoded(None, [Indices.of([row(name)] if name else [] for name in names)])


def _tags(_feature: Feature, state: State, values: Values, _ids: list[str | None]) -> Encoded:
    row = row_lookup(state["vocabulary"])
    lists = [[] if cell is None else parse_list(cell) if isinstance(cell, str) else cell for cell in values[0]]
    return Encoded(None, [Indices.of([row(value) for value in cell] for cell in lists)])


def _text(feature: Feature, _state: State, values: Values, _ids: list[str | None]) -> Encoded:
    texts = ["" if cell is None else cell if isinstance(cell, str) else "\n".join(cell) for cell in values[0]]
    return Encoded(None, [Indices.of(text_rows(text, feature) for text in texts)])


def _sentence(feature: Feature, state: State, values: Values, sentences: Mapping[str, SentenceModel]) -> Encoded:
    name, column, width = state["model"], feature["column"], state["width"]
    texts = [stripped("" if cell is None else cell if isinstance(cell, str) else ", ".join(cell)) for cell in values[0]]
    dense, rows = np.zeros((len(texts), width), np.float32), [row for row, text in enumerate(texts) if text != ""]
    if rows and name not in sentences:
        remedy = f'RowEncoder(…, sentences={{"{name}": model.encode}}), a function from texts to vectors of {width} numbers'
        raise ValueError(f'Texts of column "{column}" are read by sentence model "{name}", checksum {state["checksum"][:12]}…: {remedy}.')
    if rows:
        found = np.asarray(sentences[name]([texts[row] for row in rows]), np.float32)
        if found.shape != (len(rows), width) or not np.isfinite(found).all():
            raise ValueError(f'Sentence model "{name}" gave an array of {found.shape}; {(len(rows), width)} finite numbers are needed.')
        dense[rows] = found
    return Encoded(dense, [])


def _number(feature: Feature, state: State, values: Values, ids: list[str | None]) -> Encoded:
    def transformed(value: float | None, row: int) -> float | None:
        if value is None:
            return None
        if math.isinf(value):
            raise _bad(ids, row, feature["column"], "an infinite number cannot be encoded")
        if feature["transform"] != "log":
            return value
        if value < 0:
            raise _bad(ids, row, feature["column"], f"{spelled(value)} is negative and has no logarithm")
        return math.log1p(value)

    found = [transformed(value, row) for row, value in enumerate(values[0])]
    if state["edges"] is not None:
        return Encoded(None, [Indices.of([0 if value is None else 1 + bisect.bisect_right(state["edges"], value)] for value in found)])
    return Encoded(_with_missing([None if value is None else [standardise(value, state["moments"])] for value in found], 1, state), [])


def _time(feature: Feature, state: State, values: Values, ids: list[str | None]) -> Encoded:
    if feature["column"] is None:
        return Encoded(None, [])
    for row, time in enumerate(values[0]):
        if time is not None and math.isinf(time):
            raise _bad(ids, row, feature["column"], "an infinite time cannot be encoded")
    parts = [part for part in ("hour", "weekday", "period") if part in feature["parts"]]
    bags = [Indices.of([] if time is None else [clock_row(part, time, state)] for time in values[0]) for part in parts]
    if state["age"] is None:
        return Encoded(None, bags)
    days = [None if time is None else max(0.0, state["reference"] - time) / _DAY for time in values[0]]
    ages = [None if age is None else [standardise(math.log1p(age), state["age"])] for age in days]
    return Encoded(_with_missing(ages, 1, state), bags)


def _vector(feature: Feature, state: State, values: Values, ids: list[str | None]) -> Encoded:
    dense = np.zeros((len(values[0]), state["width"]), np.float32)
    for row, cell in enumerate(values[0]):
        if cell is None:
            continue
        if not np.isfinite(cell).all():
            raise _bad(ids, row, feature["column"], "a number of the vector is infinite")
        length = math.hypot(*cell.tolist()) if feature["normalise"] else 0.0
        dense[row] = cell.astype(np.float64) / length if length > 0 else cell
    return Encoded(dense, [])


def _geo(feature: Feature, state: State, values: Values, ids: list[str | None]) -> Encoded:
    for key, degrees, limit in [("latitude", values[0], 90), ("longitude", values[1], 180)]:
        for row, value in enumerate(degrees):
            if value is not None and abs(value) > limit:
                raise _bad(ids, row, feature[key], f"{spelled(value)} is not a {key}: it must lie in [-{limit}, {limit}]")
    places = [_place(state, latitude, longitude) for latitude, longitude in zip(*values)]
    waves = _plane_waves(feature["waves"], state["scaleKm"], state["nearKm"] if "nearKm" in state else state["scaleKm"])
    width = 2 + 4 * feature["frequencies"] + 2 * feature["waves"]
    blocks = [None if place is None else _geo_block(*place, feature["frequencies"], waves, state) for place in places]
    bags = []
    for edge, vocabulary in zip(feature["cellsKm"], state["cells"]):
        row_of = row_lookup(vocabulary)
        cells = [None if place is None else f"{math.floor(place[0] / edge)},{math.floor(place[1] / edge)}" for place in places]
        bags.append(Indices.of([] if cell is None else [row_of(cell)] for cell in cells))
    return Encoded(_with_missing(blocks, width, state), bags)


def _place(state: State, latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """Km east and north of the centroid."""
    if latitude is None or longitude is None:
        return None
    shift = math.fmod(math.fmod(longitude - state["longitude"] + 180, 360) + 360, 360) - 180
    shrink = math.cos(state["latitude"] * math.pi / 180)
    return _KM_PER_DEGREE * shrink * shift, _KM_PER_DEGREE * (latitude - state["latitude"])


def _geo_block(x: float, y: float, frequencies: int, waves: list[tuple[float, float]], state: State) -> list[float]:
    block = [standardise(x, state["x"]), standardise(y, state["y"])]
    for k in range(frequencies):
        turn = 2**k * math.pi / state["scaleKm"]
        block += [math.sin(turn * x), math.cos(turn * x), math.sin(turn * y), math.cos(turn * y)]
    for east, north in waves:
        block += [math.sin(east * x + north * y), math.cos(east * x + north * y)]
    return block


def _plane_waves(count: int, scale_km: float, near_km: float) -> list[tuple[float, float]]:
    """Radians a km eastwards and northwards: from the whole region down to eight times near neighbours' distance, by the golden angle."""
    shortest = min(scale_km, 8 * near_km)
    waves = []
    for k in range(count):
        length = scale_km * (shortest / scale_km) ** (0 if count == 1 else k / (count - 1))
        angle = k * math.pi * (3 - math.sqrt(5))
        waves.append((2 * math.pi * math.cos(angle) / length, 2 * math.pi * math.sin(angle) / length))
    return waves


def _with_missing(blocks: list[list[float] | None], width: int, state: State) -> npt.NDArray[np.float32]:
    """Dense rows; a missing one is zeros, and 1 in a column of its own where training had missing ones."""
    dense = np.zeros((len(blocks), width + int(state["hasMissing"])), np.float32)
    for row, block in enumerate(blocks):
        if block is not None:
            dense[row, :width] = block
        elif state["hasMissing"]:
            dense[row, width] = 1
    return dense


def _bad(ids: list[str | None], row: int, column: str, problem: str) -> CellError:
    who = f"row {row + 1}" if ids[row] is None else f'"{ids[row]}"'
    return CellError(f'{who}, column "{column}": {problem}. Correct the value or leave it out.')


_KINDS: dict[str, Callable[[Feature, State, Values, list[str | None]], Encoded]] = {
    "id": _id,
    "category": _category,
    "tags": _tags,
    "number": _number,
    "text": _text,
    "geo": _geo,
    "time": _time,
    "vector": _vector,
    "history": lambda _feature, _state, _values, _ids: Encoded(None, []),
}

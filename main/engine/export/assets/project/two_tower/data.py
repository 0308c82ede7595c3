"""Reads data/ and makes batches: which interactions are examples, what each user and item looks like, what a user's history held.

Interactions are in the order (user, time). Parts: 0 train, 1 validation, 2 test, 3 unused. Features were encoded by encoders.json, so
row k of a block or bag is user or item k.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Array = npt.NDArray[Any]
Json = dict[str, Any]

PROJECT = Path(__file__).resolve().parent.parent
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 3
DAY = 86_400
AGE_CODES = 23  # 0 unknown, then octaves of minutes


@dataclass
class Bag:
    """Rows of a table by entity: entity e has indices[offsets[e] : offsets[e + 1]]."""

    table: str
    offsets: Array
    indices: Array
    unknown_rate: float = 0.0

    def of(self, entities: Array) -> tuple[Array, Array]:
        """The bags of some entities, laid end to end: indices, and where each begins."""
        lengths = self.offsets[entities + 1] - self.offsets[entities]
        begins = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.offsets[entities] - begins[:-1], lengths) + np.arange(begins[-1])
        return self.indices[places], begins


@dataclass
class Moment:
    """Rows of a table by example, most recent first: example r has indices[begins[r] : begins[r + 1]]. Codes of the ages and events
    of those rows where the tower encodes them one by one."""

    bag: Json
    indices: Array
    begins: Array
    ages: Array
    events: Array

    def padded(self) -> tuple[Array, Array]:
        """Where each index stands in [examples × length]: its row and its place."""
        lengths = np.diff(self.begins)
        return np.repeat(np.arange(len(lengths)), lengths), np.arange(self.begins[-1]) - np.repeat(self.begins[:-1], lengths)


@dataclass
class Side:
    """Everything one tower reads of its entities."""

    ids: list[str]
    dense: Array
    bags: list[Bag]


Context = tuple[Array, list[Moment]]


class Data:
    """Interactions and features of a project's folder."""

    def __init__(self, folder: Path = PROJECT, model: Path | None = None, interactions: dict[str, Array] | None = None) -> None:
        """`model`: the folder that weights are read from, where it is another one. `interactions`: in place of those of data/."""
        self.folder, self.model = folder, folder if model is None else model
        self.spec: Json = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
        self.encoders: Json = json.loads((folder / "encoders.json").read_text(encoding="utf-8"))
        self.facts: Json = json.loads((folder / "data" / "facts.json").read_text(encoding="utf-8"))
        facts = self.facts
        arrays = load_file(folder / "data" / "interactions.safetensors") if interactions is None else interactions
        features = load_file(folder / "data" / "features.safetensors")
        self.user, self.item, self.part = arrays["user"], arrays["item"], arrays["part"]
        self.time, self.event, self.weights = arrays.get("time"), arrays.get("event"), arrays.get("weight")
        self.reward = arrays.get("reward")
        self.has_order: bool = facts["hasOrder"]
        self.events: list[str] = facts["events"]
        self.users = self._side("user", facts, features)
        self.items = self._side("item", facts, features)
        counts = np.bincount(self.user, minlength=len(self.users.ids))
        self.begins = np.concatenate([[0], np.cumsum(counts)])
        self.rows_of_item = {
            bag["table"]: features[f"rows_of_item.{bag['feature']}"] for bag in self.context_bags if bag["kind"] == "history"
        }
        self.train_parts: list[int] = facts["trainParts"]
        self.seen_masked: bool = self.spec["evaluation"]["seen"] == "masked"

    @property
    def context_bags(self) -> list[Json]:
        """The histories and clocks that the user tower reads."""
        bags: list[Json] = self.encoders["userLayout"]["contextBags"]
        return bags

    @property
    def context_width(self) -> int:
        """Columns of the ages that stand beside a user's dense features."""
        width: int = self.encoders["userLayout"]["contextDenseWidth"]
        return width

    def _side(self, side: str, facts: Json, features: dict[str, Array]) -> Side:
        layout = self.encoders[f"{side}Layout"]
        kinds = {frozen["feature"]["name"]: frozen["feature"] for frozen in self.encoders[side]}
        bags = [
            Bag(
                bag["table"],
                features[f"{side}.bag{i}.offsets"],
                features[f"{side}.bag{i}.indices"],
                kinds[bag["feature"]].get("unknownRate", 0.0),
            )
            for i, bag in enumerate(layout["bags"])
        ]
        return Side(facts.get(f"{side}Ids") or [""] * facts[f"{side}s"], features[f"{side}.dense"], bags)

    def codes(self, names: list[str] | None) -> set[int] | None:
        """Event codes by name; None for all."""
        return None if not names else {self.events.index(name) for name in names}

    def counts(self, codes: set[int] | None) -> Array:
        """[interactions]: whether an event of such a code counts."""
        if codes is None:
            return np.ones(len(self.user), bool)
        events = np.zeros(len(self.user), np.uint8) if self.event is None else self.event
        return np.isin(events, sorted(codes))

    def examples(self) -> Array:
        """Positions of the training examples."""
        wanted = np.isin(self.part, self.train_parts) & self.counts(self.codes(self.spec["training"]["events"]))
        return np.flatnonzero(wanted)

    def known(self) -> tuple[Array, Array]:
        """Each user's distinct items in the training parts, none of which is a negative: user u has items[begins[u] : begins[u + 1]]."""
        there = np.isin(self.part, self.train_parts)
        users, items = np.divmod(np.unique(self.user[there].astype(np.int64) * len(self.items.ids) + self.item[there]), len(self.items.ids))
        return np.searchsorted(users, np.arange(len(self.users.ids) + 1)), items

    # ---- the moment: history, hour, weekday, age

    def context_at(self, positions: Array) -> Context:
        """Context of the events at `positions`: what the user had done before each."""
        times = self._times(positions)
        bags = [
            self._moment(bag, [self._before(bag, p) for p in positions], times) if bag["kind"] == "history" else self._clock(bag, times)
            for bag in self.context_bags
        ]
        return self._ages(times), bags

    def context_of(self, users: Array, last_part: int = VALIDATION) -> Context:
        """Context of users as of a part: all their history up to it; the time of their first event after it, or the end of training."""
        times = np.array([self._next_time(u, last_part) for u in users])
        bags = [
            self._moment(bag, [self._up_to(bag, u, last_part) for u in users], times)
            if bag["kind"] == "history"
            else self._clock(bag, times)
            for bag in self.context_bags
        ]
        return self._ages(np.full(len(users), np.nan)), bags

    def _before(self, bag: Json, p: int) -> Array:
        """Positions of the user's earlier interactions, most recent first."""
        begin = self.begins[self.user[p]]
        q = np.arange(begin, self.begins[self.user[p] + 1])
        if self.has_order:
            keep = (q < p) & (self.part[q] <= self.part[p]) & (self.part[q] != UNUSED)
            if self.time is not None:
                keep &= self.time[q] < self.time[p]
            if self.seen_masked:
                keep &= self.item[q] != self.item[p]
        else:
            keep = np.isin(self.part[q], self.train_parts) & (self.item[q] != self.item[p])
        return self._kept(bag, q[keep], self._length(bag))

    def _up_to(self, bag: Json, user: int, last_part: int) -> Array:
        """Positions of the user's interactions up to a part, most recent first."""
        q = np.arange(self.begins[user], self.begins[user + 1])
        limited = self.has_order or "sequence" in bag
        return self._kept(bag, q[(self.part[q] <= last_part) & (self.part[q] != UNUSED)], self._length(bag) if limited else None)

    @staticmethod
    def _length(bag: Json) -> int:
        length: int = bag["sequence"]["length"] if "sequence" in bag else bag["maxLength"]
        return length

    def _kept(self, bag: Json, q: Array, length: int | None) -> Array:
        """The most recent positions of an event that counts and an item that has a row."""
        codes, q = bag["eventCodes"], q[::-1]
        if codes is not None:
            q = q[np.isin(0 if self.event is None else self.event[q], codes) & np.ones(len(q), bool)]
        q = q[self.rows_of_item[bag["table"]][self.item[q]] > 0]
        if "days" in bag and len(q) > 0 and self.time is not None:
            q = q[self.time[q[0]] - self.time[q] <= bag["days"] * 86_400]
        return q[:length]

    def _moment(self, bag: Json, positions: list[Array], now: Array) -> Moment:
        """A history from the positions of each example's interactions. Of unknown age where there is no order, or no time."""
        begins = np.concatenate([[0], np.cumsum([len(q) for q in positions])]).astype(np.int64)
        q = (np.concatenate(positions) if len(positions) > 0 else np.array([])).astype(np.int64)
        if self.time is None or not self.has_order:
            ages = np.zeros(len(q), np.int64)
        else:
            minutes = np.maximum(0, np.repeat(now, np.diff(begins)) - self.time[q]) / 60
            ages = np.where(np.isnan(minutes), 0, 1 + np.minimum(AGE_CODES - 2, np.floor(np.log2(1 + minutes)))).astype(np.int64)
        events = np.ones(len(q), np.int64) if self.event is None else self.event[q].astype(np.int64) + 1
        return Moment(bag, self.rows_of_item[bag["table"]][self.item[q]].astype(np.int64), begins, ages, events)

    def _times(self, positions: Array) -> Array:
        reference = self.encoders["referenceTime"]
        return np.full(len(positions), np.nan if reference is None else reference) if self.time is None else self.time[positions]

    def _next_time(self, user: int, last_part: int) -> float:
        q = np.arange(self.begins[user], self.begins[user + 1])
        after = q[(self.part[q] > last_part) & (self.part[q] <= TEST)]
        reference = self.encoders["referenceTime"]
        if self.time is not None and len(after) > 0:
            return float(self.time[after[0]])
        return float("nan") if reference is None else float(reference)

    def _clock(self, bag: Json, times: Array) -> Moment:
        """Hours 1..24, Monday 1..Sunday 7, UTC; 1 January 1970 was a Thursday. Periods from 1, by when the others begin."""
        known = np.isfinite(times)
        at = times[known]
        if bag["kind"] == "period":
            state = next(frozen["state"] for frozen in self.encoders["user"] if frozen["feature"]["name"] == bag["feature"])
            row = 1 + np.searchsorted(state["edges"], at, side="right")
        else:
            row = 1 + np.floor((at % DAY) / 3600) if bag["kind"] == "hour" else 1 + (np.floor(at / DAY) + 3) % 7
        none = np.zeros(len(row), np.int64)
        return Moment(bag, row.astype(np.int64), np.concatenate([[0], np.cumsum(known)]).astype(np.int64), none, none)

    def _ages(self, times: Array) -> Array:
        """How old an example is, log scaled and standardised; 0 days for a query (NaN)."""
        blocks = []
        for frozen in self.encoders["user"]:
            feature, state = frozen["feature"], frozen["state"]
            if feature["kind"] != "time" or feature["column"] is not None or state["age"] is None:
                continue
            days = np.where(np.isnan(times), 0, np.maximum(0, state["reference"] - times) / DAY)
            blocks.append(np.clip((np.log1p(days) - state["age"]["mean"]) / state["age"]["sd"], -10, 10))
        return np.stack(blocks, axis=1).astype(np.float32) if blocks else np.zeros((len(times), 0), np.float32)


def scores(match: Json, user: Array, items: Array) -> Array:
    """Scores of items [n × d] for a user's vector [d]; higher is better."""
    found: Array = -((items - user) ** 2).sum(1) if match["kind"] == "euclidean" else items @ user
    return found

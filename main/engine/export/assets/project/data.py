"""Reads data/ and makes batches: which interactions are examples, what each user and item looks like, what a user's history held.

Interactions are in the order (user, time). Parts: 0 train, 1 validation, 2 test, 3 unused. Features were encoded by encoders.json, so
row k of a block or bag is user or item k; encode.py does the same for new rows.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).parent
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 3
DAY = 86_400


@dataclass
class Bag:
    """Rows of a table by entity: entity e has indices[offsets[e] : offsets[e + 1]]."""

    table: str
    offsets: np.ndarray
    indices: np.ndarray
    unknown_rate: float = 0.0

    def of(self, entities):
        """The bags of some entities, laid end to end: indices, and where each begins."""
        lengths = self.offsets[entities + 1] - self.offsets[entities]
        begins = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.offsets[entities] - begins[:-1], lengths) + np.arange(begins[-1])
        return self.indices[places], begins


@dataclass
class Side:
    """Everything one tower reads of its entities."""

    ids: list
    dense: np.ndarray
    bags: list


class Data:
    def __init__(self, folder=HERE):
        self.spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
        self.encoders = json.loads((folder / "encoders.json").read_text(encoding="utf-8"))
        facts = json.loads((folder / "data" / "facts.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "data" / "interactions.safetensors")
        features = load_file(folder / "data" / "features.safetensors")
        self.user, self.item, self.part = arrays["user"], arrays["item"], arrays["part"]
        self.time, self.event = arrays.get("time"), arrays.get("event")
        self.has_order, self.events = facts["hasOrder"], facts["events"]
        self.users = self._side("user", facts, features)
        self.items = self._side("item", facts, features)
        counts = np.bincount(self.user, minlength=len(self.users.ids))
        self.begins = np.concatenate([[0], np.cumsum(counts)])
        self.rows_of_item = {bag["table"]: features[f"rows_of_item.{bag['feature']}"] for bag in self.context_bags if bag["kind"] == "history"}
        self.train_parts = facts["trainParts"]
        self.seen_masked = self.spec["evaluation"]["seen"] == "masked"

    @property
    def context_bags(self):
        return self.encoders["userLayout"]["contextBags"]

    @property
    def context_width(self):
        return self.encoders["userLayout"]["contextDenseWidth"]

    def _side(self, side, facts, features):
        layout = self.encoders[f"{side}Layout"]
        kinds = {frozen["feature"]["name"]: frozen["feature"] for frozen in self.encoders[side]}
        bags = [
            Bag(bag["table"], features[f"{side}.bag{i}.offsets"], features[f"{side}.bag{i}.indices"], kinds[bag["feature"]].get("unknownRate", 0.0))
            for i, bag in enumerate(layout["bags"])
        ]
        return Side(facts[f"{side}Ids"], features[f"{side}.dense"], bags)

    def codes(self, names):
        """Event codes by name; None for all."""
        return None if not names else {self.events.index(name) for name in names}

    def _counts(self, codes):
        """[interactions]: whether an event of such a code counts."""
        if codes is None:
            return np.ones(len(self.user), bool)
        events = np.zeros(len(self.user), np.uint8) if self.event is None else self.event
        return np.isin(events, sorted(codes))

    def examples(self):
        """Positions of the training examples."""
        wanted = np.isin(self.part, self.train_parts) & self._counts(self.codes(self.spec["training"]["events"]))
        return np.flatnonzero(wanted)

    def known(self):
        """Each user's items in the training parts: none of them is a negative. As keys user * items + item, sorted."""
        there = np.isin(self.part, self.train_parts)
        return np.unique(self.user[there].astype(np.int64) * len(self.items.ids) + self.item[there])

    # ---- the moment: history, hour, weekday, age

    def context_at(self, positions):
        """Context of the events at `positions`: what the user had done before each."""
        bags = [self._context_bag(bag, [self._before(bag, p) for p in positions] if bag["kind"] == "history" else self._clock(bag, self._times(positions))) for bag in self.context_bags]
        return self._ages(self._times(positions)), bags

    def context_of(self, users, last_part=VALIDATION):
        """Context of users as of a part: all their history up to it; the time of their first event after it, or the end of training."""
        times = np.array([self._next_time(u, last_part) for u in users])
        bags = [self._context_bag(bag, [self._up_to(bag, u, last_part) for u in users] if bag["kind"] == "history" else self._clock(bag, times)) for bag in self.context_bags]
        return self._ages(np.full(len(users), np.nan)), bags

    def _before(self, bag, p):
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
        return self._rows(bag, q[keep])

    def _up_to(self, bag, user, last_part):
        q = np.arange(self.begins[user], self.begins[user + 1])
        return self._rows(bag, q[(self.part[q] <= last_part) & (self.part[q] != UNUSED)], unlimited=not self.has_order)

    def _rows(self, bag, q, unlimited=False):
        """Rows of the table, most recent first, at most maxLength; items without a row are left out."""
        codes = bag["eventCodes"]
        if codes is not None and self.event is not None:
            q = q[np.isin(self.event[q], codes)]
        rows = self.rows_of_item[bag["table"]][self.item[q[::-1]]]
        rows = rows[rows > 0]
        return rows if unlimited else rows[: bag["maxLength"]]

    def _times(self, positions):
        reference = self.encoders["referenceTime"]
        return np.full(len(positions), np.nan if reference is None else reference) if self.time is None else self.time[positions]

    def _next_time(self, user, last_part):
        q = np.arange(self.begins[user], self.begins[user + 1])
        after = q[(self.part[q] > last_part) & (self.part[q] <= TEST)]
        reference = self.encoders["referenceTime"]
        if self.time is not None and len(after) > 0:
            return self.time[after[0]]
        return np.nan if reference is None else reference

    @staticmethod
    def _clock(bag, times):
        """Hours 1..24, Monday 1..Sunday 7, UTC; 1 January 1970 was a Thursday."""
        row = 1 + np.floor((times % DAY) / 3600) if bag["kind"] == "hour" else 1 + (np.floor(times / DAY) + 3) % 7
        return [np.array([int(r)]) if np.isfinite(r) else np.array([], int) for r in row]

    def _ages(self, times):
        """How old an example is, log scaled and standardised; 0 days for a query (NaN)."""
        blocks = []
        for frozen in self.encoders["user"]:
            feature, state = frozen["feature"], frozen["state"]
            if feature["kind"] != "time" or feature["column"] is not None or state["age"] is None:
                continue
            days = np.where(np.isnan(times), 0, np.maximum(0, state["reference"] - times) / DAY)
            blocks.append(np.clip((np.log1p(days) - state["age"]["mean"]) / state["age"]["sd"], -10, 10))
        return np.stack(blocks, axis=1).astype(np.float32) if blocks else np.zeros((len(times), 0), np.float32)

    @staticmethod
    def _context_bag(bag, rows):
        begins = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
        return bag["table"], (np.concatenate(rows) if len(rows) > 0 else np.array([])).astype(np.int64), begins


def pairs_of(known, users, candidates, item_count, diagonal):
    """(row, column) of candidates that are no negatives: items the row's user is known to have met. `diagonal`: column r is row r's own positive."""
    keys = users.astype(np.int64)[:, None] * item_count + candidates.astype(np.int64)[None, :]
    places = np.searchsorted(known, keys)
    met = known[np.minimum(places, len(known) - 1)] == keys
    if diagonal:
        np.fill_diagonal(met, False)
    return met


def log_q(counts):
    """log of an item's share of the training examples."""
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum()).astype(np.float32)

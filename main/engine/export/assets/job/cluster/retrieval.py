"""The best items of users where items lie in shards: each worker searches its own for the users of all, and what they find is merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from two_tower.batches import item_features
from two_tower.data import Array, Json
from two_tower.metrics import BLOCK

from . import group

if TYPE_CHECKING:
    from .worker import Pass

AT_ONCE = 64_000_000  # scores in memory

Best = tuple[Array, Array]  # scores [users × k], the highest first, and the rows of their items; -inf and -1 where there are fewer


class Search(Protocol):
    """Of a worker's own items."""

    def best(self, users: Array, left_out: list[Array], k: int) -> Best:
        """For user vectors [n × dim], without the rows that each leaves out. Equal scores go by the order of items."""
        ...


def embedded(training: Pass, rows: Array) -> Array:
    """Vectors of some items [rows × dim]."""
    blocks = [training.embed("item", item_features(training.data, rows[at : at + BLOCK])) for at in range(0, len(rows), BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, training.spec["item"]["output"]), np.float32)


class ItemShard:
    """A worker's share of all items: their rows, which follow each other, and their vectors. Searched exactly."""

    def __init__(self, training: Pass) -> None:
        self.match: Json = training.spec["match"]
        self.rows = group.my_share(np.arange(len(training.data.items.ids)))
        self.vectors = embedded(training, self.rows)

    def best(self, users: Array, left_out: list[Array], k: int) -> Best:
        step = max(1, AT_ONCE // max(1, len(self.rows)))
        parts = [self.best_at_once(users[at : at + step], left_out[at : at + step], k) for at in range(0, len(users), step)]
        return stacked(parts, k)

    def best_at_once(self, users: Array, left_out: list[Array], k: int) -> Best:
        scores = users @ self.vectors.T
        if self.match["kind"] == "euclidean":
            scores = 2 * scores - (self.vectors**2).sum(1) - (users**2).sum(1)[:, None]
        for row, known in enumerate(left_out):
            scores[row, self.held(known)] = -np.inf
        rows = [row_of_best(each, k) for each in scores]
        return stacked([(each[None, places], self.rows[None, places]) for each, places in zip(scores, rows)], k)

    def held(self, items: Array) -> Array:
        """Where some items stand among this worker's own."""
        if len(self.rows) == 0:
            return np.zeros(0, np.int64)
        places: Array = items[(items >= self.rows[0]) & (items <= self.rows[-1])] - self.rows[0]
        return places


def row_of_best(scores: Array, k: int) -> Array:
    """Places of the k highest, the highest first, equal ones in their order; those that are left out never."""
    least = -np.inf if k >= len(scores) else np.partition(scores, len(scores) - k)[len(scores) - k]
    places = np.flatnonzero((scores >= least) & np.isfinite(scores))
    found: Array = places[np.argsort(-scores[places], kind="stable")[:k]]
    return found


def stacked(parts: list[Best], k: int) -> Best:
    """Of users one below the other, filled up to k."""
    scores = [np.pad(part, ((0, 0), (0, k - part.shape[1])), constant_values=-np.inf) for part, _ in parts]
    rows = [np.pad(part, ((0, 0), (0, k - part.shape[1])), constant_values=-1) for _, part in parts]
    return np.concatenate([np.zeros((0, k), np.float32), *scores]), np.concatenate([np.zeros((0, k), np.int64), *rows])


def best_of_all(search: Search, users: Array, left_out: list[Array], k: int) -> Best:
    """The k best of all items for this worker's users [n × dim]. All workers call it at once, each with its own users, or none."""
    counts = group.numbers(len(users))
    scores, rows = search.best(group.gathered_rows(users), group.gathered_arrays(left_out), k)
    # [workers × users of all × k]
    every_score = group.gathered_rows(scores).reshape(len(counts), -1, k)
    every_row = group.gathered_rows(rows).reshape(len(counts), -1, k)
    begin = sum(counts[: group.rank()])
    mine = slice(begin, begin + len(users))
    # one after the other, so that equal scores stay in the order of items
    wide, items = (np.concatenate(list(each[:, mine]), axis=1) for each in (every_score, every_row))
    order = np.argsort(-wide, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(wide, order, 1), np.take_along_axis(items, order, 1)

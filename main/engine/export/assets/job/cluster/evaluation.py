"""Recall and NDCG on a part, over the users of all workers, each of whom has a share of the items (retrieval.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from two_tower.batches import users_as_of
from two_tower.data import VALIDATION, Array, Data
from two_tower.metrics import to_find, values_of

from . import group
from .retrieval import ItemShard, Search, best_of_all, embedded

if TYPE_CHECKING:
    from .worker import Pass

CUTS = (10, 20)
USERS = 8192  # of all workers, searched for at once


@dataclass
class Measured:
    """Means over users: of each search its metrics, and what share of the first one's best it finds."""

    users: int
    metrics: list[dict[str, float]]
    found: list[float]


def validated(training: Pass, most: int) -> dict[str, float]:
    """On the validation part; nothing where there is none."""
    items = ItemShard(training)
    return measured(training, VALIDATION, most, [items], items.vectors.shape[1]).metrics[0]


def measured(training: Pass, part: int, most: int, searches: list[Search], dim: int) -> Measured:
    """Over so many users of all workers at most (one of each at least), each as of the end of the part before. No metrics where nobody
    has anything to find."""
    data = training.data
    users = users_of(data, part, -(-most // group.size()))
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    names = [f"{metric}@{k}" for k in CUTS for metric in ("recall", "ndcg")]
    sums, asked = np.zeros((len(searches), len(names) + 1)), 0
    # all workers go on until the last of them has no users left
    step = max(1, USERS // group.size())
    for at in range(0, max(group.numbers(len(users))), step):
        pairs = [(user, *to_find(data, user, part, counts)) for user in users[at : at + step]]
        kept = [each for each in pairs if len(each[1]) > 0]
        rows = np.array([user for user, _, _ in kept], np.int64)
        vectors = training.embed("user", users_as_of(data, rows, part - 1)) if kept else np.zeros((0, dim), np.float32)
        asked += len(kept)
        bests = [best_of_all(search, vectors, [left_out for _, _, left_out in kept], max(CUTS))[1] for search in searches]
        for total, best in zip(sums, bests):
            for first, found, (_, wanted, _) in zip(bests[0], best, kept):
                values = values_of(np.isin(found, wanted), len(wanted), CUTS)
                total += [*(values[name] for name in names), shared(first, found)]
    *flat, everybody = group.total(np.array([*sums.ravel(), asked]))
    if everybody == 0:
        return Measured(0, [{} for _ in searches], [])
    means = np.array(flat).reshape(sums.shape) / everybody
    return Measured(int(everybody), [dict(zip(names, row[:-1].tolist())) for row in means], means[:, -1].tolist())


def shared(best: Array, found: Array) -> float:
    """The share of some best items that are among those found."""
    there = best[best >= 0]
    return 1.0 if len(there) == 0 else float(np.isin(there, found).mean())


def users_of(data: Data, part: int, most: int) -> Array:
    """Of a worker: users with something in a part, an even choice where there are more."""
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    users = np.unique(data.user[(data.part == part) & counts])
    chosen: Array = users if len(users) <= most else users[np.linspace(0, len(users) - 1, most).astype(np.int64)]
    return chosen


def gathered_items(training: Pass, rows: Array) -> Array:
    """Vectors of some items [rows × dim], of which each worker embeds its share."""
    return group.gathered_rows(embedded(training, group.my_share(rows)))

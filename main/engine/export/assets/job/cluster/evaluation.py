"""Recall and NDCG on a part, over the users of all workers, each of whom has a share of the items (retrieval.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from two_tower.batches import item_features, users_as_of
from two_tower.data import VALIDATION, Array, Data
from two_tower.metrics import BLOCK, to_find, values_of

from . import group
from .retrieval import ItemShard, Search, best_of_all

if TYPE_CHECKING:
    from .worker import Pass

CUTS = (10, 20)
USERS = 8192  # of all workers, searched for at once


def validated(training: Pass, most: int) -> dict[str, float]:
    """On the validation part; nothing where there is none."""
    items = ItemShard(training)
    found = measured(training, VALIDATION, most, {"": items}, items.vectors.shape[1])
    found.pop("users", None)
    return found


def measured(training: Pass, part: int, most: int, searches: dict[str, Search], dim: int) -> dict[str, float]:
    """Means over so many users of all workers at most (one of each at least), each as of the end of the part before, and how many these
    are. Of each search under its name; beside the first one's, what share of its best each other one finds."""
    data = training.data
    users = users_of(data, part, -(-most // group.size()))
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    names = [f"{name}{metric}@{k}" for name in searches for k in CUTS for metric in ("recall", "ndcg")]
    names += [f"{name}found" for name in list(searches)[1:]]
    sums, total = dict.fromkeys(names, 0.0), 0
    # all workers go on until the last of them has no users left
    step = max(1, USERS // group.size())
    for at in range(0, max(group.numbers(len(users))), step):
        block = users[at : at + step]
        pairs = [to_find(data, user, part, counts) for user in block]
        kept = [row for row, (wanted, _) in enumerate(pairs) if len(wanted) > 0]
        asked = block[kept]
        vectors = training.embed("user", users_as_of(data, asked, part - 1)) if len(asked) > 0 else np.zeros((0, dim), np.float32)
        total += len(asked)
        first: Array | None = None
        for name, search in searches.items():
            _, items = best_of_all(search, vectors, [pairs[row][1] for row in kept], max(CUTS))
            for found, row in zip(items, kept):
                wanted = pairs[row][0]
                for metric, value in values_of(np.isin(found, wanted), len(wanted), CUTS).items():
                    sums[name + metric] += value
            if first is None:
                first = items
            else:
                sums[f"{name}found"] += sum(shared(best, found) for best, found in zip(first, items))
    *numbers, asked_for = group.total(np.array([*sums.values(), total]))
    return {} if asked_for == 0 else {"users": float(asked_for), **{name: float(value / asked_for) for name, value in zip(names, numbers)}}


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
    mine = group.my_share(rows)
    blocks = [training.embed("item", item_features(training.data, mine[at : at + BLOCK])) for at in range(0, len(mine), BLOCK)]
    vectors = np.concatenate(blocks) if blocks else np.zeros((0, training.spec["item"]["output"]), np.float32)
    found: Array = group.gathered(torch.from_numpy(vectors), group.shares(len(rows))).numpy()
    return found

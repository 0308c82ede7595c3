"""The validation part: each worker ranks all items for some of its users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from two_tower.batches import item_features, users_as_of
from two_tower.data import TRAIN, VALIDATION, Array, Data
from two_tower.metrics import BLOCK, by_user

from . import group

if TYPE_CHECKING:
    from .worker import Pass


def validated(training: Pass, most: int) -> dict[str, float]:
    """Means over at most so many users of all workers; none where there is no validation part."""
    data = training.data
    users = users_of(data, most // group.size())
    items = gathered_items(training, np.arange(len(data.items.ids)))
    vectors = [training.embed("user", users_as_of(data, users[at : at + BLOCK], TRAIN)) for at in range(0, len(users), BLOCK)]
    found = by_user(data, np.concatenate(vectors) if vectors else np.zeros((0, items.shape[1])), items, VALIDATION, users=users)
    sums = group.total(np.array([[values.sum(), len(values)] for values in found.values()]).reshape(-1, 2))
    return {name: float(total / count) for name, (total, count) in zip(found, sums) if count > 0}


def users_of(data: Data, most: int) -> Array:
    """Of a worker: users with something to find, an even choice where there are more."""
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    users = np.unique(data.user[(data.part == VALIDATION) & counts])
    chosen: Array = users if len(users) <= most else users[np.linspace(0, len(users) - 1, most).astype(np.int64)]
    return chosen


def gathered_items(training: Pass, rows: Array) -> Array:
    """Vectors of items [rows × dim], of which each worker embeds its share."""
    mine = group.my_share(rows)
    blocks = [training.embed("item", item_features(training.data, mine[at : at + BLOCK])) for at in range(0, len(mine), BLOCK)]
    vectors = np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
    found: Array = group.gathered(torch.from_numpy(vectors), group.shares(len(rows))).numpy()
    return found

"""Which rows of a table lie in which shard, and where there. It depends on the number of shards alone, never on that of the workers."""

from __future__ import annotations

import numpy as np

from two_tower.data import Array

BLOCK = 64  # rows that stay together: block b lies in shard b modulo their number


def shard_of(rows: Array, shards: int) -> Array:
    """The shard of each row."""
    found: Array = rows // BLOCK % shards
    return found


def place_of(rows: Array, shards: int) -> Array:
    """Where each row stands in its shard's part of the table."""
    found: Array = rows // (BLOCK * shards) * BLOCK + rows % BLOCK
    return found


def rows_in(shard: int, shards: int, total: int) -> Array:
    """The rows of a table of `total` that lie in a shard, in the order they stand there."""
    blocks = np.arange(shard, -(-total // BLOCK), shards, dtype=np.int64)
    rows: Array = (blocks[:, None] * BLOCK + np.arange(BLOCK)).reshape(-1)
    return rows[rows < total]

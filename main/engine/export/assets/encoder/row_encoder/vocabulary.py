"""Values to rows of an embedding table: row 0 is unknown; a hashed table knows every value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .murmur import hash_row


def row_lookup(vocabulary: dict[str, Any]) -> Callable[[str], int]:
    """The function from value to row."""
    if "buckets" in vocabulary:
        buckets: int = vocabulary["buckets"]
        return lambda value: hash_row(value, buckets)
    rows = {value: row for row, value in enumerate(vocabulary["values"], start=1)}
    return lambda value: rows.get(value, 0)

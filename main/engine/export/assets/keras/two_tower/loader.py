"""Batches for `fit`, of any backend: examples with the candidates that they are told from, as dictionaries of arrays of one shape."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from .candidates import Batch, Candidates
from .data import Array, Data
from .epochs import epoch_of
from .features import item_features, user_features


def batch_of(data: Data, positions: Array, drawn: Batch, hide: np.random.Generator | None = None) -> dict[str, Any]:
    """Of the examples at `positions`: features of users [B] and items, and what the loss reads beside their vectors (candidates.py)."""
    users = data.user[positions]
    return {
        "users": user_features(data, users, data.context_at(positions), hide, fixed=True),
        "items": item_features(data, drawn.items, hide, fixed=True),
        "weight": drawn.weight,
        "positive_bias": drawn.positive_bias,
        "shared_bias": drawn.shared_bias,
        "shared_met": drawn.shared_met,
        "own_bias": drawn.own_bias,
        "own_met": drawn.own_met,
        "inverse_count": drawn.inverse_count,
        "group": drawn.group.astype(np.int32),
    }


class Batches(keras.utils.PyDataset):
    """An epoch's batches, drawn anew after each. What one draws depends on the seed and its examples, not on who asks for it when."""

    def __init__(self, data: Data, candidates: Candidates, seed: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data, self.candidates, self.seed, self.examples, self.epoch = data, candidates, seed, data.examples(), -1
        self.on_epoch_end()
        self.size: int = min(data.spec["training"]["batchSize"], len(self.order))

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self.order = epoch_of(self.data, self.examples, np.random.default_rng([self.seed, self.epoch]))

    def __len__(self) -> int:
        return len(self.order) // self.size

    def __getitem__(self, place: int) -> dict[str, Any]:
        positions = self.order[place * self.size : (place + 1) * self.size]
        generator = np.random.default_rng([self.seed, int(positions[0]), int(positions[-1])])
        return batch_of(self.data, positions, self.drawn(positions, generator), generator)

    def drawn(self, positions: Array, generator: np.random.Generator) -> Batch:
        """Candidates of some examples."""
        return self.candidates.draw(positions, self.data.user[positions], self.data.item[positions], generator)

    def fixed(self, batches: int = 20) -> list[dict[str, Any]]:
        """Some batches that stay the same, without hidden ids: what continued training is to lower the loss of."""
        generator = np.random.default_rng(7)
        picked = generator.permutation(self.examples)
        parts = [picked[i * self.size : (i + 1) * self.size] for i in range(max(1, min(batches, len(picked) // self.size)))]
        return [batch_of(self.data, part, self.drawn(part, generator)) for part in parts]

"""From data/ to tensors: features of some users or items, and a Dataset whose batches a DataLoader makes.

loader = DataLoader(examples, batch_size, sampler=..., collate_fn=Batches(data, candidates, seed), num_workers=2)
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .candidates import Batch, Candidates
from .data import VALIDATION, Array, Context, Data, Moment, Side
from .epochs import epoch_of
from .model import input_name
from .towers import Features


def user_features(data: Data, users: Array, context: Context, hide: np.random.Generator | None = None) -> Features:
    """Of users at a moment: with `hide`, some ids are unknown, so that new users have a trained row."""
    ages, moments = context
    features = entity_features(data, "user", data.users, users, ages, hide)
    for moment in moments:
        features.update(moment_features(moment))
    return features


def users_as_of(data: Data, users: Array, last_part: int = VALIDATION) -> Features:
    """Of users with all they did up to a part (0 train, 1 validation)."""
    return user_features(data, users, data.context_of(users, last_part))


def item_features(data: Data, items: Array, hide: np.random.Generator | None = None) -> Features:
    return entity_features(data, "item", data.items, items, None, hide)


def entity_features(data: Data, name: str, side: Side, entities: Array, ages: Array | None, hide: np.random.Generator | None) -> Features:
    features: Features = {}
    dense = side.dense[entities] if ages is None else np.concatenate([side.dense[entities], ages], axis=1)
    if dense.shape[1] > 0:
        features["dense"] = torch.from_numpy(dense)
    for bag, layout in zip(side.bags, data.encoders[f"{name}Layout"]["bags"]):
        indices, begins = bag.of(entities)
        if hide is not None and bag.unknown_rate > 0:
            indices = np.where(hide.random(len(indices)) < bag.unknown_rate, 0, indices)
        features.update(pooled(input_name(name, layout), indices, begins))
    return features


def moment_features(moment: Moment) -> Features:
    """A history or a clock: pooled, or laid out for the tower that encodes it."""
    name = input_name("user", moment.bag)
    if "sequence" not in moment.bag:
        return pooled(name, moment.indices, moment.begins)
    sequence, places = moment.bag["sequence"], moment.padded()

    def laid(values: Array) -> Tensor:
        out = np.zeros((len(moment.begins) - 1, sequence["length"]), np.int64)
        out[places] = values
        return torch.from_numpy(out)

    features = {f"{name}.items": laid(moment.indices), f"{name}.length": torch.from_numpy(np.diff(moment.begins))}
    codes = {"age": moment.ages, "event": moment.events}
    return features | {f"{name}.{each}": laid(values) for each, values in codes.items() if each in sequence["inputs"]}


def pooled(name: str, indices: Array, begins: Array) -> Features:
    return {
        f"{name}.indices": torch.from_numpy(indices.astype(np.int64)),
        f"{name}.offsets": torch.from_numpy(begins[:-1].astype(np.int64)),
    }


@dataclass
class TrainingBatch:
    """B examples, the candidates that they are told from, and what corrects their scores (candidates.py)."""

    users: Features
    items: Features
    weight: Tensor
    positive_bias: Tensor
    shared: slice
    shared_bias: Tensor
    shared_met: Tensor
    own: int
    own_bias: Tensor
    own_met: Tensor
    inverse_count: Tensor
    group: Tensor

    def to(self, device: torch.device) -> TrainingBatch:
        return TrainingBatch(**{field.name: moved(getattr(self, field.name), device) for field in fields(self)})


def moved(value: Any, device: torch.device) -> Any:
    """Tensors, also those of a dictionary, to a device; anything else as it is."""
    if isinstance(value, dict):
        return {name: moved(each, device) for name, each in value.items()}
    return value.to(device, non_blocking=True) if isinstance(value, Tensor) else value


class Examples(Dataset[int]):
    """Positions of interactions in data/, in the order of an epoch."""

    def __init__(self, data: Data, seed: int = 1) -> None:
        self.data, self.seed, self.all = data, seed, data.examples()
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draws the epoch's examples and their order; the same in every process."""
        self.order = epoch_of(self.data, self.all, np.random.default_rng([self.seed, epoch]))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: int) -> int:
        return int(self.order[place])


class Batches:
    """Makes a batch of positions: a `collate_fn`. What it draws depends on the seed and the batch, not on the worker that makes it."""

    def __init__(self, data: Data, candidates: Candidates, seed: int, training: bool = True) -> None:
        self.data, self.candidates, self.seed, self.training = data, candidates, seed, training

    def __call__(self, examples: list[int]) -> TrainingBatch:
        positions = np.asarray(examples)
        generator = np.random.default_rng([self.seed, int(positions[0]), int(positions[-1])])
        data, hide = self.data, generator if self.training else None
        users = data.user[positions]
        drawn = self.candidates.draw(positions, users, data.item[positions], generator)
        return training_batch(user_features(data, users, data.context_at(positions), hide), item_features(data, drawn.items, hide), drawn)


def training_batch(users: Features, items: Features, drawn: Batch, shared: slice | None = None) -> TrainingBatch:
    """What the loss reads, as tensors. `shared`: where the candidates of every row stand among the item vectors, if not where they were
    drawn."""
    return TrainingBatch(
        users,
        items,
        torch.from_numpy(drawn.weight),
        torch.from_numpy(drawn.positive_bias),
        drawn.shared if shared is None else shared,
        torch.from_numpy(drawn.shared_bias),
        torch.from_numpy(drawn.shared_met),
        drawn.own,
        torch.from_numpy(drawn.own_bias),
        torch.from_numpy(drawn.own_met),
        torch.from_numpy(drawn.inverse_count),
        torch.from_numpy(drawn.group),
    )

"""A worker's rows of a batch: examples of its own users, told from the candidates of all workers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from safetensors.numpy import load_file

from two_tower.batches import TrainingBatch, item_features, training_batch, user_features
from two_tower.candidates import Candidates
from two_tower.data import Array, Data
from two_tower.epochs import epoch_of, factor
from two_tower.towers import Features

from . import group
from .errors import JobError

Draw = tuple[Array, Array]  # candidates of all rows [N], and of each row its own [B·n]


@dataclass
class Step:
    """Of a worker: the positions of its examples, what is drawn for them, and what the learning rates are multiplied by."""

    positions: Array
    drawn: Draw
    factor: float


class Steps(Protocol):
    """The steps of a pass."""

    per_epoch: int

    def at(self, epoch: int, step: int) -> Step:
        """`step` within `epoch`, both from 0."""
        ...


class Shuffled:
    """Each worker's own examples, shuffled every epoch. `curve`: epochs and steps of the pass whose learning rates are followed."""

    def __init__(self, data: Data, candidates: Candidates, rows: int, epochs: int, curve: tuple[int, int] | None = None) -> None:
        self.data, self.candidates, self.rows = data, candidates, rows
        self.seed: int = data.spec["training"]["seed"]
        self.all = data.examples()
        # a worker with more examples than another would wait for it for ever
        self.per_epoch = group.least(len(self.order(0)) // rows)
        if self.per_epoch == 0:
            raise JobError(f"A worker has fewer than {rows} examples, its share of a batch: ask for fewer workers or a smaller batch.")
        self.curve = curve or (epochs, self.per_epoch)
        self.epoch = -1
        self.positions = self.all

    def order(self, epoch: int) -> Array:
        return epoch_of(self.data, self.all, np.random.default_rng([self.seed, epoch, group.rank()]))

    def at(self, epoch: int, step: int) -> Step:
        if epoch != self.epoch:
            self.epoch, self.positions = epoch, self.order(epoch)
        number = epoch * self.per_epoch + step
        positions = self.positions[step * self.rows : (step + 1) * self.rows]
        epochs, per_epoch = self.curve
        place = (number + 1) * per_epoch / self.per_epoch
        rate = factor(self.data.spec["training"]["schedule"], place, per_epoch, per_epoch * epochs)
        # what all rows are told from is the same for all workers
        shared = self.candidates.drawn_items(np.random.default_rng([self.seed, number]))
        own = self.candidates.own_items(self.rows, np.random.default_rng([self.seed, number, 1 + group.rank()]))
        return Step(positions, (shared, own), rate)


class Recorded:
    """Steps that Pylon wrote down, of which each worker takes its share of the rows; it must hold the data of all users."""

    def __init__(self, file: Path) -> None:
        self.steps = load_file(file)
        self.per_epoch = len(self.steps["positions"])

    def at(self, epoch: int, step: int) -> Step:
        positions = self.steps["positions"][step]
        own = self.steps["own"][step].reshape(len(positions), -1)
        places = group.my_share(np.arange(len(positions)))
        return Step(positions[places], (self.steps["drawn"][step], own[places].reshape(-1)), float(self.steps["factor"][step]))


@dataclass
class Rows:
    """Features of a worker's users and items, and how its part of the loss is made up of the vectors of all."""

    users: Features
    items: Features
    batch: TrainingBatch
    positives: list[int]  # rows of each worker
    drawn: list[int]  # candidates of all rows that each worker embeds


def rows_of(data: Data, candidates: Candidates, step: Step, hide: np.random.Generator | None) -> Rows:
    """A worker's share. The item tower's rows are its positives, its share of what is drawn for all, and what is drawn for its own."""
    positions, (shared, own) = step.positions, step.drawn
    users, positives = data.user[positions], data.item[positions].astype(np.int64)
    rows, whole = len(positions), group.gathered_numbers(positives)
    made = candidates.batch(positions, users, positives, whole, shared, own)
    user_rows = user_features(data, users, data.context_at(positions), hide)
    item_rows = item_features(data, np.concatenate([positives, group.my_share(shared), own]).astype(np.int64), hide)
    batch = training_batch(user_rows, item_rows, made, slice(rows, rows + made.shared_met.shape[1]))
    return Rows(user_rows, item_rows, batch, [rows] * group.size(), group.shares(len(shared)))


def candidates_of_all(rows: Rows, items: torch.Tensor, in_batch: bool) -> torch.Tensor:
    """The item vectors that the loss reads: a worker's positives, the candidates of all rows, and its own ones."""
    mine, drawn = rows.positives[group.rank()], rows.drawn[group.rank()]
    positives, share, own = items[:mine], items[mine : mine + drawn], items[mine + drawn :]
    shared = [group.gathered(positives, rows.positives)] if in_batch else []
    if sum(rows.drawn) > 0:
        shared.append(group.gathered(share, rows.drawn))
    return torch.cat([positives, *shared, own])

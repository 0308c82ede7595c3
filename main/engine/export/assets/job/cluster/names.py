"""Dense weights by Pylon's names, in and out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from two_tower.checkpoint import Places, arrived_places, fill
from two_tower.data import Array
from two_tower.model import TwoTower

from .errors import reading


def dense_places(model: TwoTower) -> Places:
    return {name: places for name, places in arrived_places(model).items() if name.startswith("dense:")}


def load_dense(places: Places, file: Path) -> None:
    """@raises JobError where the file cannot be read, KeyError where it is of another model"""
    with reading(file):
        tensors = load_file(file)
    for name, targets in places.items():
        fill(targets, tensors[name])


def dense_arrays(places: Places, like: dict[str, Array]) -> dict[str, Array]:
    """As they are now, in the shapes of the arrays that they came from."""
    found: dict[str, Array] = {}
    for name, targets in places.items():
        parts = [weight.detach().numpy() for weight, _ in targets]
        parts = [part.T if turned else part for part, (_, turned) in zip(parts, targets)]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        found[name] = np.ascontiguousarray(whole).reshape(like[name].shape)
    return found

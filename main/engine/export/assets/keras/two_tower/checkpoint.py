"""Weights in and out, by Pylon's names: those that came with the project (weights.safetensors), those of train.py (trained.safetensors)."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import numpy as np
from safetensors.numpy import load_file, save_file

from .data import Data
from .grown import lengthened, overlaid
from .model import TwoTower

ARRIVED, TRAINED = "weights.safetensors", "trained.safetensors"


def weights_file(data: Data) -> Path:
    """What the model is now: what train.py kept, else what came with the project."""
    trained = data.model / TRAINED
    return trained if trained.exists() else data.model / ARRIVED


def load_model(data: Data, partly: bool = False, anew: bool = False) -> TwoTower:
    """The model of a project. With `partly`, weights that do not fit are random, but for what was learned of a layer that is wider now (new
    inputs come last); with `anew` all that is trained. A table that has grown
    begins with the row of the unknown in its new rows. @raises ValueError where the weights are of another model"""
    file, model = weights_file(data), TwoTower(data.spec, data.encoders)
    tensors, named = load_file(file), model.named()
    for name, table in model.tables.items():
        if f"table:{name}" in tensors:
            tensors[f"table:{name}"] = lengthened(tensors[f"table:{name}"], table.shape[0])
    fits = {name for name, weight in named.items() if name in tensors and tensors[name].size == np.prod(weight.shape, dtype=int)}
    if not partly and not (fits == set(named) == set(tensors)):
        differing = sorted((set(named) | set(tensors)) - fits)[:5]
        raise ValueError(f"{file} is of another model, as {differing} show: after a change of the model train with --partly.")
    for name in fits:
        if not (anew and named[name].trainable):
            named[name].assign(tensors[name].reshape(tuple(named[name].shape)))
    for name in (set(named) & set(tensors)) - fits:
        if not anew:
            named[name].assign(overlaid(np.asarray(keras.ops.convert_to_numpy(named[name])), tensors[name]))
    return model


def save_model(model: TwoTower, data: Data) -> None:
    """As the model of this data from now on; whole or not at all: a reader never sees half a file."""
    path = data.folder / TRAINED
    part = path.with_suffix(".part")
    save_file({name: np.ascontiguousarray(weight.numpy()) for name, weight in model.named().items()}, part)
    os.replace(part, path)
    data.model = data.folder

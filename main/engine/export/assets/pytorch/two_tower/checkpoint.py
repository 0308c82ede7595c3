"""Weights in and out: those that came with the project, by Pylon's names in weights.safetensors, and those of train.py, by the names of
`model.named_parameters()` in trained.safetensors. Nothing is unpickled."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn

from .data import Array, Data
from .grown import lengthened, overlaid
from .history import GRU, Attention, ShortLong, Transformer
from .model import TwoTower
from .towers import Block, History, Tower

ARRIVED, TRAINED = "weights.safetensors", "trained.safetensors"


def weights_file(data: Data) -> Path:
    """What the model is now: what train.py kept, else what came with the project."""
    trained = data.model / TRAINED
    return trained if trained.exists() else data.model / ARRIVED


def load_model(data: Data, sparse: bool = True, partly: bool = False, anew: bool = False) -> TwoTower:
    """The model of a project. With `partly`, weights that do not fit are random, but for what was learned of a layer that is wider now (new
    inputs come last); with `anew` all that is trained. A table that has grown
    begins with the row of the unknown in its new rows. @raises ValueError where the weights are of another model"""
    file = weights_file(data)
    model, tensors = TwoTower(data.spec, data.encoders, sparse), load_file(file)
    own: Places = {name: [(weight, False)] for name, weight in model.named_parameters()}
    places = arrived_places(model) if file.name == ARRIVED else own
    tables = {id(table) for table in model.table_names.values()}
    for name, targets in places.items():
        if name in tensors and id(targets[0][0]) in tables:
            tensors[name] = lengthened(tensors[name], len(targets[0][0]))
    fits = {name for name, targets in places.items() if name in tensors and tensors[name].size == sum(each.numel() for each, _ in targets)}
    if not partly and not (fits == set(places) == set(tensors)):
        differing = sorted((set(places) | set(tensors)) - fits)[:5]
        raise ValueError(f"{file} is of another model, as {differing} show: after a change of the model train with --partly.")
    fixed = {id(weight) for weight in model.parameters() if not weight.requires_grad}
    for name in fits:
        targets = places[name]
        if not anew or id(targets[0][0]) in fixed:
            fill(targets, tensors[name])
    for name in (set(places) & set(tensors)) - fits:
        weight, turned = places[name][0]
        if not anew and len(places[name]) == 1:
            now = weight.detach().numpy()
            fill(places[name], overlaid(now.T if turned else now, tensors[name]))
    return model


def save_model(model: TwoTower, data: Data) -> None:
    """As the model of this data from now on; whole or not at all: a reader never sees half a file."""
    path = data.folder / TRAINED
    part = path.with_suffix(".part")
    save_file({name: np.ascontiguousarray(weight.detach().cpu().numpy()) for name, weight in model.named_parameters()}, part)
    os.replace(part, path)
    data.model = data.folder


@torch.no_grad()
def fill(targets: list[tuple[Tensor, bool]], array: Array) -> None:
    """The weights that an array holds side by side."""
    for (weight, turned), part in zip(targets, split(array, [weight for weight, _ in targets])):
        weight.copy_(torch.from_numpy(np.ascontiguousarray(part.T if turned else part)).reshape(weight.shape))


# Where an array of weights.safetensors goes: the weight, and whether it is turned (Pylon has [in × out], torch [out × in]). Several weights
# lie side by side in one array.
Places = dict[str, list[tuple[Tensor, bool]]]


def split(array: Array, weights: list[Tensor]) -> list[Array]:
    return [array] if len(weights) == 1 else np.split(array, len(weights), axis=-1)


def arrived_places(model: TwoTower) -> Places:
    """Of every array in weights.safetensors."""
    places: Places = {f"table:{name}": [(table, False)] for name, table in model.table_names.items()}
    for side, tower in (("user", model.user_tower), ("item", model.item_tower)):
        places.update({f"dense:{side}.{name}": found for name, found in tower_places(tower).items()})
    for feature in model.user_tower.inputs.children():
        if isinstance(feature, History):
            name = feature.items[: -len(".items")]
            places.update({f"dense:user.sequence.{name}.{part}": found for part, found in history_places(feature).items()})
    if model.log_temperature.requires_grad:
        places["dense:log_temperature"] = [(model.log_temperature, False)]
    return places


def linear(name: str, layer: nn.Linear) -> Places:
    return {f"{name}kernel": [(layer.weight, True)], f"{name}bias": [(layer.bias, False)]}


def norm(name: str, layer: nn.LayerNorm) -> Places:
    return {f"{name}gain": [(layer.weight, False)], f"{name}offset": [(layer.bias, False)]}


def tower_places(tower: Tower) -> Places:
    places: Places = {}
    for i, block in enumerate(tower.hidden.children()):
        assert isinstance(block, Block)
        places.update(linear(f"hidden{i}.", block.linear))
        if isinstance(block.norm, nn.LayerNorm):
            places.update(norm(f"hidden{i}.", block.norm))
    if isinstance(tower.output, nn.Linear):
        places.update(linear("output.", tower.output))
    return places


def history_places(history: History) -> Places:
    places: Places = {} if history.position is None else {"position": [(history.position, False)]}
    if history.age is not None:
        places["age"] = [(history.age.weight, False)]
    if history.event is not None:
        places["event"] = [(history.event.weight, False)]
    encoder = history.encoder
    if isinstance(encoder, Attention):
        places.update(attention_places("", encoder))
    elif isinstance(encoder, ShortLong):
        places.update(attention_places("short.", encoder.attention))
    elif isinstance(encoder, GRU):
        weights = dict(encoder.gru.named_parameters())
        for name, own in (("input", "weight_ih_l0"), ("state", "weight_hh_l0"), ("bias", "bias_ih_l0")):
            reset, update, new = weights[own].detach().chunk(3)
            places[name] = [(part, name != "bias") for part in (update, reset, new)]
    elif isinstance(encoder, Transformer):
        places.update(transformer_places(encoder))
    return places


def attention_places(name: str, attention: Attention) -> Places:
    return linear(name, attention.key) | {f"{name}query": [(attention.query.weight, True)]}


def transformer_places(transformer: Transformer) -> Places:
    places: Places = {}
    for i, layer in enumerate(transformer.layers):
        assert isinstance(layer, nn.TransformerEncoderLayer)
        at, attention = f"layer{i}.", layer.self_attn
        places.update(norm(f"{at}attention.", layer.norm1) | norm(f"{at}inner.", layer.norm2))
        for name, weight in zip(("query", "key", "value"), attention.in_proj_weight.detach().chunk(3)):
            places[f"{at}attention.{name}"] = [(weight, True)]
        places[f"{at}attention.output"] = [(attention.out_proj.weight, True)]
        places.update(linear(f"{at}inner.", layer.linear1) | linear(f"{at}outer.", layer.linear2))
    return places | norm("norm.", transformer.norm)

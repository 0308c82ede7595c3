"""A model whose tables are elsewhere: for each batch it gets the rows that the batch reads, and they alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from two_tower.data import Array, Json
from two_tower.model import TwoTower
from two_tower.towers import Bag, Features, History, Tower

from .shard import Gradients, Rows
from .tables import Tables


class RemoteTwoTower:
    """`model` has tables of one row each, which every call of `look_up` replaces."""

    def __init__(self, spec: Json, encoders: Json) -> None:
        small = [{**table, "rows": 1} for table in encoders["tables"]]
        self.model = TwoTower(spec, {**encoders, "tables": small}, sparse=False)
        self.fixed = {table["name"] for table in encoders["tables"] if table.get("fixed", False)}
        name_of = {id(weight): name for name, weight in self.model.table_names.items()}
        self.readers = {
            side: [(name_of[id(reader.table.weight)], reader) for reader in readers_of(tower)]
            for side, tower in (("user", self.model.user_tower), ("item", self.model.item_tower))
        }
        self.looked_up: dict[str, tuple[Array, nn.Parameter]] = {}
        self.occurred: Rows = {}

    def look_up(self, tables: Tables, features: dict[str, Features]) -> None:
        """Pulls what the features of some sides read, and numbers them by it. The features are changed."""
        held = [(name, reader, features[side], key) for side in features for name, reader in self.readers[side] for key in keys_of(reader)]
        self.occurred = {}
        for name, reader, given, key in held:
            rows = given[key].numpy().reshape(-1)
            # row 0 stands in the empty places of a history, which train nothing
            rows = rows[rows > 0] if isinstance(reader, History) else rows
            self.occurred[name] = np.union1d(self.occurred.get(name, np.zeros(0, np.int64)), rows)
        # and stays row 0
        wanted = {name: np.union1d(rows, [0]) for name, rows in self.occurred.items()}
        found = tables.pull(wanted)
        self.looked_up = {}
        for name, values in found.items():
            self.looked_up[name] = (wanted[name], nn.Parameter(torch.from_numpy(values), name not in self.fixed))
        for name, reader, given, key in held:
            given[key] = torch.from_numpy(np.searchsorted(wanted[name], given[key].numpy()))
            reader.table.weight = self.looked_up[name][1]

    def gradients(self) -> Gradients:
        """Of the trained rows that occurred in the last batch."""
        found: Gradients = {}
        for name, (rows, weight) in self.looked_up.items():
            if weight.requires_grad and weight.grad is not None:
                occurred = self.occurred[name]
                found[name] = (occurred, weight.grad.numpy()[np.searchsorted(rows, occurred)])
        return found

    def embed(self, tables: Tables, side: str, features: Features) -> Tensor:
        """Vectors [n × dim], as the model is used and not as it is trained."""
        was_training = self.model.training
        self.model.eval()
        self.look_up(tables, {side: features})
        with torch.no_grad():
            vectors: Tensor = self.model.get_submodule(f"{side}_tower")(features)
        self.model.train(was_training)
        return vectors


def readers_of(tower: Tower) -> Iterator[Bag | History]:
    for each in tower.inputs.children():
        if isinstance(each, (Bag, History)):
            yield each


def keys_of(reader: Bag | History) -> list[str]:
    """Of the features that hold rows of its table."""
    return [reader.indices if isinstance(reader, Bag) else reader.items]

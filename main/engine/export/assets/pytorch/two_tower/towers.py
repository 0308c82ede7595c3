"""A tower: features that become blocks of numbers, laid side by side, and an MLP over them.

Features come as a dictionary of tensors by name, so that a tower is one call for n users or items: `dense` [n × width],
`NAME.indices` and `NAME.offsets` of a bag (as nn.EmbeddingBag takes them), `NAME.items` [n × length] and `NAME.length` [n] of a history
that is encoded in its tower, with `NAME.age` and `NAME.event` where it reads them.
"""

import keyword
import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import AGE_CODES, Json
from .history import history_encoder
from .norm import LayerNorm

Features = dict[str, Tensor]


class Dense(nn.Module):
    """Numbers as they are."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        return features[self.name]


class Bag(nn.Module):
    """The mean of some rows of a table; an empty bag is zeros."""

    def __init__(self, name: str, weight: nn.Parameter, sparse: bool) -> None:
        super().__init__()
        self.indices, self.offsets = f"{name}.indices", f"{name}.offsets"
        self.table = nn.EmbeddingBag(weight.shape[0], weight.shape[1], mode="mean", sparse=sparse, device="meta")
        self.table.weight = weight

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        pooled: Tensor = self.table(features[self.indices], features[self.offsets])
        return pooled


class History(nn.Module):
    """A user's earlier items, each with its position, age and event where the spec says so, encoded to one vector."""

    def __init__(self, name: str, weight: nn.Parameter, sequence: Json, sparse: bool) -> None:
        super().__init__()
        dim = weight.shape[1]
        self.items, self.length = f"{name}.items", f"{name}.length"
        self.age_name, self.event_name = f"{name}.age", f"{name}.event"
        # row 0 stands in empty places, which train nothing
        self.table = nn.Embedding(weight.shape[0], dim, padding_idx=0, sparse=sparse, device="meta")
        self.table.weight = weight
        inputs = sequence["inputs"]
        self.position = nn.Parameter(torch.zeros(sequence["length"], dim)) if "position" in inputs else None
        self.age = nn.Embedding(AGE_CODES, dim) if "age" in inputs else None
        self.event = nn.Embedding(sequence["events"] + 1, dim) if "event" in inputs else None
        self.encoder, self.width = history_encoder(sequence, dim)

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        x: Tensor = self.table(features[self.items])
        if self.position is not None:
            x = x + self.position
        if self.age is not None:
            x = x + self.age(features[self.age_name])
        if self.event is not None:
            x = x + self.event(features[self.event_name])
        encoded: Tensor = self.encoder(x, features[self.length])
        return encoded


ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh, "silu": nn.SiLU, "linear": nn.Identity}


class Block(nn.Module):
    """Linear, norm, activation, dropout; around them a residual where the widths agree."""

    def __init__(self, width: int, out: int, spec: Json) -> None:
        super().__init__()
        self.linear = nn.Linear(width, out)
        self.norm = LayerNorm(out) if spec["layerNorm"] else nn.Identity()
        self.activation = ACTIVATIONS[spec["activation"]]()
        self.dropout = nn.Dropout(float(spec["dropout"]))
        self.residual = bool(spec["residual"] and width == out)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.dropout(self.activation(self.norm(self.linear(x))))
        return x + h if self.residual else h


class Tower(nn.Module):
    """n users or items to vectors [n × dim]; of length 1 where `normalise`."""

    def __init__(self, inputs: list[tuple[str, nn.Module]], width: int, spec: Json, embedding_dropout: float, normalise: bool) -> None:
        super().__init__()
        widths = [width, *spec["hidden"]]
        self.inputs = nn.ModuleDict(dict(zip(module_names(name for name, _ in inputs), (feature for _, feature in inputs))))
        self.embedding_dropout = nn.Dropout(float(embedding_dropout))
        self.hidden = nn.Sequential(*[Block(a, b, spec) for a, b in zip(widths, widths[1:])])
        self.output = nn.Identity() if spec["output"] is None else nn.Linear(widths[-1], spec["output"])
        self.normalise = normalise

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        blocks: list[Tensor] = []
        for feature in self.inputs.values():
            blocks.append(feature(features))
        x: Tensor = self.output(self.hidden(self.embedding_dropout(torch.cat(blocks, 1))))
        return F.normalize(x, dim=1, eps=1e-6) if self.normalise else x


def module_names(names: Iterable[str]) -> list[str]:
    """Names as Python identifiers, each once: `release year` is `release_year`; one that nn.ModuleDict has itself ends with `_`."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII)
        while plain in found or keyword.iskeyword(plain) or hasattr(nn.ModuleDict, plain) or plain == "training":
            plain += "_"
        found.append(plain)
    return found

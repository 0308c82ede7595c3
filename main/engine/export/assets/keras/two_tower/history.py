"""History encoders: from the embeddings of a user's earlier items, most recent first, to one vector. x [rows × length × dim], mask
[rows × length]."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from .backend import Tensor
from .data import AGE_CODES, Json

FORBIDDEN = -1e9  # added to a score: its share is exactly 0, and rows where all is forbidden stay finite

Shapes = dict[str, tuple[int, ...]]


class History(keras.layers.Layer):
    """A user's earlier items, each with its position, age and event where the spec says so. `named` are its weights by Pylon's names."""

    def __init__(self, name: str, bag: Json, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prefix, self.feature = name, bag["feature"]
        sequence = bag["sequence"]
        self.spec: Json = sequence["encoder"]
        self.inputs: list[str] = sequence["inputs"]
        self.length: int = sequence["length"]
        self.dim: int = bag["dim"]
        self.named = {short: self._weight(short, shape) for short, shape in shapes(bag).items()}
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        start = "ones" if name.endswith("gain") else "glorot_uniform" if len(shape) == 2 else "zeros"
        return self.add_weight(name=name.replace(".", "_"), shape=shape, initializer=start)

    def call(self, x: Tensor, features: dict[str, Tensor]) -> Tensor:
        mask = features[f"{self.prefix}.mask"]
        if "position" in self.inputs:
            x = x + self.named["position"]
        for code in ("age", "event"):
            if code in self.inputs:
                x = x + ops.take(self.named[code], features[f"{self.prefix}.{code}"], axis=0)
        kinds: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
            "mean": weighted_mean,
            "recency": self.recency,
            "attention": self.attention,
            "short-long": self.short_long,
            "gru": self.gru,
            "self-attention": self.self_attention,
        }
        return kinds[self.spec["kind"]](x, mask)

    def recency(self, x: Tensor, mask: Tensor) -> Tensor:
        fading = (2.0 ** (-np.arange(self.length) / self.spec["halfLife"])).astype(np.float32)
        return weighted_mean(x, mask * ops.convert_to_tensor(fading))

    def attention(self, x: Tensor, mask: Tensor, prefix: str = "") -> Tensor:
        """Additive: softmax(tanh(x · kernel + bias) · query)."""
        hidden = ops.tanh(ops.matmul(x, self.named[f"{prefix}kernel"]) + self.named[f"{prefix}bias"])
        scores = ops.matmul(hidden, self.named[f"{prefix}query"])[..., 0] + (1 - mask) * FORBIDDEN
        return ops.sum((ops.softmax(scores, axis=1) * mask)[..., None] * x, axis=1)

    def short_long(self, x: Tensor, mask: Tensor) -> Tensor:
        short = min(self.spec["short"], self.length)
        return ops.concatenate([self.attention(x[:, :short], mask[:, :short], "short."), weighted_mean(x, mask)], axis=1)

    def gru(self, x: Tensor, mask: Tensor) -> Tensor:
        """Oldest first, the reset gate after the product as in nn.GRU; padding leaves the state as it is."""
        steps = ops.matmul(x, self.named["input"]) + self.named["bias"]
        state = ops.zeros_like(steps[:, 0, : self.spec["hidden"]])
        for i in reversed(range(self.length)):
            (z, r, n), (hz, hr, hn) = ops.split(steps[:, i], 3, axis=1), ops.split(ops.matmul(state, self.named["state"]), 3, axis=1)
            update, candidate = ops.sigmoid(z + hz), ops.tanh(n + ops.sigmoid(r + hr) * hn)
            state = state + mask[:, i, None] * (1 - update) * (candidate - state)
        return state

    def self_attention(self, x: Tensor, mask: Tensor) -> Tensor:
        """Pre-norm transformer layers; an item reads itself and older ones, which stand after it."""
        places = np.arange(self.length)
        newer = ((places[None, :] < places[:, None]) * FORBIDDEN).astype(np.float32)
        bias = (1 - mask)[:, None, None, :] * FORBIDDEN + ops.convert_to_tensor(newer)
        for layer in range(self.spec["layers"]):
            x = self._layer(f"layer{layer}.", x, bias)
        return self._norm("norm.", x[:, 0]) * mask[:, :1]

    def _layer(self, at: str, x: Tensor, bias: Tensor) -> Tensor:
        heads: int = self.spec["heads"]
        y = self._norm(f"{at}attention.", x)

        def split(name: str) -> Tensor:
            laid = ops.reshape(ops.matmul(y, self.named[f"{at}attention.{name}"]), (-1, self.length, heads, self.dim // heads))
            return ops.transpose(laid, (0, 2, 1, 3))

        scores = ops.matmul(split("query"), ops.transpose(split("key"), (0, 1, 3, 2))) / math.sqrt(self.dim / heads)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores + bias, axis=-1), split("value")), (0, 2, 1, 3))
        x = x + ops.matmul(ops.reshape(mixed, (-1, self.length, self.dim)), self.named[f"{at}attention.output"])
        inner = ops.relu(ops.matmul(self._norm(f"{at}inner.", x), self.named[f"{at}inner.kernel"]) + self.named[f"{at}inner.bias"])
        return x + ops.matmul(inner, self.named[f"{at}outer.kernel"]) + self.named[f"{at}outer.bias"]

    def _norm(self, at: str, x: Tensor) -> Tensor:
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        scale = ops.rsqrt(ops.mean(ops.square(centred), axis=-1, keepdims=True) + 1e-5)
        return centred * scale * self.named[f"{at}gain"] + self.named[f"{at}offset"]


def weighted_mean(x: Tensor, weight: Tensor) -> Tensor:
    return ops.sum(x * weight[..., None], axis=1) / ops.maximum(ops.sum(weight, axis=1, keepdims=True), 1e-9)


def width_of(bag: Json) -> int:
    """Of a history that is encoded."""
    encoder, dim = bag["sequence"]["encoder"], int(bag["dim"])
    return int({"gru": encoder.get("hidden"), "short-long": 2 * dim}.get(encoder["kind"], dim))


def shapes(bag: Json) -> Shapes:
    """Of a history's weights, by their short names in weights.safetensors."""
    sequence, dim = bag["sequence"], bag["dim"]
    encoder = sequence["encoder"]
    rows = {"position": sequence["length"], "age": AGE_CODES, "event": sequence["events"] + 1}
    return {**{name: (rows[name], dim) for name in sequence["inputs"]}, **KINDS[encoder["kind"]](encoder, dim)}


def attention_shapes(encoder: Json, dim: int, prefix: str = "") -> Shapes:
    hidden = encoder["hidden"]
    return {f"{prefix}kernel": (dim, hidden), f"{prefix}bias": (hidden,), f"{prefix}query": (hidden, 1)}


def gru_shapes(encoder: Json, dim: int) -> Shapes:
    hidden = encoder["hidden"]
    return {"input": (dim, 3 * hidden), "state": (hidden, 3 * hidden), "bias": (3 * hidden,)}


def self_attention_shapes(encoder: Json, dim: int) -> Shapes:
    found: Shapes = {}
    inner = encoder["feedForward"] * dim
    for at in (f"layer{layer}." for layer in range(encoder["layers"])):
        found |= {f"{at}{part}.{name}": (dim,) for part in ("attention", "inner") for name in ("gain", "offset")}
        found |= {f"{at}attention.{name}": (dim, dim) for name in ("query", "key", "value", "output")}
        found |= {
            f"{at}inner.kernel": (dim, inner),
            f"{at}inner.bias": (inner,),
            f"{at}outer.kernel": (inner, dim),
            f"{at}outer.bias": (dim,),
        }
    return {**found, "norm.gain": (dim,), "norm.offset": (dim,)}


KINDS: dict[str, Callable[[Json, int], Shapes]] = {
    "mean": lambda encoder, dim: {},
    "recency": lambda encoder, dim: {},
    "attention": attention_shapes,
    "short-long": lambda encoder, dim: attention_shapes(encoder, dim, "short."),
    "gru": gru_shapes,
    "self-attention": self_attention_shapes,
}

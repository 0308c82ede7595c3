"""A tower: features that become blocks of numbers, laid side by side, and an MLP of Keras layers over them. What it reads is named in
features.py."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from .backend import Tensor, Variable
from .data import Json
from .features import inputs_of
from .history import History, width_of


class Block(keras.layers.Layer):
    """Linear, norm, activation, dropout; around them a residual where the widths agree."""

    def __init__(self, width: int, out: int, spec: Json, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.linear = keras.layers.Dense(out)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5) if spec["layerNorm"] else None
        self.activation: str = spec["activation"]
        self.dropout = keras.layers.Dropout(spec["dropout"])
        self.residual = bool(spec["residual"] and width == out)
        self.linear.build((None, width))
        if self.norm is not None:
            self.norm.build((None, out))
        self.dropout.built = self.built = True

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        h = self.linear(x)
        if self.norm is not None:
            h = self.norm(h)
        h = ops.gelu(h, approximate=False) if self.activation == "gelu" else keras.activations.get(self.activation)(h)
        h = self.dropout(h, training=training)
        return h + x if self.residual else h


class Tower(keras.layers.Layer):
    """n users or items to vectors [n × dim]; of length 1 where the match is the cosine."""

    def __init__(self, side: str, spec: Json, encoders: Json, tables: dict[str, Variable], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        layout, own = encoders[f"{side}Layout"], spec[side]
        self.dense_width: int = layout["denseWidth"] + layout["contextDenseWidth"]
        self.bags = [(name, bag["table"], "sequence" in bag) for name, bag in inputs_of(encoders, side)]
        self.tables = {table: tables[table] for _, table, _ in self.bags}
        self.histories = {name: History(name, bag) for name, bag in inputs_of(encoders, side) if "sequence" in bag}
        pooled: int = sum(bag["dim"] for _, bag in inputs_of(encoders, side) if "sequence" not in bag)
        encoded = sum(width_of(bag) for _, bag in inputs_of(encoders, side) if "sequence" in bag)
        widths = [self.dense_width + pooled + encoded, *own["hidden"]]
        self.embedding_dropout = keras.layers.Dropout(spec["training"]["embeddingDropout"])
        self.hidden = [Block(a, b, own) for a, b in zip(widths, widths[1:])]
        self.last = None if own["output"] is None else keras.layers.Dense(own["output"])
        if self.last is not None:
            self.last.build((None, widths[-1]))
        self.normalise: bool = spec["match"]["kind"] == "cosine"
        self.embedding_dropout.built = self.built = True

    def call(self, features: dict[str, Tensor], training: bool = False) -> Tensor:
        blocks = [features["dense"]] if self.dense_width > 0 else []
        for name, table, is_sequence in self.bags:
            rows = ops.take(self.tables[table], features[f"{name}.items" if is_sequence else f"{name}.rows"], axis=0)
            if is_sequence:
                blocks.append(self.histories[name](rows, features))
            else:
                blocks.append(ops.sum(rows * features[f"{name}.weights"][..., None], axis=1))
        x = self.embedding_dropout(ops.concatenate(blocks, axis=1), training=training)
        for block in self.hidden:
            x = block(x, training=training)
        if self.last is not None:
            x = self.last(x)
        return x * ops.rsqrt(ops.sum(ops.square(x), axis=1, keepdims=True) + 1e-12) if self.normalise else x

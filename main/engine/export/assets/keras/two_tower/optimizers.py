"""Optimizers of tables that touch only the rows of a batch, as in Pylon: Keras's own would also decay the moments of all other rows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from .backend import Tensor, Variable, put_rows
from .data import Json


class RowOptimizer:
    """Adam or Adagrad of tables, by `training.tables` of a spec; weight decay is decoupled."""

    def __init__(self, spec: Json, tables: list[Variable]) -> None:
        self.spec, self.tables = spec, tables
        self.learning_rate = keras.Variable(float(spec["learningRate"]), trainable=False, dtype="float32")
        self.step = keras.Variable(0.0, trainable=False, dtype="float32")
        start = float(spec.get("initialAccumulator", 0.0))
        self.first = [keras.Variable(ops.zeros(table.shape), trainable=False) for table in (tables if spec["kind"] == "adam" else [])]
        self.second = [keras.Variable(ops.full(table.shape, start), trainable=False) for table in tables]

    def apply(self, gradients: list[tuple[Tensor, Tensor] | None]) -> None:
        """@param gradients of each table its rows and their gradients"""
        self.step.assign_add(1.0)
        for place, each in enumerate(gradients):
            if each is not None:
                rows, gradient = each
                values = ops.take(self.tables[place], rows, axis=0)
                change = self._change(place, rows, gradient)
                put_rows(self.tables[place], rows, (1 - self.learning_rate * self.spec["weightDecay"]) * values - change)

    def _change(self, place: int, rows: Tensor, gradient: Tensor) -> Tensor:
        spec, old = self.spec, ops.take(self.second[place], rows, axis=0)
        if spec["kind"] == "adagrad":
            second = old + ops.square(gradient)
            put_rows(self.second[place], rows, second)
            return self.learning_rate * gradient / (ops.sqrt(second) + spec["epsilon"])
        b1, b2 = spec["beta1"], spec["beta2"]
        first = b1 * ops.take(self.first[place], rows, axis=0) + (1 - b1) * gradient
        second = b2 * old + (1 - b2) * ops.square(gradient)
        put_rows(self.first[place], rows, first)
        put_rows(self.second[place], rows, second)
        correction = ops.sqrt(1 - ops.power(b2, self.step))
        rate = self.learning_rate * correction / (1 - ops.power(b1, self.step))
        return rate * first / (ops.sqrt(second) + spec["epsilon"] * correction)


def dense_optimizer(spec: Json) -> Any:
    """Of all weights that are no tables."""
    common = {"learning_rate": spec["learningRate"], "epsilon": spec["epsilon"], "weight_decay": spec["weightDecay"]}
    if spec["kind"] == "adam":
        return keras.optimizers.AdamW(beta_1=spec["beta1"], beta_2=spec["beta2"], **common)
    return keras.optimizers.Adagrad(initial_accumulator_value=spec["initialAccumulator"], **common)

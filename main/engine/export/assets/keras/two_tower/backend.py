"""The three things that Keras has no word for on every backend: gradients, those of the rows of a table, and rows put back into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

Tensor = Any
Variable = Any

BACKEND: str = keras.backend.backend()

if BACKEND == "tensorflow":
    import tensorflow as tf

    def gradients(model: Any, loss: Callable[[], Tensor], variables: list[Variable]) -> tuple[Tensor, list[Tensor | None]]:
        """The loss, and its gradient of each variable; None where it has none."""
        with tf.GradientTape() as tape:
            value = loss()
        return value, tape.gradient(value, [variable.value for variable in variables])

    def rows_of(gradient: Tensor) -> tuple[Tensor, Tensor]:
        """The rows of a table that occurred, each once, and their gradients."""
        rows, values = tf.range(tf.shape(gradient)[0]), gradient
        if isinstance(gradient, tf.IndexedSlices):
            rows, place = tf.unique(gradient.indices)
            values = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))
        there = tf.reduce_any(values != 0, axis=1)  # row 0 stands where bags are padded
        return tf.boolean_mask(rows, there), tf.boolean_mask(values, there)

    def put_rows(table: Variable, rows: Tensor, values: Tensor) -> None:
        """Writes rows of a table in place."""
        table.value.scatter_nd_update(rows[:, None], values)

elif BACKEND == "torch":
    import torch

    def gradients(model: Any, loss: Callable[[], Tensor], variables: list[Variable]) -> tuple[Tensor, list[Tensor | None]]:
        """The loss, and its gradient of each variable; None where it has none."""
        model.zero_grad()
        value = loss()
        value.backward()
        return value.detach(), [variable.value.grad for variable in variables]

    def rows_of(gradient: Tensor) -> tuple[Tensor, Tensor]:
        """The rows of a table that occurred, each once, and their gradients."""
        rows = gradient.abs().amax(1).nonzero()[:, 0]
        return rows, gradient[rows]

    def put_rows(table: Variable, rows: Tensor, values: Tensor) -> None:
        """Writes rows of a table in place."""
        with torch.no_grad():
            table.value.data[rows] = values

else:
    raise ImportError(f"The project trains on TensorFlow and on torch, not on {BACKEND}: set KERAS_BACKEND to one of them.")

"""Optimizers of tables that touch only the rows of a batch, as in Pylon: Keras's own would also decay the moments of all other rows.

Gradients come as (distinct rows, their summed gradients), or None.
"""

import numpy as np
import tensorflow as tf


def rows_of(gradient):
    """A gradient of a gathered table as distinct rows and their summed gradients."""
    rows, place = tf.unique(gradient.indices)
    return rows, tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))


class LazyAdam:
    def __init__(self, spec, tables):
        self.spec, self.step = spec, 0
        self.moments = [(tf.Variable(tf.zeros_like(t)), tf.Variable(tf.zeros_like(t))) for t in tables]

    def apply(self, gradients, tables, scale):
        self.step += 1
        b1, b2 = self.spec["beta1"], self.spec["beta2"]
        rate = self.spec["learningRate"] * scale * np.sqrt(1 - b2**self.step) / (1 - b1**self.step)
        epsilon = self.spec["epsilon"] * np.sqrt(1 - b2**self.step)
        for gradient, table, (first, second) in zip(gradients, tables, self.moments):
            if gradient is None:
                continue
            rows, g = gradient
            m = b1 * tf.gather(first, rows) + (1 - b1) * g
            v = b2 * tf.gather(second, rows) + (1 - b2) * g * g
            at = rows[:, None]
            first.scatter_nd_update(at, m)
            second.scatter_nd_update(at, v)
            decay = self.spec["learningRate"] * scale * self.spec["weightDecay"] * tf.gather(table, rows)
            table.scatter_nd_add(at, -decay - rate * m / (tf.sqrt(v) + epsilon))


class LazyAdagrad:
    def __init__(self, spec, tables):
        self.spec = spec
        self.sums = [tf.Variable(tf.fill(t.shape, np.float32(spec["initialAccumulator"]))) for t in tables]

    def apply(self, gradients, tables, scale):
        for gradient, table, sums in zip(gradients, tables, self.sums):
            if gradient is None:
                continue
            rows, g = gradient
            at, total, rate = rows[:, None], tf.gather(sums, rows) + g * g, self.spec["learningRate"] * scale
            sums.scatter_nd_update(at, total)
            decay = rate * self.spec["weightDecay"] * tf.gather(table, rows)
            table.scatter_nd_add(at, -decay - rate * g / (tf.sqrt(total) + self.spec["epsilon"]))


def table_optimizer(spec, tables):
    return {"adam": LazyAdam, "adagrad": LazyAdagrad}[spec["kind"]](spec, tables)

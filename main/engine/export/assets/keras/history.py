"""History encoders: from the embeddings of a user's earlier items, most recent first, to one vector. x [rows × length × dim], mask [rows × length]."""

import math

import keras
import numpy as np
import tensorflow as tf

from sequence_shapes import shapes

FORBIDDEN = -1e9  # added to a score: its share is exactly 0, and rows where all is forbidden stay finite


class HistoryEncoder:
    def __init__(self, bag):
        sequence = bag["sequence"]
        self.spec, self.inputs, self.length, self.dim = sequence["encoder"], sequence["inputs"], sequence["length"], bag["dim"]
        self.weights = {name: keras.Variable(initial(name, shape), dtype="float32") for name, shape in shapes(bag).items()}

    def weight(self, name):
        return tf.convert_to_tensor(self.weights[name].value)

    def __call__(self, x, mask, ages, events):
        if "position" in self.inputs:
            x = x + self.weight("position")
        for name, codes in (("age", ages), ("event", events)):
            if name in self.inputs:
                x = x + tf.gather(self.weight(name), codes)
        return getattr(self, self.spec["kind"].replace("-", "_"))(x, mask)

    def mean(self, x, mask):
        return weighted_mean(x, mask)

    def recency(self, x, mask):
        return weighted_mean(x, mask * (2.0 ** (-np.arange(self.length) / self.spec["halfLife"])).astype(np.float32))

    def attention(self, x, mask, prefix=""):
        """Additive: softmax(tanh(x · kernel + bias) · query)."""
        hidden = tf.tanh(x @ self.weight(f"{prefix}kernel") + self.weight(f"{prefix}bias"))
        scores = (hidden @ self.weight(f"{prefix}query"))[..., 0] + (1 - mask) * FORBIDDEN
        return tf.reduce_sum((tf.nn.softmax(scores, 1) * mask)[..., None] * x, axis=1)

    def short_long(self, x, mask):
        short = min(self.spec["short"], self.length)
        return tf.concat([self.attention(x[:, :short], mask[:, :short], "short."), weighted_mean(x, mask)], axis=1)

    def gru(self, x, mask):
        """Oldest first, the reset gate after the product; padding leaves the state as it is."""
        steps = x @ self.weight("input") + self.weight("bias")
        state = tf.zeros((len(x), self.spec["hidden"]))
        for i in reversed(range(self.length)):
            (z, r, n), (hz, hr, hn) = tf.split(steps[:, i], 3, 1), tf.split(state @ self.weight("state"), 3, 1)
            update, candidate = tf.sigmoid(z + hz), tf.tanh(n + tf.sigmoid(r + hr) * hn)
            state = state + mask[:, i, None] * (1 - update) * (candidate - state)
        return state

    def self_attention(self, x, mask):
        """Pre-norm transformer layers; an item reads itself and older ones, which stand after it."""
        places = np.arange(self.length)
        bias = (1 - mask)[:, None, None, :] * FORBIDDEN + ((places[None, :] < places[:, None]) * FORBIDDEN).astype(np.float32)
        for layer in range(self.spec["layers"]):
            x = self._layer(f"layer{layer}.", x, bias)
        return self._norm("norm.", x[:, 0]) * mask[:, :1]

    def _layer(self, at, x, bias):
        heads = self.spec["heads"]
        y = self._norm(f"{at}attention.", x)
        split = lambda name: tf.transpose(tf.reshape(y @ self.weight(f"{at}attention.{name}"), (len(x), self.length, heads, -1)), (0, 2, 1, 3))
        scores = tf.matmul(split("query"), split("key"), transpose_b=True) / math.sqrt(self.dim / heads)
        mixed = tf.reshape(tf.transpose(tf.nn.softmax(scores + bias) @ split("value"), (0, 2, 1, 3)), (len(x), self.length, self.dim))
        x = x + mixed @ self.weight(f"{at}attention.output")
        inner = tf.nn.relu(self._norm(f"{at}inner.", x) @ self.weight(f"{at}inner.kernel") + self.weight(f"{at}inner.bias"))
        return x + inner @ self.weight(f"{at}outer.kernel") + self.weight(f"{at}outer.bias")

    def _norm(self, at, x):
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        scale = tf.math.rsqrt(tf.reduce_mean(centred**2, -1, keepdims=True) + 1e-5)
        return centred * scale * self.weight(f"{at}gain") + self.weight(f"{at}offset")


def weighted_mean(x, weight):
    return tf.reduce_sum(x * weight[..., None], axis=1) / tf.maximum(tf.reduce_sum(weight, axis=1, keepdims=True), 1e-9)


def initial(name, shape):
    if name.endswith("gain"):
        return np.ones(shape, np.float32)
    return keras.initializers.GlorotUniform()(shape) if len(shape) == 2 else np.zeros(shape, np.float32)

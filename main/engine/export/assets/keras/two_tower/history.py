"""History encoders: from the embeddings of a user's earlier items, most recent first, to one vector. x [rows × length × dim], mask [rows × length]."""

import math

import numpy as np

from .sequence_shapes import shapes
from .tensors import Module, at_least, average, concat, gather, parameter, parameters, permute, relu, reshape, rsqrt, sigmoid, softmax, tanh, tensor, total, zeros

FORBIDDEN = -1e9  # added to a score: its share is exactly 0, and rows where all is forbidden stay finite


class HistoryEncoder(Module):
    def __init__(self, bag):
        super().__init__()
        sequence = bag["sequence"]
        self.spec, self.inputs, self.length, self.dim = sequence["encoder"], sequence["inputs"], sequence["length"], bag["dim"]
        self.weights = parameters({name: initial(name, shape) for name, shape in shapes(bag).items()})

    def weight(self, name):
        return parameter(self.weights, name)

    def encode(self, x, mask, ages, events):
        if "position" in self.inputs:
            x = x + self.weight("position")
        for name, codes in (("age", ages), ("event", events)):
            if name in self.inputs:
                x = x + gather(self.weight(name), codes)
        return getattr(self, self.spec["kind"].replace("-", "_"))(x, mask)

    def mean(self, x, mask):
        return weighted_mean(x, mask)

    def recency(self, x, mask):
        return weighted_mean(x, mask * tensor((2.0 ** (-np.arange(self.length) / self.spec["halfLife"])).astype(np.float32)))

    def attention(self, x, mask, prefix=""):
        """Additive: softmax(tanh(x · kernel + bias) · query)."""
        hidden = tanh(x @ self.weight(f"{prefix}kernel") + self.weight(f"{prefix}bias"))
        scores = (hidden @ self.weight(f"{prefix}query"))[..., 0] + (1 - mask) * FORBIDDEN
        return total((softmax(scores, 1) * mask)[..., None] * x, 1)

    def short_long(self, x, mask):
        short = min(self.spec["short"], self.length)
        return concat([self.attention(x[:, :short], mask[:, :short], "short."), weighted_mean(x, mask)], 1)

    def gru(self, x, mask):
        """Oldest first, the reset gate after the product as in nn.GRU; padding leaves the state as it is."""
        steps = x @ self.weight("input") + self.weight("bias")
        state = zeros((len(x), self.spec["hidden"]))
        for i in reversed(range(self.length)):
            (z, r, n), (hz, hr, hn) = thirds(steps[:, i]), thirds(state @ self.weight("state"))
            update, candidate = sigmoid(z + hz), tanh(n + sigmoid(r + hr) * hn)
            state = state + mask[:, i, None] * (1 - update) * (candidate - state)
        return state

    def self_attention(self, x, mask):
        """Pre-norm transformer layers; an item reads itself and older ones, which stand after it."""
        places = np.arange(self.length)
        bias = (1 - mask)[:, None, None, :] * FORBIDDEN + tensor(((places[None, :] < places[:, None]) * FORBIDDEN).astype(np.float32))
        for layer in range(self.spec["layers"]):
            x = self._layer(f"layer{layer}.", x, bias)
        return self._norm("norm.", x[:, 0]) * mask[:, :1]

    def _layer(self, at, x, bias):
        heads = self.spec["heads"]
        y = self._norm(f"{at}attention.", x)
        split = lambda name: permute(reshape(y @ self.weight(f"{at}attention.{name}"), (len(x), self.length, heads, -1)), (0, 2, 1, 3))
        scores = split("query") @ permute(split("key"), (0, 1, 3, 2)) / math.sqrt(self.dim / heads)
        mixed = reshape(permute(softmax(scores + bias, -1) @ split("value"), (0, 2, 1, 3)), (len(x), self.length, self.dim))
        x = x + mixed @ self.weight(f"{at}attention.output")
        inner = relu(self._norm(f"{at}inner.", x) @ self.weight(f"{at}inner.kernel") + self.weight(f"{at}inner.bias"))
        return x + inner @ self.weight(f"{at}outer.kernel") + self.weight(f"{at}outer.bias")

    def _norm(self, at, x):
        centred = x - average(x, -1, True)
        scale = rsqrt(average(centred**2, -1, True) + 1e-5)
        return centred * scale * self.weight(f"{at}gain") + self.weight(f"{at}offset")


def weighted_mean(x, weight):
    return total(x * weight[..., None], 1) / at_least(total(weight, 1, True), 1e-9)


def thirds(x):
    n = x.shape[1] // 3
    return x[:, :n], x[:, n : 2 * n], x[:, 2 * n :]


def initial(name, shape):
    if name.endswith("gain"):
        return np.ones(shape, np.float32)
    limit = math.sqrt(6 / sum(shape)) if len(shape) == 2 else 0
    return np.random.uniform(-limit, limit, shape).astype(np.float32)

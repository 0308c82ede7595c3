"""History encoders: from the embeddings of a user's earlier items, most recent first, to one vector. x [rows × length × dim], mask [rows × length]."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from sequence_shapes import shapes

FORBIDDEN = -1e9  # added to a score: its share is exactly 0, and rows where all is forbidden stay finite


class HistoryEncoder(nn.Module):
    def __init__(self, bag):
        super().__init__()
        sequence = bag["sequence"]
        self.spec, self.inputs, self.length, self.dim = sequence["encoder"], sequence["inputs"], sequence["length"], bag["dim"]
        self.weights = nn.ParameterDict({name.replace(".", "/"): nn.Parameter(initial(name, shape)) for name, shape in shapes(bag).items()})

    def weight(self, name):
        return self.weights[name.replace(".", "/")]

    def forward(self, x, mask, ages, events):
        if "position" in self.inputs:
            x = x + self.weight("position")
        for name, codes in (("age", ages), ("event", events)):
            if name in self.inputs:
                x = x + self.weight(name)[codes]
        return getattr(self, self.spec["kind"].replace("-", "_"))(x, mask)

    def mean(self, x, mask):
        return weighted_mean(x, mask)

    def recency(self, x, mask):
        return weighted_mean(x, mask * 2 ** (-torch.arange(self.length) / self.spec["halfLife"]))

    def attention(self, x, mask, prefix=""):
        """Additive: softmax(tanh(x · kernel + bias) · query)."""
        hidden = torch.tanh(x @ self.weight(f"{prefix}kernel") + self.weight(f"{prefix}bias"))
        scores = (hidden @ self.weight(f"{prefix}query"))[..., 0] + (1 - mask) * FORBIDDEN
        return ((torch.softmax(scores, 1) * mask)[..., None] * x).sum(1)

    def short_long(self, x, mask):
        short = min(self.spec["short"], self.length)
        return torch.cat([self.attention(x[:, :short], mask[:, :short], "short."), weighted_mean(x, mask)], dim=1)

    def gru(self, x, mask):
        """Oldest first, the reset gate after the product as in nn.GRU; padding leaves the state as it is."""
        steps = x @ self.weight("input") + self.weight("bias")
        state = torch.zeros(len(x), self.spec["hidden"])
        for i in reversed(range(self.length)):
            (z, r, n), (hz, hr, hn) = steps[:, i].chunk(3, 1), (state @ self.weight("state")).chunk(3, 1)
            update, candidate = torch.sigmoid(z + hz), torch.tanh(n + torch.sigmoid(r + hr) * hn)
            state = state + mask[:, i, None] * (1 - update) * (candidate - state)
        return state

    def self_attention(self, x, mask):
        """Pre-norm transformer layers; an item reads itself and older ones, which stand after it."""
        places = torch.arange(self.length)
        bias = (1 - mask)[:, None, None, :] * FORBIDDEN + (places[None, :] < places[:, None]) * FORBIDDEN
        for layer in range(self.spec["layers"]):
            x = self._layer(f"layer{layer}.", x, bias)
        return self._norm("norm.", x[:, 0]) * mask[:, :1]

    def _layer(self, at, x, bias):
        heads = self.spec["heads"]
        y = self._norm(f"{at}attention.", x)
        split = lambda name: (y @ self.weight(f"{at}attention.{name}")).unflatten(-1, (heads, -1)).transpose(1, 2)
        scores = split("query") @ split("key").transpose(2, 3) / math.sqrt(self.dim / heads)
        mixed = (torch.softmax(scores + bias, -1) @ split("value")).transpose(1, 2).flatten(2)
        x = x + mixed @ self.weight(f"{at}attention.output")
        inner = F.relu(self._norm(f"{at}inner.", x) @ self.weight(f"{at}inner.kernel") + self.weight(f"{at}inner.bias"))
        return x + inner @ self.weight(f"{at}outer.kernel") + self.weight(f"{at}outer.bias")

    def _norm(self, at, x):
        return F.layer_norm(x, (self.dim,), self.weight(f"{at}gain"), self.weight(f"{at}offset"), eps=1e-5)


def weighted_mean(x, weight):
    return (x * weight[..., None]).sum(1) / weight.sum(1, keepdim=True).clamp(min=1e-9)


def initial(name, shape):
    if name.endswith("gain"):
        return torch.ones(shape)
    return nn.init.xavier_uniform_(torch.empty(shape)) if len(shape) == 2 else torch.zeros(shape)

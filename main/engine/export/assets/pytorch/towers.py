"""A tower: an MLP over the features that are laid side by side."""

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh, "silu": F.silu, "linear": lambda x: x}


class Dense(nn.Module):
    """x · kernel [in × out] + bias."""

    def __init__(self, width, out):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(width, out))
        self.bias = nn.Parameter(torch.zeros(out))
        nn.init.xavier_uniform_(self.kernel)

    def forward(self, x):
        return x @ self.kernel + self.bias


class Hidden(nn.Module):
    def __init__(self, width, out, spec):
        super().__init__()
        self.linear = Dense(width, out)
        self.norm = nn.LayerNorm(out, eps=1e-5) if spec["layerNorm"] else None
        self.activation = ACTIVATIONS[spec["activation"]]
        self.dropout = nn.Dropout(spec["dropout"])
        self.residual = spec["residual"] and width == out

    def forward(self, x):
        h = self.linear(x)
        if self.norm is not None:
            h = self.norm(h)
        h = self.dropout(self.activation(h))
        return h + x if self.residual else h


class Tower(nn.Module):
    def __init__(self, spec, width, normalise, embedding_dropout):
        super().__init__()
        widths = [width, *spec["hidden"]]
        self.dropout = nn.Dropout(embedding_dropout)
        self.hidden = nn.ModuleList(Hidden(a, b, spec) for a, b in zip(widths, widths[1:]))
        self.last = None if spec["output"] is None else Dense(widths[-1], spec["output"])
        self.normalise = normalise

    def forward(self, x):
        x = self.dropout(x)
        for layer in self.hidden:
            x = layer(x)
        if self.last is not None:
            x = self.last(x)
        return x * torch.rsqrt((x * x).sum(1, keepdim=True) + 1e-12) if self.normalise else x

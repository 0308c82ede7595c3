"""What model.py, losses.py and history.py are written in, by PyTorch; axes are given by place, as in NumPy."""

import numpy as np
import torch
from torch import as_tensor as tensor
from torch import amin as lowest
from torch import atan
from torch import cat as concat
from torch import clamp as at_least
from torch import exp, log, logsumexp, nn, permute, reshape, rsqrt, sigmoid, softmax, tanh, where, zeros
from torch import mean as average
from torch import sum as total
from torch.nn import Module
from torch.nn import ModuleDict as modules
from torch.nn import functional as F
from torch.nn.functional import relu, softplus


def parameters(arrays):
    """Trained tensors by name; a module's name may hold no dot."""
    return nn.ParameterDict({name.replace(".", "/"): nn.Parameter(tensor(np.float32(array))) for name, array in arrays.items()})


tables = parameters


def parameter(of, name):
    return of[name.replace(".", "/")]


def freeze(weight):
    weight.requires_grad_(False)


@torch.no_grad()
def assign(weight, array):
    weight.copy_(tensor(array))


def top(x, k):
    """The k largest of each row, without a gradient."""
    return torch.topk(x.detach(), k).values


def scale_of(norm):
    return norm.weight, norm.bias


def run(tower, x, training):
    return tower.train(training)(x)


def gather(table, rows):
    return table[rows]


def look_up(table, rows):
    """With a sparse gradient."""
    return F.embedding(tensor(rows), table, sparse=True)


def mean_of_bags(table, indices, begins):
    """The mean of each bag's rows, with a sparse gradient; an empty bag is zeros."""
    return F.embedding_bag(tensor(indices.astype(np.int64)), table, tensor(begins[:-1].astype(np.int64)), mode="mean", sparse=True)


def scatter(places, values, shape):
    """Zeros of a shape with values at places [n × 2] of its first two axes."""
    return zeros(shape, dtype=values.dtype).index_put((places[:, 0], places[:, 1]), values)

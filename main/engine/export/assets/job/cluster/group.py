"""What the workers tell each other: sums, and vectors that all of them score by. A worker alone tells nobody anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed

from two_tower.data import Array
from two_tower.parallel import is_parallel as is_parallel
from two_tower.parallel import of_first as of_first
from two_tower.parallel import rank as rank


def size() -> int:
    return distributed.get_world_size() if is_parallel() else 1


def summed(tensor: Tensor) -> Tensor:
    """Over all workers; the tensor itself is changed."""
    if is_parallel():
        distributed.all_reduce(tensor)  # type: ignore[no-untyped-call, unused-ignore]
    return tensor


def total(array: Array) -> Array:
    """Of an array, in float64."""
    found: Array = summed(torch.from_numpy(array.astype(np.float64))).numpy()
    return found


def least(number: int) -> int:
    """Of a number."""
    found = torch.tensor([number])
    if is_parallel():
        distributed.all_reduce(found, distributed.ReduceOp.MIN)  # type: ignore[no-untyped-call, unused-ignore]
    return int(found[0])


def barrier() -> None:
    """Until all are here. A sum, as gloo's own barrier waits for less."""
    summed(torch.zeros(1))


def shares(count: int) -> list[int]:
    """How many of `count` each worker takes, one after the other."""
    return [len(part) for part in np.array_split(np.arange(count), size())]


def my_share(array: Array) -> Array:
    """This worker's of an array that all have."""
    found: Array = np.array_split(array, size())[rank()]
    return found


class _Gathered(torch.autograd.Function):
    """Rows of all workers, in their order. A gradient of a worker's rows comes from all losses."""

    @staticmethod
    def forward(context: Any, rows: Tensor, counts: list[int]) -> Tensor:
        context.counts = counts
        padded = rows.new_zeros((max(counts), *rows.shape[1:]))
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in counts]
        distributed.all_gather(parts, padded)  # type: ignore[no-untyped-call, unused-ignore]
        return torch.cat([part[:count] for part, count in zip(parts, counts)])

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        begin = sum(context.counts[: rank()])
        return summed(gradient.contiguous())[begin : begin + context.counts[rank()]], None


def gathered(rows: Tensor, counts: list[int]) -> Tensor:
    """[Σ counts × …] from [counts[rank] × …] of each worker."""
    if not is_parallel():
        return rows
    found: Tensor = _Gathered.apply(rows, counts)  # type: ignore[no-untyped-call, unused-ignore]
    return found


def numbers(mine: int) -> list[int]:
    """A number of each worker."""
    found: list[int] = gathered_numbers(np.array([mine], np.int64)).tolist()
    return found


def gathered_arrays(mine: list[Array]) -> list[Array]:
    """Any number of arrays of whole numbers of each worker, in their order."""
    lengths = gathered_rows(np.array([len(each) for each in mine], np.int64))
    flat = gathered_rows(np.concatenate([np.zeros(0, np.int64), *mine]))
    return np.split(flat, np.cumsum(lengths)[:-1]) if len(lengths) > 0 else []


def gathered_rows(mine: Array) -> Array:
    """Rows of each worker, who may have different numbers of them."""
    found: Array = gathered(torch.from_numpy(mine), numbers(len(mine))).numpy()
    return found


def gathered_numbers(numbers: Array) -> Array:
    """As many of each worker, in their order."""
    found: Array = gathered(torch.from_numpy(numbers), [len(numbers)] * size()).numpy()
    return found


def average_gradients(weights: Iterable[torch.nn.Parameter]) -> None:
    """In place, one exchange for all."""
    held = [weight.grad if weight.grad is not None else torch.zeros_like(weight) for weight in weights]
    if not held or not is_parallel():
        return
    flat = summed(torch.cat([gradient.reshape(-1) for gradient in held])).div(size())
    at = 0
    for weight, gradient in zip(weights, held):
        weight.grad = flat[at : at + gradient.numel()].reshape(gradient.shape)
        at += gradient.numel()

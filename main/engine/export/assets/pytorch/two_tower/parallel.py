"""One process, or several that torchrun started: each has its share of an epoch's examples, and gradients are averaged (DDP)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import Dataset, DistributedSampler, Sampler, SequentialSampler

from .inference import device_of


@contextmanager
def processes(device: str) -> Iterator[torch.device]:
    """The device of this process, within its group where torchrun started several."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device_of(device)
        return
    found = device_of(device)
    if found.type == "cuda":
        found = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(found)
    distributed.init_process_group("nccl" if found.type == "cuda" else "gloo")
    try:
        yield found
    finally:
        distributed.destroy_process_group()


def is_parallel() -> bool:
    return distributed.is_available() and distributed.is_initialized()


def rank() -> int:
    return distributed.get_rank() if is_parallel() else 0


def of_first(value: Any) -> Any:
    """What the first process has, in all of them."""
    held, broadcast = [value], getattr(distributed, "broadcast_object_list", None)  # torch gives it no types
    if is_parallel() and broadcast is not None:
        broadcast(held)
    return held[0]


def has_sparse_gradients(device: torch.device) -> bool:
    """MPS has no sparse tensors, and NCCL does not average them."""
    return device.type == "cpu" or (device.type == "cuda" and not is_parallel())


def wrapped(model: nn.Module) -> nn.Module:
    return DistributedDataParallel(model) if is_parallel() else model


def share_of(length: int) -> int:
    """How many examples each process takes of all."""
    return length // distributed.get_world_size() if is_parallel() else length


def sampler_of(examples: Dataset[int], length: int) -> Sampler[int]:
    """In the order of the examples, which they draw themselves; of several processes each takes every so manieth."""
    if is_parallel():
        return DistributedSampler(examples, shuffle=False, drop_last=True)
    return SequentialSampler(range(length))

"""Under torchrun on one machine: every process is a worker, and has a shard in a process beside it."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from typing import Any

from torch import distributed

from . import group
from .links import Address, SocketLink
from .local import PROCESSES, run_shard
from .worker import Options, Worker


def train(options: Options, limit_bytes: int | None) -> None:
    """@raises ConnectionError where another worker dies; torchrun begins all of them anew, from the last checkpoint"""
    distributed.init_process_group("gloo")
    key: bytes = group.of_first(os.urandom(32))
    mine, theirs = PROCESSES.Pipe()
    arguments = (options, group.rank(), group.size(), group.size(), limit_bytes, key, theirs)
    shard = PROCESSES.Process(target=run_shard, args=arguments, name=f"shard {group.rank()}", daemon=True)
    shard.start()
    Worker(options, [SocketLink(address, key) for address in addresses_of_all(mine)]).run()
    distributed.destroy_process_group()


def addresses_of_all(mine: Connection) -> list[Address]:
    found: list[Any] = [None] * group.size()
    gather = getattr(distributed, "all_gather_object", None)  # torch gives it no types
    if gather is not None:
        gather(found, mine.recv())
    return found

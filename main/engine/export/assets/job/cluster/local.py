"""On this machine: a process for each shard and each worker, begun anew from the last checkpoint where one dies."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from multiprocessing import current_process, get_context, parent_process
from multiprocessing.connection import Connection, Listener
from multiprocessing.context import SpawnProcess

from torch import distributed

from .errors import JobError
from .links import Address, SocketLink, serve
from .shard import Shard
from .worker import Options, Worker

PROCESSES = get_context("spawn")


def run_shard(options: Options, number: int, shards: int, workers: int, limit_bytes: int | None, key: bytes, tell: Connection) -> None:
    """Until all workers have closed."""
    end_with_parent()
    with Listener(("127.0.0.1", 0), authkey=key) as listener:
        tell.send(listener.address)
        serve(Shard(options.job, number, shards, workers, limit_bytes, options.storage), listener, workers)


def run_worker(options: Options, rank: int, workers: int, port: int, shards: list[Address], key: bytes) -> None:
    end_with_parent()
    try:
        if workers > 1:
            distributed.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=workers)
        Worker(options, [SocketLink(address, key) for address in shards]).run()
        if workers > 1:
            distributed.destroy_process_group()
    except JobError as error:
        sys.exit(f"{current_process().name}: {error}")
    except (EOFError, ConnectionError):
        sys.exit(f"{current_process().name}: a process that it talked with has ended.")
    except RuntimeError as error:
        if "onnection" not in str(error):  # as gloo says it
            raise
        sys.exit(f"{current_process().name}: another worker has ended.")


def end_with_parent() -> None:
    """When the process that began this one is killed, this one ends too: nobody would begin it anew."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def begin_shards(
    options: Options, shards: int, workers: int, limit_bytes: int | None, key: bytes
) -> tuple[list[SpawnProcess], list[Address]]:
    """The processes, and where each listens."""
    processes, pipes = [], []
    for number in range(shards):
        mine, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(
            target=run_shard, args=(options, number, shards, workers, limit_bytes, key, theirs), name=f"shard {number}"
        )
        process.start()
        theirs.close()
        processes.append(process)
        pipes.append(mine)
    # all of them begin at once
    return processes, [mine.recv() for mine in pipes]


def once(options: Options, workers: int, shards: int, limit_bytes: int | None) -> str | None:
    """Trains to the end, or says who was killed. @raises JobError where one ended by an error of its own, which it has told"""
    key, port = os.urandom(32), free_port()
    held, addresses = begin_shards(options, shards, workers, limit_bytes, key)
    working = [
        PROCESSES.Process(target=run_worker, args=(options, rank, workers, port, addresses, key), name=f"worker {rank}")
        for rank in range(workers)
    ]
    for process in working:
        process.start()
    for process in [*held, *working]:
        print(f"{process.name} is process {process.pid}", flush=True)
    try:
        while any(process.is_alive() for process in working) and failed([*working, *held]) is None:
            time.sleep(0.05)
        first = failed([*working, *held])
        if first is None:
            return None
        # who was killed is seen at once, but an error may be of one whose peer is just being killed
        time.sleep(1)
        killed = next((process for process in [*working, *held] if (process.exitcode or 0) < 0), None)
        if killed is None:
            raise JobError(f"{first.name} ended by the error above.")
        return killed.name
    finally:
        for process in [*working, *held]:
            if process.is_alive():
                process.kill()
            process.join()


def failed(processes: list[SpawnProcess]) -> SpawnProcess | None:
    return next((process for process in processes if process.exitcode not in (None, 0)), None)


def train(options: Options, workers: int, shards: int, limit_bytes: int | None, attempts: int) -> None:
    """@raises JobError where one was killed at every attempt, or ended by an error of its own"""
    for attempt in range(attempts):
        died = once(options, workers, shards, limit_bytes)
        if died is None:
            return
        print(f"{died} was killed in attempt {attempt + 1} of {attempts}: going on from the last checkpoint.", flush=True)
    raise JobError(f"A process was killed in each of {attempts} attempts: is there memory enough?")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

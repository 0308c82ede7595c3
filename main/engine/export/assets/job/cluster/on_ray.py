"""On a Ray cluster: shards and workers are actors, which Ray places where there is room."""

from __future__ import annotations

import socket
from typing import Any

import ray
from torch import distributed

from .errors import JobError
from .links import RayLink
from .local import free_port
from .shard import Shard
from .worker import Options, Worker

WAIT_S = 400  # for an actor to begin: slow machines take minutes


class RayWorker:
    """A worker as an actor."""

    def __init__(self, options: Options, rank: int, workers: int) -> None:
        self.options, self.rank, self.workers = options, rank, workers

    def address(self) -> str:
        """Where the first worker can be met."""
        return f"tcp://{ray.util.get_node_ip_address()}:{free_port()}"

    def run(self, met_at: str, shards: list[Any]) -> str:
        if self.workers > 1:
            distributed.init_process_group("gloo", init_method=met_at, rank=self.rank, world_size=self.workers)
        Worker(self.options, [RayLink(shard) for shard in shards]).run()
        if self.workers > 1:
            distributed.destroy_process_group()
        return socket.gethostname()


def once(options: Options, workers: int, shards: int, limit_bytes: int | None, worker_cpus: float) -> None:
    """@raises ray.exceptions.RayError where an actor dies"""
    # a shard waits for workers more than it computes: it takes no core for itself
    shard: Any = ray.remote(max_restarts=0, num_cpus=0)(Shard)
    held = [shard.remote(options.job, number, shards, workers, limit_bytes, options.storage) for number in range(shards)]
    worker: Any = ray.remote(max_restarts=0, num_cpus=worker_cpus)(RayWorker)
    working = [worker.remote(options, rank, workers) for rank in range(workers)]
    try:
        met_at = ray.get(working[0].address.remote(), timeout=WAIT_S)
        left = [each.run.remote(met_at, held) for each in working]
        while left:
            done, left = ray.wait(left, num_returns=1)
            print(f"a worker on {ray.get(done[0])} has ended", flush=True)
    finally:
        for actor in [*working, *held]:
            ray.kill(actor)


def train(options: Options, workers: int, shards: int, limit_bytes: int | None, attempts: int, worker_cpus: float) -> None:
    """@raises JobError where an actor died at every attempt, or a worker says what is to be mended"""
    ray.init(ignore_reinit_error=True)
    for attempt in range(attempts):
        try:
            return once(options, workers, shards, limit_bytes, worker_cpus)
        except (ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError, ray.exceptions.WorkerCrashedError) as error:
            print(f"{error}\nattempt {attempt + 1} of {attempts}: going on from the last checkpoint", flush=True)
        except ray.exceptions.RayTaskError as error:
            cause: Any = error
            while isinstance(cause, ray.exceptions.RayTaskError):
                cause = cause.cause
            if isinstance(cause, JobError):
                raise JobError(str(cause)) from None
            # a worker whose peer died is told so by its socket
            if not any(word in str(error) for word in ("ActorDied", "RayActorError", "onnection")):
                raise
            print(f"{error}\nattempt {attempt + 1} of {attempts}: going on from the last checkpoint", flush=True)
    raise JobError(f"An actor died at each of {attempts} attempts: its own message stands above.")

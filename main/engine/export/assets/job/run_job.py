"""Trains this job: python run_job.py --workers 2 --shards 2

On this machine as it stands; on a Ray cluster with --engine ray (submit.sh); on one machine with `torchrun --nproc_per_node 2 run_job.py`.
The tables are split over shards, the examples over workers. A run that was stopped goes on from its last checkpoint. What comes of it is in
result/, what happens on the way in metrics.jsonl: `pylon follow` reads both.

Where the nodes share no folder: --storage s3://BUCKET/PATH --send puts the data there, --storage s3://BUCKET/PATH trains from there and to
there, and with --fetch it brings here what has come of it, until the job has ended. Credentials are those of the environment or the
machine's role.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from importlib.util import find_spec

from cluster import local
from cluster.described import JOB, described
from cluster.errors import JobError
from cluster.storage import Storage, cache_of, fetch, send
from cluster.worker import Options


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["local", "ray"], default="local")
    parser.add_argument("--workers", type=int, default=1, help="how many train, each on a share of every batch")
    parser.add_argument("--shards", type=int, default=1, help="how many hold the tables")
    parser.add_argument("--shard-megabytes", type=int, help="refuse to begin where a shard's tables would take more")
    parser.add_argument("--worker-cpus", type=float, default=1, help="cores of a worker (Ray)")
    parser.add_argument("--attempts", type=int, default=3, help="begin again so often where a process dies")
    parser.add_argument(
        "--checkpoint-steps", type=int, default=1000, help="steps between checkpoints; one is written after every epoch too"
    )
    parser.add_argument("--validation-users", type=int, default=10_000, help="users that an epoch is judged by, at most")
    parser.add_argument("--test-users", type=int, default=10_000, help="users that the result is measured on, at most")
    parser.add_argument("--index", metavar="FACTORY", help='an index of each worker\'s items by Faiss, measured too: "IVF1024,PQ32"')
    parser.add_argument("--nprobe", type=int, default=16, help="lists of that index that a question looks into")
    parser.add_argument("--storage", metavar="URI", help="where the data and the result lie, if not in this folder")
    parser.add_argument("--send", action="store_true", help="the data of this folder to --storage, and nothing else")
    parser.add_argument("--fetch", action="store_true", help="what has come of it from --storage, and nothing else")
    parser.add_argument("--replay", action="store_true", help="take the steps of record/ alone, and compare their losses with Pylon's")
    args = parser.parse_args()
    for name in ("workers", "shards", "attempts", "checkpoint_steps", "validation_users", "test_users", "nprobe"):
        if getattr(args, name) < 1:
            parser.error(f"--{name.replace('_', '-')} is 1 or more.")
    if args.index is not None and find_spec("faiss") is None:
        parser.error("--index needs Faiss: pip install faiss-cpu, on every node.")
    if (args.send or args.fetch) and args.storage is None:
        parser.error("--send and --fetch need --storage: where to, or where from.")
    try:
        if args.send:
            return print(f"{send(JOB, args.storage)} files are in {args.storage}")
        while args.fetch:
            if fetch(JOB, args.storage):
                return print(f"{JOB / 'result'} is what came of it")
            time.sleep(5)
        job = JOB if args.storage is None else cache_of(args.storage)
        files = described(Storage(job, args.storage).get(job / "job.json").parent)["files"]
    except (JobError, OSError) as error:
        parser.error(str(error))
    limit = None if args.shard_megabytes is None else args.shard_megabytes * 1_000_000
    parallel = "WORLD_SIZE" in os.environ
    workers = int(os.environ.get("WORLD_SIZE", args.workers))
    if workers > files and not args.replay:
        parser.error(f"{workers} workers cannot share {files} files of interactions: ask for fewer, or export the job with more --files.")
    engine = "torchrun" if parallel else args.engine
    record = job / "record" / "steps.safetensors"
    if args.replay and not Storage(job, args.storage).has(record):
        parser.error("this job has no record/ of steps: export it with --record 20.")
    options = Options(
        str(job),
        engine,
        args.checkpoint_steps,
        args.validation_users,
        args.test_users,
        args.index,
        args.nprobe,
        args.storage,
        str(uuid.uuid4()),
        str(record) if args.replay else None,
    )
    try:
        if parallel:
            from cluster import torchrun

            torchrun.train(options, limit)
        elif args.engine == "ray":
            from cluster import on_ray

            on_ray.train(options, args.workers, args.shards, limit, args.attempts, args.worker_cpus)
        else:
            local.train(options, args.workers, args.shards, limit, args.attempts)
    except JobError as error:
        sys.exit(f"run_job.py: {error}")
    if args.replay and os.environ.get("RANK", "0") == "0":
        print(Storage(job, args.storage).get(job / "replay.json", again=True).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

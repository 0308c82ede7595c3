"""result/: the weights by Pylon's names, some vectors that Pylon compares with its own when it takes the job in, and what the job
measured on the test part over its shards of the items."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from two_tower.batches import users_as_of
from two_tower.data import TEST, VALIDATION, Array, Json

from . import group
from .described import tables_of
from .evaluation import gathered_items, measured
from .index import FaissShard
from .names import dense_arrays
from .retrieval import ItemShard

if TYPE_CHECKING:
    from .worker import Pass

ROWS = 65_536  # pulled at once
PROBES = 16  # users of the first worker, and items


def write_weights(training: Pass, name: str) -> None:
    """result/NAME.safetensors, by the first worker, which holds all tables once."""
    if group.rank() == 0:
        job = training.worker.job
        arrays = dense_arrays(training.places, load_file(training.data.folder / "initial.safetensors"))
        for table in tables_of(job, training.standing.name):
            rows = np.arange(table["rows"])
            blocks = [training.tables.pull({table["name"]: rows[at : at + ROWS]})[table["name"]] for at in range(0, len(rows), ROWS)]
            arrays[f"table:{table['name']}"] = np.concatenate(blocks)
        folder = job / "result"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.safetensors.part"
        save_file(arrays, part)
        os.replace(part, folder / f"{name}.safetensors")
        training.worker.storage.put(folder / f"{name}.safetensors")
    group.barrier()


def measured_on_test(training: Pass) -> Json:
    """What result.json tells of the test part: metrics by exact search over all shards, and, where an index was asked for, by that."""
    options = training.worker.options
    items = ItemShard(training)
    if options.index is None:
        exact = measured(training, TEST, options.test_users, [items], items.vectors.shape[1])
        return {"test": {"users": exact.users, "metrics": exact.metrics[0]}}
    index = FaissShard(items, options.index, options.nprobe)
    path = index.write(training.worker.job / "result" / "index")
    training.worker.storage.put(path)
    both = measured(training, TEST, options.test_users, [items, index], items.vectors.shape[1])
    held = sum(group.numbers(path.stat().st_size))
    told = {"factory": options.index, "nprobe": options.nprobe, "bytes": held, "found": both.found[1] if both.found else None}
    return {"test": {"users": both.users, "metrics": both.metrics[0]}, "index": {**told, "metrics": both.metrics[1]}}


def write_result(training: Pass, best_epoch: int, facts: Json) -> None:
    """result/result.json, last of all: with it the job has ended."""
    data, standing = training.data, training.standing
    held = np.unique(data.user)
    users = held[np.linspace(0, len(held) - 1, min(PROBES, len(held))).astype(np.int64)]
    items = np.linspace(0, len(data.items.ids) - 1, min(PROBES, len(data.items.ids))).astype(np.int64)
    item_vectors = gathered_items(training, items)
    user_vectors = training.embed("user", users_as_of(data, users, VALIDATION))
    if group.rank() == 0:
        result = {
            "engine": training.worker.options.engine,
            "workers": group.size(),
            "shards": len(training.worker.links),
            "bestEpoch": best_epoch,
            "epochs": standing.before["epochs"] + standing.epoch,
            "steps": standing.before["steps"] + standing.epoch * training.steps.per_epoch,
            "batch": training.rows * group.size(),
            "seconds": standing.seconds,
            "probes": {"user": told(users, user_vectors), "item": told(items, item_vectors)},
            **facts,
        }
        path: Path = training.worker.job / "result" / "result.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(result), encoding="utf-8")
        os.replace(part, path)
        training.worker.storage.put(path)
    group.barrier()


def told(rows: Array, vectors: Array) -> dict[str, list[object]]:
    return {"rows": rows.tolist(), "vectors": vectors.tolist()}

"""The data of a job: features of one pass, and interactions from the Parquet files of some of its shards."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as parquet

from two_tower.data import Array, Data

from .described import described, pass_folder, read_json, spec_of
from .errors import JobError, reading
from .storage import Storage


def read_pass(storage: Storage, name: str, worker: int, workers: int) -> Data:
    """What a worker holds of a pass: every `workers`-th file of interactions, in each of which all of a user's lie."""
    folder = storage.job / "interactions"
    there = [path for path in storage.below(folder) if path.match("part-*.parquet")]
    written = described(storage.job)["files"]
    if len(there) != written:
        raise JobError(f"{folder} has {len(there)} of the {written} files that were exported: copy it again.")
    files = there[worker::workers]
    if not files:
        raise JobError(f"There are fewer files of interactions than {workers} workers: export the job with more --files, or ask for fewer.")
    with reading(folder):
        tables = [parquet.read_table(storage.get(file)) for file in files]
    columns = {name: np.concatenate([table.column(name).to_numpy() for table in tables]) for name in tables[0].column_names}
    of_pass = storage.get_all(pass_folder(storage.job, name))
    spec = spec_of(storage.job, name)
    with reading(of_pass):
        data = Data(of_pass, of_pass, interactions=in_pass(columns, name))
    data.spec, data.encoders = spec, read_json(of_pass / "encoders.json")
    return data


def in_pass(columns: dict[str, Array], name: str) -> dict[str, Array]:
    """The columns with the weights of examples in this pass."""
    found = dict(columns)
    for key in [key for key in found if key.startswith("weight_")]:
        values = found.pop(key)
        if key == f"weight_{name}":
            found["weight"] = values
    return found

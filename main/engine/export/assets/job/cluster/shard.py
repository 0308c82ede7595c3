"""Some rows of every table with what the optimizer keeps of them: what a process of its own holds, asked over a link."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import Tensor, nn

from two_tower.data import Array, Json
from two_tower.optimizers import RowOptimizer

from .described import pass_folder, spec_of, tables_of
from .errors import JobError, reading
from .rows import BLOCK, place_of, rows_in, shard_of
from .storage import Storage

Rows = dict[str, Array]  # rows of tables, by table
Gradients = dict[str, tuple[Array, Array]]  # rows that occurred [n] and their gradients [n × dim], by table


class Shard:
    """A step is: pull by every worker, push by every worker, `length` if gradients are clipped, apply by one. The pushed gradients are
    summed in the order of the workers, so that a run repeats to the bit. Between passes one worker calls `begin`.
    """

    def __init__(
        self, job: str, number: int, shards: int, workers: int, limit_bytes: int | None = None, storage: str | None = None
    ) -> None:
        self.job, self.number, self.shards, self.workers, self.limit_bytes = Path(job), number, shards, workers, limit_bytes
        self.storage = Storage(self.job, storage)

    def begin(self, name: str) -> None:
        """The rows of a pass as it starts with them. @raises JobError where they would take more bytes than the shard may hold"""
        folder = pass_folder(self.job, name)
        for path in (self.job / "job.json", folder / "spec.json", folder / "encoders.json", folder / "initial.safetensors"):
            self.storage.get(path)
        self.training: Json = spec_of(self.job, name)["training"]
        self.plans: list[Json] = tables_of(self.job, name)
        size = sum(4 * (1 if each["fixed"] else 3) * each["dim"] * len(self.rows(each)) for each in self.plans)
        if self.limit_bytes is not None and size > self.limit_bytes:
            raise JobError(
                f"Shard {self.number} of {self.shards} needs {size:,} bytes for its tables and may hold {self.limit_bytes:,}: "
                "ask for more --shards."
            )
        with reading(folder / "initial.safetensors"):
            arrived = Stored(folder / "initial.safetensors")
        self.tables: dict[str, nn.Parameter] = {}
        for each in self.plans:
            key = f"table:{each['name']}"
            values = arrived.get(key, self.rows(each)) if key in arrived else self.drawn(each)
            self.tables[each["name"]] = nn.Parameter(torch.from_numpy(np.ascontiguousarray(values)), not each["fixed"])
        self.optimizer = RowOptimizer(list(self.tables.values()), self.training["tables"])
        self.pushed: dict[int, Gradients] = {}
        self.step: list[tuple[str, Tensor, Tensor]] | None = None

    def rows(self, table: Json) -> Array:
        return rows_in(self.number, self.shards, table["rows"])

    def drawn(self, table: Json) -> Array:
        """Normal numbers that depend on the seed, the table and the row, and not on how rows are split."""
        rows, place = self.rows(table), self.plans.index(table)
        values = np.empty((len(rows), table["dim"]), np.float32)
        for at in range(0, len(rows), BLOCK):
            generator = np.random.default_rng([self.training["seed"], place, int(rows[at]) // BLOCK])
            values[at : at + BLOCK] = generator.standard_normal((BLOCK, table["dim"]), np.float32)[: len(rows) - at]
        values *= self.training["embeddingSd"]
        if table["unknownIsZero"] and self.number == 0 and len(rows) > 0:
            values[0] = 0
        return values

    def pull(self, rows: Rows) -> Rows:
        """[n × dim] of rows that lie here."""
        return {name: self.tables[name].detach()[place_of(wanted, self.shards)].numpy() for name, wanted in rows.items()}

    def push(self, worker: int, gradients: Gradients) -> None:
        """A worker's gradients of a step, each row once."""
        self.pushed[worker] = gradients

    def length(self) -> float:
        """The squared length of the step's gradients, all workers' together."""
        return sum(float(gradient.square().sum()) for _, _, gradient in self.gathered())

    def apply(self, factor: float, rate: float) -> None:
        """Descends by the step's gradients times `factor`; `rate` multiplies the learning rate."""
        for name, places, gradient in self.gathered():
            with torch.no_grad():
                self.optimizer.update(self.tables[name], places, gradient.mul(factor), rate * self.training["tables"]["learningRate"])
        self.pushed, self.step = {}, None

    def gathered(self) -> list[tuple[str, Tensor, Tensor]]:
        """The mean over workers of the gradients of every row that occurred, with the pull of L2."""
        if self.step is None:
            if len(self.pushed) != self.workers:
                raise RuntimeError(f"Shard {self.number} has gradients of {len(self.pushed)} workers, and awaits {self.workers}.")
            self.step = [self.summed(name, table) for name, table in self.tables.items() if table.requires_grad]
        return self.step

    def summed(self, name: str, table: nn.Parameter) -> tuple[str, Tensor, Tensor]:
        parts = [gradients[name] for _, gradients in sorted(self.pushed.items()) if name in gradients]
        rows = np.concatenate([rows for rows, _ in parts]) if parts else np.zeros(0, np.int64)
        distinct, inverse = np.unique(rows, return_inverse=True)
        total = torch.zeros(len(distinct), table.shape[1])
        if parts:
            total.index_add_(0, torch.from_numpy(inverse), torch.from_numpy(np.concatenate([gradient for _, gradient in parts])))
        places = torch.from_numpy(place_of(distinct, self.shards))
        return name, places, total.div(self.workers).add(table.detach()[places], alpha=self.training["l2"])

    # ---- checkpoints: a file a shard, which any other number of shards reads again

    def save(self, folder: str) -> None:
        tensors: dict[str, Array] = {}
        steps = {}
        for name, table in self.tables.items():
            tensors[name] = table.detach().numpy()
            state = self.optimizer.state.get(table)
            if state:
                steps[name] = str(state["step"])
                tensors[f"first:{name}"], tensors[f"second:{name}"] = state["first"].numpy(), state["second"].numpy()
        path = Path(folder) / f"shard-{self.number}-of-{self.shards}.safetensors"
        part = path.with_suffix(".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, part, steps)
        os.replace(part, path)
        self.storage.put(path)

    def load(self, folder: str, values_alone: bool = False) -> None:
        """From a checkpoint of any number of shards. @raises JobError where one of its shards is missing"""
        for before, path in enumerate(shard_files(self.storage, Path(folder))):
            self.storage.get(path, again=True)
            count = int(path.stem.rsplit("-", 1)[1])
            with safe_open(path, "np") as file:
                names, steps = set(file.keys()), file.metadata() or {}
                for each in self.plans:
                    there = rows_in(before, count, each["rows"])
                    mine = shard_of(there, self.shards) == self.number
                    places = torch.from_numpy(place_of(there[mine], self.shards))
                    self.take(each["name"], file, names, steps, mine, places, values_alone)
        self.pushed, self.step = {}, None

    def take(
        self, name: str, file: safe_open, names: set[str], steps: dict[str, str], mine: Array, places: Tensor, values_alone: bool
    ) -> None:
        table = self.tables[name]

        def rows(key: str) -> Tensor:
            values: Array = file.get_tensor(key)  # type: ignore[no-untyped-call, unused-ignore]
            return torch.from_numpy(np.ascontiguousarray(values[mine]))

        with torch.no_grad():
            table[places] = rows(name)
        if values_alone or f"first:{name}" not in names:
            return
        state = self.optimizer.state[table]
        if not state:
            state.update(step=0, first=torch.zeros_like(table), second=torch.zeros_like(table))
        state["step"] = int(steps[name])
        state["first"][places], state["second"][places] = rows(f"first:{name}"), rows(f"second:{name}")


class Stored:
    """Tensors of a file by name, of which some rows are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with safe_open(path, "np") as file:
            self.names = set(file.keys())

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def get(self, name: str, rows: Array | None = None) -> Array:
        with safe_open(self.path, "np") as file:
            values: Array = file.get_tensor(name)  # type: ignore[no-untyped-call, unused-ignore]
        return values if rows is None else values[rows]


def shard_files(storage: Storage, folder: Path) -> list[Path]:
    """Of a checkpoint, in order. @raises JobError where one is missing"""
    files = [path for path in storage.below(folder) if path.match("shard-*.safetensors")]
    found = sorted(files, key=lambda path: int(path.stem.split("-")[1]))
    counts = {int(path.stem.rsplit("-", 1)[1]) for path in found}
    if len(counts) != 1 or len(found) != counts.pop():
        raise JobError(f"{folder} does not hold all shards of one checkpoint: {', '.join(path.name for path in found) or 'none'}.")
    return found


def split(rows: Array, shards: int) -> Iterable[tuple[int, Array]]:
    """Of each shard that has some: its number, and which of `rows` lie in it."""
    owner = shard_of(rows, shards)
    for shard in np.unique(owner):
        yield int(shard), np.flatnonzero(owner == shard)

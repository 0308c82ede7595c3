"""A checkpoint: the shards' files, the dense weights with what their optimizer keeps, and where training stands. It counts once
latest.json names it, so a crash at any moment leaves the one before."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim import Optimizer

from . import group
from .described import CHOOSE
from .errors import reading
from .storage import Storage
from .tables import Tables

LATEST, DENSE = "latest.json", "dense.safetensors"


@dataclass
class Standing:
    """Where training stands. Epochs and steps count over both passes."""

    name: str = CHOOSE
    epoch: int = 0  # completed in this pass
    step: int = 0  # within the epoch that has begun
    loss: float = 0.0  # summed over those
    best_epoch: int = 0
    best_value: float | None = None
    waited: int = 0  # evaluations since the best
    seconds: float = 0.0
    before: dict[str, int] = field(default_factory=lambda: {"epochs": 0, "steps": 0})  # of the pass before this one
    curve: list[int] | None = None  # epochs and steps an epoch of the pass before
    chosen: int | None = None  # the epoch that it chose


class Checkpoints:
    """In a folder of the job."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.folder = storage, storage.job / "checkpoints"

    def standing(self) -> tuple[Standing, Path] | None:
        """What to go on from."""
        latest = self.folder / LATEST
        if not self.storage.has(latest):
            return None
        with self.reading(latest):
            found = json.loads(self.storage.get(latest, again=True).read_text(encoding="utf-8"))
            return Standing(**found["standing"]), self.folder / found["folder"]

    def save(self, standing: Standing, weights: dict[str, Tensor], optimizer: Optimizer | None, tables: Tables) -> None:
        """By all workers; the first one writes."""
        if group.rank() == 0:
            name = f"{standing.name}-{standing.epoch}-{standing.step}"
            folder = self.fresh(name)
            self.write(folder, weights, optimizer, tables)
            part = self.folder / f"{LATEST}.part"
            part.write_text(json.dumps({"standing": asdict(standing), "folder": name}), encoding="utf-8")
            os.replace(part, self.folder / LATEST)
            self.storage.put(self.folder / LATEST)
            # nothing else is named by it
            best = self.best(standing.name, standing.best_epoch)
            for other in {path.parent for path in self.storage.below(self.folder)} - {self.folder, folder, best}:
                self.storage.remove(other)
                shutil.rmtree(other, ignore_errors=True)
        group.barrier()

    def save_best(self, standing: Standing, weights: dict[str, Tensor], tables: Tables) -> None:
        """The weights of the epoch that has ended; those of the best one before it stay until `save` names these."""
        if group.rank() == 0:
            self.write(self.fresh(self.best(standing.name, standing.best_epoch).name), weights, None, tables)
        group.barrier()

    def best(self, name: str, epoch: int) -> Path:
        return self.folder / f"best-{name}-{epoch}"

    def fresh(self, name: str) -> Path:
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        self.storage.remove(folder)
        folder.mkdir(parents=True)
        return folder

    def write(self, folder: Path, weights: dict[str, Tensor], optimizer: Optimizer | None, tables: Tables) -> None:
        tables.save(str(folder))
        tensors = {name: weight.detach() for name, weight in weights.items()}
        for name, weight in weights.items():
            state = {} if optimizer is None else optimizer.state.get(weight, {})
            tensors.update({f"{key}:{name}": torch.as_tensor(value) for key, value in state.items()})
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / DENSE)
        self.storage.put(folder / DENSE)

    def reading(self, path: Path) -> AbstractContextManager[None]:
        there = "" if self.storage.uri is None else f" and {self.storage.uri}/checkpoints"
        return reading(path, f"remove {self.folder}{there}, and training begins anew")

    def load(self, folder: Path, weights: dict[str, Tensor], optimizer: Optimizer | None, tables: Tables) -> None:
        """By all workers. Without an optimizer the weights alone."""
        with self.reading(folder):
            if group.rank() == 0:
                tables.load(str(folder), optimizer is None)
            tensors = load_file(self.storage.get(folder / DENSE, again=True))
            with torch.no_grad():
                for name, weight in weights.items():
                    weight.copy_(tensors[name])
        if optimizer is not None:
            for name, weight in weights.items():
                state = {key[: -len(name) - 1]: value for key, value in tensors.items() if key.endswith(f":{name}")}
                if state:
                    optimizer.state[weight].update(state)
        group.barrier()

"""A checkpoint: the shards' files, the dense weights with what their optimizer keeps, and where training stands. It counts once
latest.json names it, so a crash at any moment leaves the one before."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim import Optimizer

from . import group
from .described import CHOOSE, read_json
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

    def __init__(self, job: Path) -> None:
        self.folder = job / "checkpoints"

    def standing(self) -> tuple[Standing, Path] | None:
        """What to go on from."""
        latest = self.folder / LATEST
        if not latest.exists():
            return None
        found = read_json(latest)
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
            for other in self.folder.iterdir():
                if other.is_dir() and other.name != name and not other.name.startswith("best-"):
                    shutil.rmtree(other)
        group.barrier()

    def save_best(self, standing: Standing, weights: dict[str, Tensor], tables: Tables) -> None:
        if group.rank() == 0:
            folder = self.fresh(f"best-{standing.name}.part")
            self.write(folder, weights, None, tables)
            best = self.best(standing.name)
            shutil.rmtree(best, ignore_errors=True)
            folder.rename(best)
        group.barrier()

    def best(self, name: str) -> Path:
        return self.folder / f"best-{name}"

    def fresh(self, name: str) -> Path:
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def write(self, folder: Path, weights: dict[str, Tensor], optimizer: Optimizer | None, tables: Tables) -> None:
        tables.save(str(folder))
        tensors = {name: weight.detach() for name, weight in weights.items()}
        for name, weight in weights.items():
            state = {} if optimizer is None else optimizer.state.get(weight, {})
            tensors.update({f"{key}:{name}": torch.as_tensor(value) for key, value in state.items()})
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / DENSE)

    def load(self, folder: Path, weights: dict[str, Tensor], optimizer: Optimizer | None, tables: Tables) -> None:
        """By all workers. Without an optimizer the weights alone."""
        if group.rank() == 0:
            tables.load(str(folder), optimizer is None)
        tensors = load_file(folder / DENSE)
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(tensors[name])
        if optimizer is not None:
            for name, weight in weights.items():
                state = {key[: -len(name) - 1]: value for key, value in tensors.items() if key.endswith(f":{name}")}
                if state:
                    optimizer.state[weight].update(state)
        group.barrier()

"""The tables as a worker sees them: rows by number, wherever they lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from two_tower.data import Array, Json

from .links import Link
from .shard import Gradients, Rows, split


class Tables:
    """All shards. `plans`: the tables of the pass (described.py)."""

    def __init__(self, links: list[Link], plans: list[Json], worker: int) -> None:
        self.links, self.worker = links, worker
        self.dims: dict[str, int] = {each["name"]: each["dim"] for each in plans}
        self.bytes = 0  # of rows and their numbers, pulled and pushed by this worker

    def pull(self, rows: Rows) -> Rows:
        """[n × dim] of any rows of some tables."""
        parts: dict[int, dict[str, Array]] = {}
        for name, wanted in rows.items():
            for shard, places in split(wanted, len(self.links)):
                parts.setdefault(shard, {})[name] = places
        asked = {
            shard: self.links[shard].ask("pull", {name: rows[name][places] for name, places in held.items()})
            for shard, held in parts.items()
        }
        found = {name: np.empty((len(wanted), self.dims[name]), np.float32) for name, wanted in rows.items()}
        self.bytes += sum(rows[name].nbytes + values.nbytes for name, values in found.items())
        for shard, answer in asked.items():
            for name, values in answer().items():
                found[name][parts[shard][name]] = values
        return found

    def push(self, gradients: Gradients) -> None:
        """A worker's gradients of a step: to every shard, also where it has none."""
        parts: list[Gradients] = [{} for _ in self.links]
        self.bytes += sum(rows.nbytes + values.nbytes for rows, values in gradients.values())
        for name, (rows, values) in gradients.items():
            for shard, places in split(rows, len(self.links)):
                parts[shard][name] = (rows[places], values[places])
        self.all("push", [(self.worker, part) for part in parts])

    def length(self) -> float:
        """The squared length of the step's gradients."""
        return float(sum(self.all("length")))

    def apply(self, factor: float, rate: float) -> None:
        self.all("apply", [(factor, rate)] * len(self.links))

    def save(self, folder: str) -> None:
        self.all("save", [(folder,)] * len(self.links))

    def load(self, folder: str, values_alone: bool = False) -> None:
        self.all("load", [(folder, values_alone)] * len(self.links))

    def all(self, method: str, args: list[tuple[Any, ...]] | None = None) -> list[Any]:
        """Asks every shard at once."""
        given = [()] * len(self.links) if args is None else args
        answers = [link.ask(method, *each) for link, each in zip(self.links, given)]
        return [answer() for answer in answers]

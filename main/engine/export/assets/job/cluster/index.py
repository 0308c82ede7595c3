"""An approximate index of each worker's items, by Faiss: what a search at size reads in place of all vectors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from two_tower.data import Array

from . import group
from .errors import JobError
from .retrieval import Best, ItemShard, stacked


class FaissShard:
    """`factory`: as Faiss writes it, "IVF1024,PQ32". `nprobe`: lists that a question looks into."""

    def __init__(self, items: ItemShard, factory: str, nprobe: int) -> None:
        """@raises JobError where Faiss cannot build it of these items"""
        import faiss

        self.items = items
        metric = faiss.METRIC_L2 if items.match["kind"] == "euclidean" else faiss.METRIC_INNER_PRODUCT
        try:
            self.index: Any = faiss.index_factory(items.vectors.shape[1], factory, metric)
            self.index.train(items.vectors)
            self.index.add(items.vectors)
            if "IVF" in factory:
                faiss.ParameterSpace().set_index_parameter(self.index, "nprobe", nprobe)
        except RuntimeError as error:
            raise JobError(
                f"Faiss builds no --index {factory} of {len(items.rows):,} vectors of {items.vectors.shape[1]} numbers, a worker's share: "
                f"{str(error).strip().splitlines()[-1]}"
            ) from error

    def best(self, users: Array, left_out: list[Array], k: int) -> Best:
        if len(users) == 0:
            return stacked([], k)
        held = [self.items.held(known) for known in left_out]
        wanted = min(len(self.items.rows), k + max((len(known) for known in held), default=0))
        near, places = self.index.search(np.ascontiguousarray(users), wanted)
        scores = -near if self.items.match["kind"] == "euclidean" else near
        rows = []
        for score, place, known in zip(scores, places, held):
            kept = np.flatnonzero((place >= 0) & ~np.isin(place, known))[:k]
            rows.append((score[None, kept], self.items.rows[None, place[kept]]))
        return stacked(rows, k)

    def write(self, folder: Path) -> Path:
        """index/shard-0-of-2.faiss, whose row r is item r of those that begin where the shard's do. @returns the file"""
        import faiss

        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"shard-{group.rank()}-of-{group.size()}.faiss"
        faiss.write_index(self.index, f"{path}.part")
        os.replace(f"{path}.part", path)
        return path

"""Recall@10 against exact search, build time and latency of each library's index on the vectors beside this file; JSON on stdout."""

import argparse
import importlib.metadata
import json
import time
from typing import Any

import build
import numpy as np

K = 10


def exact(vectors: Any, queries: Any, metric: str) -> list[set[int]]:
    scores = queries @ vectors.T
    if metric == "euclidean":  # minus the squared distance, but for a constant of the query
        scores = 2 * scores - (vectors**2).sum(axis=1)
    top = np.argpartition(-scores, K, axis=1)[:, :K] if scores.shape[1] > K else np.tile(np.arange(scores.shape[1]), (len(queries), 1))
    return [set(row) for row in top]


def main() -> None:
    vectors, _, metric = build.load()
    queries = np.ascontiguousarray(np.load(build.HERE / "queries.npy"), dtype=np.float32)
    wanted = exact(vectors, queries, metric)
    settings = argparse.Namespace(**build.DEFAULTS)
    rows = []
    for name, kind in build.KINDS.items():
        row: dict[str, Any] = {"name": kind.name, "version": "", "settings": build.settings_of(name, settings)}
        try:
            row["version"] = importlib.metadata.version(kind.package)
            started = time.perf_counter()
            index = kind.build(vectors, metric, settings)
            seconds = time.perf_counter() - started
            times, found = [], 0
            for query, best in zip(queries, wanted, strict=True):
                at = time.perf_counter()
                answer = kind.ask(index, query, K, settings)
                times.append(time.perf_counter() - at)
                found += len(best & {int(k) for k in answer})
            recall = found / (len(queries) * min(K, len(vectors)))
            rows.append(row | {"recall": recall, "buildSeconds": seconds, "p50Ms": float(np.percentile(times, 50) * 1000), "note": ""})
        except ImportError as error:
            rows.append(row | {"recall": None, "buildSeconds": None, "p50Ms": None, "note": f"not installed: {error.name}"})
    print(json.dumps(rows))


if __name__ == "__main__":
    main()

"""Recall@10 against exact search, build time and latency of each library's index on the vectors beside this file; JSON on stdout."""

import importlib.metadata
import json
import time
from pathlib import Path

import numpy as np

import build

HERE = Path(__file__).parent
K = 10


def exact(vectors, queries, metric):
    scores = queries @ vectors.T
    if metric == "euclidean":  # minus the squared distance, but for a constant of the query
        scores = 2 * scores - (vectors**2).sum(axis=1)
    top = np.argpartition(-scores, K, axis=1)[:, :K] if scores.shape[1] > K else np.tile(np.arange(scores.shape[1]), (len(queries), 1))
    return [set(row) for row in top]


def searchers(vectors, metric):
    """Name, package, what was built with which settings: a function that builds and answers one of queries."""

    def by_faiss(index):
        return lambda query: index.search(query[None], K)[1][0]

    yield "Faiss flat", "faiss-cpu", "IndexFlat", lambda: by_faiss(build.faiss_flat(vectors, metric))
    yield "Faiss HNSW", "faiss-cpu", "M 16, efConstruction 128, efSearch 64", lambda: by_faiss(build.faiss_hnsw(vectors, metric))
    yield "Faiss IVF", "faiss-cpu", "sqrt(n) lists, 1 in 8 probed", lambda: by_faiss(build.faiss_ivf(vectors, metric))

    def by_annoy():
        index = build.annoy(vectors, metric)
        return lambda query: index.get_nns_by_vector(query, K)

    yield "Annoy", "annoy", "50 trees", by_annoy

    def by_hnswlib():
        index = build.hnswlib(vectors, metric)
        return lambda query: index.knn_query(query, k=K, num_threads=1)[0][0]

    yield "hnswlib", "hnswlib", "M 16, ef_construction 128, ef 64", by_hnswlib


def main():
    vectors, _, metric = build.load()
    queries = np.ascontiguousarray(np.load(HERE / "queries.npy"), dtype=np.float32)
    wanted = exact(vectors, queries, metric)
    rows = []
    for name, package, settings, make in searchers(vectors, metric):
        try:
            version = importlib.metadata.version(package)
            started = time.perf_counter()
            search = make()
            seconds = time.perf_counter() - started
            times, found = [], 0
            for query, best in zip(queries, wanted):
                at = time.perf_counter()
                answer = search(query)
                times.append(time.perf_counter() - at)
                found += len(best & set(int(k) for k in answer))
            rows.append(
                {
                    "name": name,
                    "version": version,
                    "settings": settings,
                    "recall": found / (len(queries) * min(K, len(vectors))),
                    "buildSeconds": seconds,
                    "p50Ms": float(np.percentile(times, 50) * 1000),
                    "note": "",
                }
            )
        except ImportError as error:
            rows.append({"name": name, "version": "", "settings": settings, "recall": None, "buildSeconds": None, "p50Ms": None, "note": f"not installed: {error.name}"})
    print(json.dumps(rows))


if __name__ == "__main__":
    main()

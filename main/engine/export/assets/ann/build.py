"""Builds an index of the item vectors beside this file: python build.py KIND

    faiss-flat   IndexFlat: exact, no parameters
    faiss-hnsw   IndexHNSWFlat, M 16, efConstruction 128
    faiss-ivf    IndexIVFFlat, sqrt(n) lists, 1 in 8 probed
    annoy        50 trees
    hnswlib      M 16, ef_construction 128

All by the metric in metric.json: cosine, dot (inner product) or euclidean (L2, the nearest first).
Row k of item_vectors.npy is the item whose id is entry k of item_ids.json; an index answers row numbers.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def load():
    """Vectors as float32, ids, and how they are compared ("cosine", "dot" or "euclidean")."""
    vectors = np.ascontiguousarray(np.load(HERE / "item_vectors.npy"), dtype=np.float32)
    ids = json.loads((HERE / "item_ids.json").read_text(encoding="utf-8"))
    metric = json.loads((HERE / "metric.json").read_text(encoding="utf-8"))["metric"]
    if metric == "cosine":
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors, ids, metric


def faiss_metric(metric):
    import faiss

    return faiss.METRIC_L2 if metric == "euclidean" else faiss.METRIC_INNER_PRODUCT


def faiss_flat(vectors, metric):
    import faiss

    index = faiss.IndexFlat(vectors.shape[1], faiss_metric(metric))
    index.add(vectors)
    return index


def faiss_hnsw(vectors, metric, ef_search=64):
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss_metric(metric))
    index.hnsw.efConstruction = 128
    index.add(vectors)
    index.hnsw.efSearch = ef_search
    return index


def faiss_ivf(vectors, metric):
    import faiss

    lists = max(1, int(np.sqrt(len(vectors))))
    index = faiss.index_factory(vectors.shape[1], f"IVF{lists},Flat", faiss_metric(metric))
    index.train(vectors)
    index.add(vectors)
    index.nprobe = max(1, lists // 8)
    return index


def annoy(vectors, metric):
    from annoy import AnnoyIndex

    index = AnnoyIndex(vectors.shape[1], {"cosine": "angular", "dot": "dot", "euclidean": "euclidean"}[metric])
    for k, vector in enumerate(vectors):
        index.add_item(k, vector)
    index.build(50, n_jobs=1)
    return index


def hnswlib(vectors, metric, ef_search=64):
    import hnswlib as library

    index = library.Index(space={"cosine": "cosine", "dot": "ip", "euclidean": "l2"}[metric], dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), ef_construction=128, M=16, random_seed=1)
    index.add_items(vectors, np.arange(len(vectors)), num_threads=1)
    index.set_ef(ef_search)
    return index


def main(kind):
    vectors, _, metric = load()
    if kind == "annoy":
        annoy(vectors, metric).save(str(HERE / "items.annoy"))
    elif kind == "hnswlib":
        hnswlib(vectors, metric).save_index(str(HERE / "items.hnswlib"))
    else:
        import faiss

        build = {"faiss-flat": faiss_flat, "faiss-hnsw": faiss_hnsw, "faiss-ivf": faiss_ivf}[kind]
        faiss.write_index(build(vectors, metric), str(HERE / f"items.{kind}"))
    print(f"{kind}: {len(vectors)} items")


if __name__ == "__main__":
    kinds = ["faiss-flat", "faiss-hnsw", "faiss-ivf", "annoy", "hnswlib"]
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(f"usage: python build.py {'|'.join(kinds)}")
    main(sys.argv[1])

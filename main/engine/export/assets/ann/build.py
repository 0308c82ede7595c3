"""Builds an index of the item vectors beside this file: python build.py KIND [--name NAME] [settings]

    faiss-flat   IndexFlat: exact, no settings
    faiss-hnsw   IndexHNSWFlat: --m, --ef-construction; asked with --ef
    faiss-ivf    IndexIVFFlat: --lists (0: the root of the items); asked with --nprobe (0: an eighth of the lists)
    faiss-ivf-pq IndexIVFPQ, for items that memory does not hold: --lists, --codes bytes a vector (0: half of its numbers), --nprobe;
                 --refine n asks it for n times as many and sorts them by whole vectors, which it then keeps (0: codes alone)
    annoy        --trees; asked with --search-k (-1: trees times what is asked for)
    hnswlib      --m, --ef-construction; asked with --ef

All by the metric in metric.json: cosine, dot (inner product) or euclidean (L2, the nearest first).
Row k of item_vectors.npy is the item whose id is entry k of item_ids.json; an index answers row numbers.
It is written as NAME.KIND and ends with the share of Pylon's best ten (exact search, probes.json) that it finds by these settings.
"""

import argparse
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from probes import agreement, tell

HERE = Path(__file__).resolve().parent


def unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def load() -> tuple[Any, list[str], str]:
    """Vectors as float32 (of length 1 for the cosine), ids, and how they are compared ("cosine", "dot" or "euclidean")."""
    vectors = np.ascontiguousarray(np.load(HERE / "item_vectors.npy"), dtype=np.float32)
    ids: list[str] = json.loads((HERE / "item_ids.json").read_text(encoding="utf-8"))
    metric = str(json.loads((HERE / "metric.json").read_text(encoding="utf-8"))["metric"])
    return (unit(vectors) if metric == "cosine" else vectors), ids, metric


# Builders: vectors, metric, settings; what they give is asked by ASK.


def faiss_metric(metric: str) -> Any:
    import faiss

    return faiss.METRIC_L2 if metric == "euclidean" else faiss.METRIC_INNER_PRODUCT


def faiss_flat(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    import faiss

    index = faiss.IndexFlat(vectors.shape[1], faiss_metric(metric))
    index.add(vectors)
    return index


def faiss_hnsw(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], settings.m, faiss_metric(metric))
    index.hnsw.efConstruction = settings.ef_construction
    index.add(vectors)
    index.hnsw.efSearch = settings.ef
    return index


def faiss_ivf(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    import faiss

    lists = settings.lists or max(1, int(np.sqrt(len(vectors))))
    index: Any = faiss.index_factory(vectors.shape[1], f"IVF{lists},Flat", faiss_metric(metric))
    index.train(vectors)
    index.add(vectors)
    index.nprobe = settings.nprobe or max(1, lists // 8)
    return index


def faiss_ivf_pq(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    import faiss

    count, dim = vectors.shape
    lists = settings.lists or max(1, int(np.sqrt(count)))
    codes = settings.codes or next(n for n in range(max(1, dim // 2), 0, -1) if dim % n == 0)
    if dim % codes:
        fits = ", ".join(str(n) for n in range(1, dim + 1) if dim % n == 0)
        raise SystemExit(f"--codes {codes} does not divide the {dim} numbers of a vector: {fits} do.")
    bits = 8 if count >= 1000 else 4  # centroids of a code are learned from the items: 256, or 16 where these are few
    refined = ",RFlat" if settings.refine > 0 else ""
    index: Any = faiss.index_factory(dim, f"IVF{lists},PQ{codes}x{bits}{refined}", faiss_metric(metric))
    index.train(vectors)
    index.add(vectors)
    faiss.ParameterSpace().set_index_parameter(index, "nprobe", settings.nprobe or max(1, lists // 8))
    if settings.refine > 0:
        index.k_factor = settings.refine
    return index


def annoy(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    from annoy import AnnoyIndex

    space: Any = {"cosine": "angular", "dot": "dot", "euclidean": "euclidean"}[metric]
    index = AnnoyIndex(vectors.shape[1], space)
    for k, vector in enumerate(vectors):
        index.add_item(k, vector)
    index.build(settings.trees, n_jobs=1)
    return index


def hnswlib(vectors: Any, metric: str, settings: argparse.Namespace) -> Any:
    import hnswlib as library

    index = library.Index(space={"cosine": "cosine", "dot": "ip", "euclidean": "l2"}[metric], dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), ef_construction=settings.ef_construction, M=settings.m, random_seed=1)
    index.add_items(vectors, np.arange(len(vectors)), num_threads=1)
    index.set_ef(settings.ef)
    return index


def by_faiss(index: Any, query: Any, k: int, settings: argparse.Namespace) -> Any:
    return index.search(query[None], k)[1][0]


def by_annoy(index: Any, query: Any, k: int, settings: argparse.Namespace) -> Any:
    return index.get_nns_by_vector(query, k, search_k=settings.search_k)


def by_hnswlib(index: Any, query: Any, k: int, settings: argparse.Namespace) -> Any:
    return index.knn_query(query, k=k, num_threads=1)[0][0]


def write_faiss(index: Any, path: str) -> None:
    import faiss

    faiss.write_index(index, path)


class Kind:
    """How an index of a kind is built, asked and written, and which settings it has."""

    def __init__(
        self, name: str, package: str, build: Callable[..., Any], ask: Callable[..., Any], write: Callable[[Any, str], None], *has: str
    ) -> None:
        self.name, self.package, self.build, self.ask, self.write, self.has = name, package, build, ask, write, has


HNSW = ("m", "ef_construction", "ef")
KINDS = {
    "faiss-flat": Kind("Faiss flat", "faiss-cpu", faiss_flat, by_faiss, write_faiss),
    "faiss-hnsw": Kind("Faiss HNSW", "faiss-cpu", faiss_hnsw, by_faiss, write_faiss, *HNSW),
    "faiss-ivf": Kind("Faiss IVF", "faiss-cpu", faiss_ivf, by_faiss, write_faiss, "lists", "nprobe"),
    "faiss-ivf-pq": Kind("Faiss IVF-PQ", "faiss-cpu", faiss_ivf_pq, by_faiss, write_faiss, "lists", "codes", "nprobe", "refine"),
    "annoy": Kind("Annoy", "annoy", annoy, by_annoy, lambda index, path: index.save(path), "trees", "search_k"),
    "hnswlib": Kind("hnswlib", "hnswlib", hnswlib, by_hnswlib, lambda index, path: index.save_index(path), *HNSW),
}
DEFAULTS = {"m": 16, "ef_construction": 128, "ef": 64, "lists": 0, "nprobe": 0, "codes": 0, "refine": 4, "trees": 50, "search_k": -1}
OWN = {("lists", 0): "sqrt(n)", ("nprobe", 0): "1 in 8", ("codes", 0): "dim / 2", ("search_k", -1): "trees x k"}  # what defaults stand for


def flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def settings_of(kind: str, settings: argparse.Namespace) -> str:
    """In words."""
    chosen = {name: getattr(settings, name) for name in KINDS[kind].has}
    return ", ".join(f"{flag(name)[2:]} {OWN.get((name, value), value)}" for name, value in chosen.items()) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=list(KINDS))
    parser.add_argument("--name", default="items", help="of the file, or a path: it is written as NAME.KIND")
    for name, value in DEFAULTS.items():
        parser.add_argument(flag(name), type=int, default=value, help=f"default {value}")
    args = parser.parse_args()
    kind = KINDS[args.kind]
    other = [flag(name) for name, value in DEFAULTS.items() if getattr(args, name) != value and name not in kind.has]
    if other:
        parser.error(f"{args.kind} has no {', '.join(other)}: --help lists what each has.")
    vectors, ids, metric = load()
    index = kind.build(vectors, metric, args)
    path = HERE / f"{args.name}.{args.kind}"
    kind.write(index, str(path))

    def answer(vector: list[float], k: int) -> list[str]:
        query = np.asarray(vector, dtype=np.float32)
        return [ids[int(row)] for row in kind.ask(index, unit(query) if metric == "cosine" else query, k, args) if row >= 0]

    tell(
        file=str(path),
        items=len(ids),
        **{kind.package: version(kind.package)},
        recallAt10=agreement(answer),
        settings=settings_of(args.kind, args),
    )


if __name__ == "__main__":
    main()

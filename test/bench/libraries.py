"""Other libraries at the tasks of `npm run bench`, one timing a line asked for, so that they are measured in turn with Pylon.

python libraries.py THREADS; stdin: a line of JSON {"task": ..., "folder": ...} a run; stdout: a line of JSON {"ms": ...} or {"why": ...}.
"""

import json
import os
import sys
import time

THREADS = sys.argv[1]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = THREADS

import numpy as np


def search(folder):
    """20 best of all items for each query by inner product."""
    import faiss

    faiss.omp_set_num_threads(int(THREADS))
    queries, items = np.load(f"{folder}/queries.npy"), np.load(f"{folder}/items.npy")
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
    return lambda: index.search(queries, 20)


def interactions(folder):
    """The 0/1 matrix of distinct pairs."""
    import scipy.sparse as sp

    pairs = np.load(f"{folder}/pairs.npy")
    shape = tuple(pairs.max(0) + 1)
    return sp.csr_matrix((np.ones(len(pairs), "f"), (pairs[:, 0], pairs[:, 1])), shape=shape)


def ials(folder, exact):
    """One epoch of 192 factors; exact: each row's normal equations, else three steps of conjugate gradients."""
    from implicit.als import AlternatingLeastSquares

    matrix = interactions(folder)
    options = dict(factors=192, iterations=1, regularization=0.1, use_gpu=False, use_cg=not exact, num_threads=int(THREADS))
    return lambda: AlternatingLeastSquares(**options).fit(matrix, show_progress=False)


def ease(folder):
    matrix = interactions(folder)

    def run():
        gram = (matrix.T @ matrix).toarray()
        gram[np.diag_indices(len(gram))] += 250
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)
        weights[np.diag_indices(len(gram))] = 0
        return weights

    return run


def item_knn(folder):
    matrix = interactions(folder)

    def run():
        gram = (matrix.T @ matrix).tocoo()
        counts = np.asarray(matrix.sum(0)).ravel()
        similar = np.zeros(gram.shape, "f")
        similar[gram.row, gram.col] = gram.data / (np.sqrt(counts[gram.row] * counts[gram.col]) + 10)
        similar[np.diag_indices(len(similar))] = 0
        nearest = np.argpartition(-similar, 100, axis=1)[:, :100]
        return nearest, np.take_along_axis(similar, nearest, 1)

    return run


TASKS = {
    "search": search,
    "ials": lambda folder: ials(folder, exact=True),
    "ials-cg": lambda folder: ials(folder, exact=False),
    "ease": ease,
    "item-knn": item_knn,
}
ready = {}
for line in sys.stdin:
    asked = json.loads(line)
    key = (asked["task"], asked["folder"])
    try:
        if key not in ready:
            ready[key] = TASKS[asked["task"]](asked["folder"])
        started = time.perf_counter()
        ready[key]()
        answer = {"ms": 1000 * (time.perf_counter() - started)}
    except Exception as error:
        answer = {"why": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)

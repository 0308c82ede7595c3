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


TASKS = {"search": search}
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

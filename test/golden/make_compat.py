"""Orthogonal Procrustes by scipy, rank-biased overlap by the package rbo, for test/unit/evaluation/compat.test.ts.

pip install numpy==1.26.4 scipy==1.17.1 rbo==0.1.3 && python test/golden/make_compat.py
"""
import json
from pathlib import Path

import numpy as np
from rbo import RankingSimilarity
from scipy.linalg import orthogonal_procrustes

rng = np.random.default_rng(17)
rows, dim = 40, 6
moved = rng.normal(size=(rows, dim)).astype(np.float32)
moved[:, 4] *= 1e-4  # a direction that is hardly used
turn, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
reference = (moved @ turn + 0.3 * rng.normal(size=(rows, dim))).astype(np.float32)
rotation, scale = orthogonal_procrustes(moved.astype(float), reference.astype(float))

pairs = [(20, 20, 30), (20, 20, 200), (20, 20, 20), (5, 5, 7), (20, 13, 40), (1, 1, 2)]
lists = []
for n, m, catalogue in pairs:
    a, b = rng.permutation(catalogue)[:n].tolist(), rng.permutation(catalogue)[:m].tolist()
    lists.append({"a": a, "b": b, "p": 0.9, "rbo": RankingSimilarity(a, b).rbo_ext(p=0.9)})
    lists.append({"a": a, "b": b, "p": 0.98, "rbo": RankingSimilarity(a, b).rbo_ext(p=0.98)})
out = {
    "dim": dim,
    "moved": moved.ravel().tolist(),
    "reference": reference.ravel().tolist(),
    "rotation": rotation.ravel().tolist(),
    "singularValues": scale,
    "lists": lists,
}
Path(__file__).with_name("compat.json").write_text(json.dumps(out) + "\n")

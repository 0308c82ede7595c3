"""Writes pca.json: the two principal axes of small seeded vectors by NumPy's full eigendecomposition, and the vectors on them.

    pip install numpy && python3 test/golden/make_pca.py
"""
import json
import pathlib

import numpy as np


def case(name, rows, dim, scales, seed):
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(rows, dim)) * np.array(scales) @ np.linalg.qr(rng.normal(size=(dim, dim)))[0] + rng.normal(size=dim)
    vectors = mixed.astype(np.float32)
    centred = vectors.astype(np.float64) - vectors.astype(np.float64).mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred / rows)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return {
        "name": name,
        "dim": dim,
        "vectors": [float(x) for x in vectors.ravel()],
        "points": [round(float(x), 6) for x in (centred @ axes).ravel()],
        "explained": [float(x) for x in values[::-1][:2] / values.sum()],
    }


cases = [
    case("well apart", 40, 6, [5, 3, 1, 1, 0.5, 0.1], 1),
    case("close eigenvalues", 60, 8, [1.05, 1.02, 1, 1, 0.98, 0.95, 0.9, 0.9], 2),
    case("two dimensions", 20, 2, [2, 1], 3),
    case("fewer rows than dimensions", 5, 9, [3, 2, 1, 1, 1, 1, 1, 1, 1], 4),
]
pathlib.Path(__file__).with_name("pca.json").write_text(json.dumps({"numpy": np.__version__, "cases": cases}) + "\n")

"""Truncated SVD of a normalised interaction matrix by LAPACK (numpy.linalg.svd), for test/unit/training/spectral.test.ts."""
import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(11)
users, items, rank = 90, 60, 8
a = (rng.random((users, items)) < 0.06 + 0.3 * (np.arange(users)[:, None] % 5 == np.arange(items)[None, :] % 5)).astype(float)
a[3] = 0  # a user and an item without any interaction
a[:, 7] = 0
root = lambda n: np.divide(1, np.sqrt(n), out=np.zeros_like(n), where=n > 0)
w = root(a.sum(1))[:, None] * a * root(a.sum(0))[None, :]
p, sigma, qt = np.linalg.svd(w, full_matrices=False)
out = {
    "users": users,
    "items": items,
    "rank": rank,
    "pairs": np.argwhere(a > 0).tolist(),
    "sigma": sigma[:rank].round(10).tolist(),
    # signs of singular vectors are arbitrary, those of their products are not
    "scores": ((p[:, :rank] * sigma[:rank] ** 2) @ qt[:rank]).round(10).ravel()[::7].tolist(),
}
Path(__file__).with_name("svd.json").write_text(json.dumps(out) + "\n")

"""Writes baselines.json: item-kNN, EASE and iALS on a small random matrix, computed with NumPy and SciPy straight from the papers'
formulas (dense similarity matrices, scipy.linalg.inv, numpy.linalg.solve), so that main/engine/evaluation/baselines is tested
against another implementation. Deterministic.

    pip install numpy scipy && python3 test/golden/make_baselines.py
"""
import json
import pathlib

import numpy as np
import scipy.linalg
import scipy.sparse


def interactions(rng, users, items, pairs):
    popularity = rng.permutation(1 / np.arange(1, items + 1) ** 0.8)
    user = rng.integers(0, users - 1, pairs)  # the last user has met nothing
    item = rng.choice(items, pairs, p=popularity / popularity.sum())
    x = scipy.sparse.csr_matrix((np.ones(pairs), (user, item)), shape=(users, items))
    x.data[:] = 1
    return x


def item_knn(x, neighbours, shrinkage, normalise, item_mean):
    """Cosine with shrinkage; the most similar items of each, ties to the lower index."""
    x = x.toarray()
    together = x.T @ x
    count = np.diag(together)
    with np.errstate(invalid="ignore", divide="ignore"):
        similarity = np.where(together > 0, together / (np.sqrt(np.outer(count, count)) + shrinkage), 0).astype(np.float32)
    np.fill_diagonal(similarity, 0)
    kept = np.zeros_like(similarity, dtype=float)
    for i, row in enumerate(similarity):
        best = np.lexsort((np.arange(len(row)), -row))[:neighbours]
        kept[i, best] = row[best]
    if normalise:
        kept = kept / np.maximum(kept.sum(1, keepdims=True), 1e-300)
    mean = x.mean(0)
    return (x - mean) @ kept.T + mean if item_mean else x @ kept.T


def ease(x, regularisation):
    x = x.toarray()
    p = scipy.linalg.inv(x.T @ x + regularisation * np.eye(x.shape[1]))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    return x @ b


def ials(x, users, items, epochs, reg, unobserved, nu):
    """Alternating exact solutions from given factors; returns both and the objective per observed pair."""
    x = x.toarray()
    def side(x, other):
        own = np.zeros((x.shape[0], other.shape[1]))
        for r, met in enumerate(x):
            n = met.sum()
            if n == 0:
                continue
            v = other[met > 0]
            a = v.T @ v + unobserved * other.T @ other + reg * (n + unobserved * x.shape[1]) ** nu * np.eye(other.shape[1])
            own[r] = np.linalg.solve(a, v.sum(0))
        return own
    for _ in range(epochs):
        users = side(x, items)
        items = side(x.T, users)
    scores = users @ items.T
    loss = ((scores - 1) ** 2)[x > 0].sum() + unobserved * (scores**2).sum()
    for rows, own in ((x, users), (x.T, items)):
        loss += (reg * (rows.sum(1) + unobserved * rows.shape[1]) ** nu * (own**2).sum(1)).sum()
    return users, items, loss / x.sum()


def main():
    rng = np.random.default_rng(7)
    cases = []
    for users, items, pairs in [(30, 23, 260), (18, 40, 200)]:
        x = interactions(rng, users, items, pairs)
        dim = 5
        u, v = rng.normal(0, 0.1, (users, dim)), rng.normal(0, 0.1, (items, dim))
        knn = [dict(neighbours=6, shrinkage=2.5, normalise=False, item_mean=False), dict(neighbours=9, shrinkage=0, normalise=True, item_mean=True)]
        options = [dict(epochs=3, reg=0.05, unobserved=0.2, nu=1.0), dict(epochs=2, reg=0.3, unobserved=0.1, nu=0.0)]
        trained = [ials(x, u, v, **o) for o in options]
        cases.append(
            {
                "users": users,
                "items": items,
                "rows": [row.indices.tolist() for row in x],
                "knn": [{**o, "scores": item_knn(x, **o).ravel().tolist()} for o in knn],
                "ease": [{"lambda": l, "scores": ease(x, l).ravel().tolist()} for l in (3.0, 80.0)],
                "start": {"dim": dim, "users": u.ravel().tolist(), "items": v.ravel().tolist()},
                "ials": [{**o, "users": a.ravel().tolist(), "items": b.ravel().tolist(), "loss": l} for o, (a, b, l) in zip(options, trained)],
            }
        )
    text = json.dumps(cases, separators=(",", ":"))
    (pathlib.Path(__file__).parent / "baselines.json").write_text(text + "\n")


main()

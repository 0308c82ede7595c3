"""Writes diversity.json: Gini of exposure, mean self-information, mean popularity and intra-list similarity of random lists, computed with
NumPy straight from the definitions (all pairs, dense vectors), so that main/engine/evaluation/diversity.ts is tested against another
implementation. Deterministic.

    pip install numpy && python3 test/golden/make_diversity.py
"""
import json
import pathlib

import numpy as np

KS = [1, 5, 10]


def gini(counts):
    """Half of the relative mean absolute difference."""
    return float(np.abs(counts[:, None] - counts[None, :]).sum() / (2 * len(counts) ** 2 * counts.mean()))


def case(rng, users, items, share):
    """`seen` may hold a pair twice; the last items are nobody's. Lists may end early."""
    popular = rng.pareto(1.2, items) + 0.2
    popular[-3:] = 0
    seen = [sorted(rng.choice(items, int(share * items), p=popular / popular.sum()).tolist()) for _ in range(users)]
    lists = [rng.permutation(items)[: KS[-1] if user % 7 else 4].tolist() for user in range(users)]
    had = np.zeros((users, items))
    for user, row in enumerate(seen):
        had[user, row] = 1
    audience = had.sum(0)
    unit = had / np.sqrt(np.maximum(audience, 1))
    cosine = unit.T @ unit
    values = {}
    for k in KS:
        first = [row[:k] for row in lists]
        shown = np.array([item for row in first for item in row])
        values[f"gini@{k}"] = gini(np.bincount(shown, minlength=items).astype(float))
        values[f"novelty@{k}"] = float(np.mean(-np.log2(np.maximum(audience[shown], 1) / users)))
        values[f"popularity@{k}"] = float(np.mean(audience[shown]))
        if k > 1:
            pairs = [np.mean([cosine[a, b] for i, a in enumerate(row) for b in row[:i]]) for row in first]
            values[f"similarity@{k}"] = float(np.mean(pairs))
    return {"users": users, "items": items, "ks": KS, "seen": seen, "lists": lists, "values": values}


rng = np.random.default_rng(20)
cases = [case(rng, 30, 25, 0.2), case(rng, 120, 60, 0.3), case(rng, 9, 200, 0.05)]
pathlib.Path(__file__).with_name("diversity.json").write_text(json.dumps(cases))

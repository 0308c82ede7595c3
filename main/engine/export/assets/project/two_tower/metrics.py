"""Recall and NDCG as Pylon measures them, and the best items for a user: all items are candidates, seen ones are left out, ties go by item
order."""

from __future__ import annotations

import numpy as np

from .data import TEST, VALIDATION, Array, Data, scores


def seen_items(data: Data, user: int, before: int = TEST) -> Array:
    """What a user has interacted with in the parts before one, each item once."""
    q = np.arange(data.begins[user], data.begins[user + 1])
    seen: Array = np.unique(data.item[q[data.part[q] < before]])
    return seen


def evaluate(data: Data, user_vectors: Array, item_vectors: Array, cuts: tuple[int, ...] = (10, 20), part: int = TEST) -> dict[str, float]:
    """Mean recall and NDCG at the cut-offs over the users who have something to find in the part (validation 1, test 2)."""
    names = [f"{metric}@{k}" for k in cuts for metric in ("recall", "ndcg")]
    sums, queries, depth = dict.fromkeys(names, 0.0), 0, max(cuts)
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    for user in range(len(data.users.ids)):
        q = np.arange(data.begins[user], data.begins[user + 1])
        wanted = np.unique(data.item[q[(data.part[q] == part) & counts[q]]])
        seen = seen_items(data, user, part)
        if data.seen_masked:
            wanted = np.setdiff1d(wanted, seen)
        if len(wanted) == 0:
            continue
        found = scores(data.spec["match"], user_vectors[user], item_vectors)
        if data.seen_masked:
            found[seen] = -np.inf
        hits = np.isin(np.argsort(-found, kind="stable")[:depth], wanted)
        gains = hits / np.log2(np.arange(len(hits)) + 2)
        for k in cuts:
            ideal = (1 / np.log2(np.arange(min(k, len(wanted))) + 2)).sum()
            sums[f"recall@{k}"] += float(hits[:k].sum() / len(wanted))
            sums[f"ndcg@{k}"] += float(gains[:k].sum() / ideal)
        queries += 1
    return {name: value / max(1, queries) for name, value in sums.items()}


def can_validate(data: Data) -> bool:
    """Whether there is a validation part that was not trained on."""
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    return VALIDATION not in data.train_parts and bool(np.any((data.part == VALIDATION) & counts))


def recommend(data: Data, user_vector: Array, item_vectors: Array, user: int, k: int = 10) -> list[tuple[str, float]]:
    """The k best items for a known user: their ids and scores."""
    found = scores(data.spec["match"], user_vector, item_vectors)
    found[seen_items(data, user)] = -np.inf
    best = np.argsort(-found, kind="stable")[:k]
    return [(data.items.ids[item], float(found[item])) for item in best if np.isfinite(found[item])]

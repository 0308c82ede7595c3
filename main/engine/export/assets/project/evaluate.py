"""Measures vectors on the test part as Pylon does: all items are candidates, seen ones are left out, ties go by item order.

    python evaluate.py            the vectors of embed.py, else those that came with the project
"""

import json

import numpy as np

from data import HERE, TEST, TRAIN, VALIDATION, Data, scores


def evaluate(data, user_vectors, item_vectors, cuts=(10, 20)):
    """Mean recall and NDCG at the cut-offs over the users with something to find."""
    sums, queries, depth = {}, 0, max(cuts)
    counts = data._counts(data.codes(data.spec["evaluation"]["events"]))
    for user in range(len(data.users.ids)):
        q = np.arange(data.begins[user], data.begins[user + 1])
        seen = np.unique(data.item[q[(data.part[q] == TRAIN) | (data.part[q] == VALIDATION)]])
        wanted = np.unique(data.item[q[(data.part[q] == TEST) & counts[q]]])
        if data.seen_masked:
            wanted = np.setdiff1d(wanted, seen)
        if len(wanted) == 0:
            continue
        found = scores(data.spec["match"], user_vectors[user], item_vectors)
        if data.seen_masked:
            found[seen] = -np.inf
        best = np.argsort(-found, kind="stable")[:depth]
        hits = np.isin(best, wanted)
        gains = hits / np.log2(np.arange(depth) + 2)
        for k in cuts:
            ideal = (1 / np.log2(np.arange(min(k, len(wanted))) + 2)).sum()
            sums[f"recall@{k}"] = sums.get(f"recall@{k}", 0) + hits[:k].sum() / len(wanted)
            sums[f"ndcg@{k}"] = sums.get(f"ndcg@{k}", 0) + gains[:k].sum() / ideal
        queries += 1
    return {name: float(value / queries) for name, value in sums.items()}


def main():
    folder = HERE / "embedded" if (HERE / "embedded").exists() else HERE / "data"
    print(json.dumps(evaluate(Data(), np.load(folder / "user_vectors.npy"), np.load(folder / "item_vectors.npy"))))


if __name__ == "__main__":
    main()

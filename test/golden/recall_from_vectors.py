"""Recomputes recall@K and NDCG@K from exported vectors with NumPy alone, so that the numbers a run prints can be checked by a
program that shares no code with it. Every item is a candidate, the user's earlier items are masked, ties go by item order.

    pip install numpy
    pylon export --run R --format vectors --out V
    python3 test/golden/recall_from_vectors.py V --lightgcn FOLDER     # train.txt and test.txt: "user item item ..." a line
    python3 test/golden/recall_from_vectors.py V --dataset FOLDER      # a dataset's folder in the workspace
Prints one JSON object, and beside each figure the run's own, where metrics.json has it.
"""
import argparse
import json
import pathlib

import numpy as np

TRAIN, VALIDATION, TEST = 0, 1, 2


def from_lightgcn(folder, user_ids, item_ids):
    """Seen and held-out item rows by user row, from the ids in the text files."""
    users = {u: k for k, u in enumerate(user_ids)}
    items = {i: k for k, i in enumerate(item_ids)}

    def read(name):
        lists = {}
        for line in (folder / name).read_text().splitlines():
            user, *rest = line.split()
            lists.setdefault(users[user], set()).update(items[i] for i in rest)
        return lists

    return read("train.txt"), read("test.txt")


def from_dataset(folder, user_ids, item_ids):
    """The same from the raw arrays of an imported dataset, whose indices are the rows of the vectors."""
    arrays = folder / "interactions"
    user, item = (np.fromfile(arrays / f"{side}.i32", dtype="<i4") for side in ("user", "item"))
    part = np.fromfile(arrays / "part.u8", dtype=np.uint8)
    assert len(user) == len(item) == len(part), "the arrays are not of one length"
    assert user.max() < len(user_ids) and item.max() < len(item_ids), "the vectors are of another dataset"
    seen, held = {}, {}
    for u, i, p in zip(user.tolist(), item.tolist(), part.tolist()):
        if p in (TRAIN, VALIDATION):
            seen.setdefault(u, set()).add(i)
        elif p == TEST:
            held.setdefault(u, set()).add(i)
    return seen, held


def first(scores, k):
    """The k best positions, best first, ties by position: all that reach the k-th best score, then sorted stably."""
    candidates = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    return candidates[np.argsort(-scores[candidates], kind="stable")][:k]


def evaluate(users, items, seen, held, k, batch=512):
    """Means over the users who have something to find: recall divides by what is held out, NDCG by the ideal of min(k, held)."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    targets = {u: held[u] - seen.get(u, set()) for u in sorted(held)}
    order = [u for u, t in targets.items() if t]
    recall = ndcg = 0.0
    shown = set()
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        scores = users[rows] @ items.T
        for row, u in enumerate(rows):
            scores[row, list(seen.get(u, ()))] = -np.inf
        for row, u in enumerate(rows):
            best = first(scores[row], k).tolist()
            hits = np.array([i in targets[u] for i in best])
            recall += hits.sum() / len(targets[u])
            ndcg += discounts[hits].sum() / discounts[: min(k, len(targets[u]))].sum()
            shown.update(best)
    n = len(order)
    return {"users": n, f"recall@{k}": recall / n, f"ndcg@{k}": ndcg / n, f"coverage@{k}": len(shown) / len(items)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vectors", type=pathlib.Path)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--lightgcn", type=pathlib.Path)
    source.add_argument("--dataset", type=pathlib.Path)
    parser.add_argument("--k", type=int, default=20)
    args = parser.parse_args()

    users, items = (np.load(args.vectors / f"{side}_vectors.npy") for side in ("user", "item"))
    ids = [json.loads((args.vectors / f"{side}_ids.json").read_text()) for side in ("user", "item")]
    assert [len(users), len(items)] == [len(ids[0]), len(ids[1])], "rows and ids are not as many"
    seen, held = from_lightgcn(args.lightgcn, *ids) if args.lightgcn else from_dataset(args.dataset, *ids)
    result = evaluate(users, items, seen, held, args.k)
    path = args.vectors / "metrics.json"
    said = json.loads(path.read_text()) if path.exists() else {}
    said = said.get("metrics", said)
    print(json.dumps({**result, "said": {name: said[name] for name in result if name in said}}))


if __name__ == "__main__":
    main()

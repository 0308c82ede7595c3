"""Most popular on LightGCN's split of Gowalla, by NumPy alone: what `pylon prove` is held to. `python3 gowalla_most_popular.py FOLDER`

FOLDER has train.txt and test.txt, a user and their items a line. Items by training users, ties by the smaller id; items of train are masked.
"""

import sys
from pathlib import Path

import numpy as np

K = 20


def read(path: Path) -> dict[int, list[int]]:
    rows = (list(map(int, line.split())) for line in path.read_text().splitlines())
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def main(folder: Path) -> None:
    train, test = read(folder / "train.txt"), read(folder / "test.txt")
    items = 1 + max(max(row) for part in (train, test) for row in part.values())
    counts = np.bincount(np.concatenate(list(train.values())), minlength=items)
    order = np.lexsort((np.arange(items), -counts))
    gains = 1 / np.log2(np.arange(2, K + 2))
    recalls, ndcgs = [], []
    for user, held in test.items():
        seen = set(train.get(user, []))
        top = []
        for item in order:
            if item not in seen:
                top.append(item)
                if len(top) == K:
                    break
        hits = np.isin(top, held)
        recalls.append(hits.sum() / len(held))
        ndcgs.append((hits * gains).sum() / gains[: len(held)].sum())
    print(f"{len(recalls)} users: recall@20 {np.mean(recalls):.5f}, ndcg@20 {np.mean(ndcgs):.5f}")


main(Path(sys.argv[1]))

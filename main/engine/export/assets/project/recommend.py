"""The ten best items for a known user: python recommend.py USER"""

import json
import sys

import numpy as np

from data import HERE, TRAIN, VALIDATION, Data, scores


def recommend(data, user_vectors, item_vectors, user, k=10):
    row = data.users.ids.index(user)
    q = np.arange(data.begins[row], data.begins[row + 1])
    found = scores(data.spec["match"], user_vectors[row], item_vectors)
    found[data.item[q[(data.part[q] == TRAIN) | (data.part[q] == VALIDATION)]]] = -np.inf
    best = np.argsort(-found, kind="stable")[:k]
    return [(data.items.ids[item], float(found[item])) for item in best]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python recommend.py USER")
    folder = HERE / "embedded" if (HERE / "embedded").exists() else HERE / "data"
    found = recommend(Data(), np.load(folder / "user_vectors.npy"), np.load(folder / "item_vectors.npy"), sys.argv[1])
    print(json.dumps([{"item": item, "score": score} for item, score in found]))

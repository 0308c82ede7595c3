"""The best items for a known user by the model as it is: python recommend.py USER"""

import argparse
import json
import sys

import numpy as np

from two_tower.data import Data
from two_tower.inference import Embedder, embed_all
from two_tower.metrics import recommend


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("user")
    parser.add_argument("-k", type=int, default=10, help="how many items")
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    data = Data()
    if args.user not in data.users.ids:
        sys.exit(f"There is no user {args.user!r}: the ids are those of data/facts.json.")
    row = data.users.ids.index(args.user)
    embedder = Embedder(data, args.device)
    found = recommend(data, embedder.embed("user", np.array([row]))[0], embed_all(embedder, data, "item"), row, args.k)
    print(json.dumps([{"item": item, "score": score} for item, score in found]))


if __name__ == "__main__":
    main()

"""The best items for a user by the model in use: python recommend.py USER

With what happened since, and new users and items: python recommend.py USER --data new.csv --users users.csv --items items.csv
"""

import argparse
import json
import sys

import numpy as np

from two_tower.data import VALIDATION
from two_tower.inference import Embedder
from two_tower.metrics import embed_all, recommend
from two_tower.options import add_model, add_rows, data_with_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("user")
    parser.add_argument("-k", type=int, default=10, help="how many items")
    add_model(parser)
    add_rows(parser, "interactions since those of the model")
    args = parser.parse_args()
    data = data_with_rows(args, VALIDATION)
    if args.user not in data.users.ids:
        sys.exit(f"There is no user {args.user!r}: name one of the project, or give its row with --users FILE.")
    row = data.users.ids.index(args.user)
    embedder = Embedder(data, args.device)
    found = recommend(data, embedder.embed("user", np.array([row]))[0], embed_all(embedder, data, "item"), row, args.k)
    print(json.dumps([{"item": item, "score": score} for item, score in found]))


if __name__ == "__main__":
    main()

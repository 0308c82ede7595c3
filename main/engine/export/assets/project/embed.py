"""Embeds every user (as of the end of validation) and every item into embedded/ by the model in use: python embed.py

Row k of a file of vectors is the id in entry k of the file of ids beside it. With new users and items, and what happened since:
python embed.py --data new.csv --users users.csv --items items.csv
"""

import argparse
import json

import numpy as np

from two_tower.data import PROJECT, VALIDATION
from two_tower.inference import Embedder
from two_tower.metrics import embed_all
from two_tower.options import add_model, add_rows, data_with_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    add_rows(parser, "interactions since those of the model")
    args = parser.parse_args()
    data = data_with_rows(args, VALIDATION)
    embedder, folder = Embedder(data, args.device), PROJECT / "embedded"
    folder.mkdir(exist_ok=True)
    for side, entities in (("user", data.users), ("item", data.items)):
        np.save(folder / f"{side}_vectors.npy", embed_all(embedder, data, side))
        (folder / f"{side}_ids.json").write_text(json.dumps(entities.ids), encoding="utf-8")
    print(f"{len(data.users.ids):,} users, {len(data.items.ids):,} items by {embedder.weights.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()

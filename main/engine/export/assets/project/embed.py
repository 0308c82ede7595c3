"""Embeds every user (as of the end of validation) and every item into embedded/ by the model as it is: python embed.py"""

import argparse

import numpy as np

from two_tower.data import PROJECT, Data
from two_tower.inference import Embedder, embed_all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    data = Data()
    embedder, folder = Embedder(data, args.device), PROJECT / "embedded"
    folder.mkdir(exist_ok=True)
    for side in ("user", "item"):
        np.save(folder / f"{side}_vectors.npy", embed_all(embedder, data, side))
    print(f"{len(data.users.ids):,} users, {len(data.items.ids):,} items by {embedder.weights.name}")


if __name__ == "__main__":
    main()

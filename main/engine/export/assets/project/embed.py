"""Embeds every user (as of the end of validation) and every item into embedded/: python embed.py"""

import numpy as np

from data import HERE, Data

BLOCK = 2048


def embed(trainer, data, side):
    """The vectors of a side, a row an entity."""
    count = len((data.users if side == "user" else data.items).ids)
    return np.concatenate([trainer.embed(side, np.arange(at, min(count, at + BLOCK))) for at in range(0, count, BLOCK)])


def main():
    from step import Trainer

    data = Data()
    trainer = Trainer(data)
    (HERE / "embedded").mkdir(exist_ok=True)
    for side in ("user", "item"):
        np.save(HERE / "embedded" / f"{side}_vectors.npy", embed(trainer, data, side))
    print(f"{len(data.users.ids):,} users, {len(data.items.ids):,} items")


if __name__ == "__main__":
    main()

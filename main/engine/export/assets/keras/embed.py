"""Embeds every user (as of the end of validation) and every item into embedded/: python embed.py"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
BLOCK = 2048

def embed_users(model, data, users=None):
    users = np.arange(len(data.users.ids)) if users is None else users
    blocks = [users[i : i + BLOCK] for i in range(0, len(users), BLOCK)]
    return np.concatenate([model.embed_users(data, block, data.context_of(block)).numpy() for block in blocks])

def embed_items(model, data):
    items = np.arange(len(data.items.ids))
    return np.concatenate([model.embed_items(data, items[i : i + BLOCK]).numpy() for i in range(0, len(items), BLOCK)])

def main():
    from data import Data
    from train import load_model

    data = Data()
    model = load_model(data)
    (HERE / "embedded").mkdir(exist_ok=True)
    np.save(HERE / "embedded" / "user_vectors.npy", embed_users(model, data))
    np.save(HERE / "embedded" / "item_vectors.npy", embed_items(model, data))
    print(f"{len(data.users.ids):,} users, {len(data.items.ids):,} items")

if __name__ == "__main__":
    main()

"""Recall and NDCG as Pylon measures them, and the best items for a user: all items are candidates, seen ones are left out, ties go by item
order."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .data import TEST, VALIDATION, Array, Data, scores

BLOCK = 2048


class Embeds(Protocol):
    """Gives the vectors of users and items by row."""

    def embed(self, side: str, rows: Array, last_part: int = VALIDATION) -> Array: ...


def embed_all(embedder: Embeds, data: Data, side: str, last_part: int = VALIDATION) -> Array:
    """The vectors of a side, a row an entity; users with all they did up to a part."""
    count = len((data.users if side == "user" else data.items).ids)
    blocks = [embedder.embed(side, np.arange(at, min(count, at + BLOCK)), last_part) for at in range(0, count, BLOCK)]
    return np.concatenate(blocks)


def measured(embedder: Embeds, data: Data, part: int) -> dict[str, float]:
    """Recall and NDCG on a part (validation 1, test 2), each user as of the end of the one before it."""
    return means_of(data, *vectors_as_of(embedder, data, part), part)


def means_of(data: Data, users: Array, items: Array, part: int) -> dict[str, float]:
    """Recall and NDCG of vectors; of a model of training.matryoshka also by their first numbers alone, dim32.recall@20 by the first 32."""
    found = means(by_user(data, users, items, part))
    for width in data.spec["training"].get("matryoshka", []):
        short = means(by_user(data, first(data, users, width), first(data, items, width), part))
        found |= {f"dim{width}.{name}": value for name, value in short.items()}
    return found


def first(data: Data, vectors: Array, width: int) -> Array:
    """The first numbers of each vector, which a cosine compares at length 1."""
    begin = vectors[:, :width]
    if data.spec["match"]["kind"] != "cosine":
        return begin
    return np.asarray(begin / np.maximum(np.linalg.norm(begin, axis=1, keepdims=True), 1e-12))


def vectors_as_of(embedder: Embeds, data: Data, part: int) -> tuple[Array, Array]:
    """Of users as of the end of the part before one, and of items."""
    return embed_all(embedder, data, "user", part - 1), embed_all(embedder, data, "item")


def means(found: dict[str, Array]) -> dict[str, float]:
    """Over users; no metric where there is none."""
    return {name: float(values.mean()) for name, values in found.items() if len(values) > 0}


def seen_items(data: Data, user: int, before: int = TEST) -> Array:
    """What a user has interacted with in the parts before one, each item once."""
    q = np.arange(data.begins[user], data.begins[user + 1])
    seen: Array = np.unique(data.item[q[data.part[q] < before]])
    return seen


def by_user(
    data: Data, user_vectors: Array, item_vectors: Array, part: int = TEST, cuts: tuple[int, ...] = (10, 20), users: Array | None = None
) -> dict[str, Array]:
    """Recall and NDCG at the cut-offs of each user who has something to find in the part (validation 1, test 2), in the order of users.
    `users`: of these alone, whose vectors `user_vectors` then are."""
    found: dict[str, list[float]] = {f"{metric}@{k}": [] for k in cuts for metric in ("recall", "ndcg")}
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    for row, user in enumerate(np.arange(len(data.users.ids)) if users is None else users):
        wanted, left_out = to_find(data, user, part, counts)
        if len(wanted) == 0:
            continue
        score = scores(data.spec["match"], user_vectors[row], item_vectors)
        score[left_out] = -np.inf
        for name, value in values_of(np.isin(np.argsort(-score, kind="stable")[: max(cuts)], wanted), len(wanted), cuts).items():
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}


def to_find(data: Data, user: int, part: int, counts: Array) -> tuple[Array, Array]:
    """The items that a user has to find in a part, and those that are no candidates. `counts`: [interactions], which are to be found."""
    q = np.arange(data.begins[user], data.begins[user + 1])
    wanted = np.unique(data.item[q[(data.part[q] == part) & counts[q]]])
    if not data.seen_masked:
        return wanted, np.zeros(0, np.int64)
    seen = seen_items(data, user, part)
    return np.setdiff1d(wanted, seen), seen.astype(np.int64)


def values_of(hits: Array, wanted: int, cuts: tuple[int, ...]) -> dict[str, float]:
    """Recall and NDCG at the cut-offs of a user with so many items to find. `hits`: whether each of the best is one."""
    gains = hits / np.log2(np.arange(len(hits)) + 2)
    ideal = 1 / np.log2(np.arange(max(cuts)) + 2)
    recalls = {f"recall@{k}": float(hits[:k].sum() / wanted) for k in cuts}
    return recalls | {f"ndcg@{k}": float(gains[:k].sum() / ideal[: min(k, wanted)].sum()) for k in cuts}


def can_validate(data: Data) -> bool:
    """Whether there is a validation part that was not trained on."""
    counts = data.counts(data.codes(data.spec["evaluation"]["events"]))
    return VALIDATION not in data.train_parts and bool(np.any((data.part == VALIDATION) & counts))


def recommend(data: Data, user_vector: Array, item_vectors: Array, user: int, k: int = 10) -> list[tuple[str, float]]:
    """The k best items for a known user: their ids and scores."""
    found = scores(data.spec["match"], user_vector, item_vectors)
    found[seen_items(data, user)] = -np.inf
    best = np.argsort(-found, kind="stable")[:k]
    return [(data.items.ids[item], float(found[item])) for item in best if np.isfinite(found[item])]

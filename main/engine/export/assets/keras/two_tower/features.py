"""From data/ to what the towers read, by NumPy alone.

`dense` [n × width]; of a bag `NAME.rows` [n × length], rows of its table, and `NAME.weights`, 1/m for each of m rows and 0 where it is
padded; of a history that is encoded in its tower `NAME.items` [n × length], `NAME.mask` and, where it reads them, codes `NAME.age` and
`NAME.event`.
"""

from __future__ import annotations

import re

import numpy as np

from .data import VALIDATION, Array, Context, Data, Json, Moment, Side

Features = dict[str, Array]


def inputs_of(encoders: Json, side: str) -> list[tuple[str, Json]]:
    """The bags of a tower and their names, which are letters, digits, dots and _, each once: `genre`, `place.cell0`."""
    layout, found = encoders[f"{side}Layout"], dict[str, Json]()
    for bag in [*layout["bags"], *layout["contextBags"]]:
        table, prefix = bag["table"], f"{side}."
        name = bag["feature"] if "sequence" in bag or not table.startswith(prefix) else table[len(prefix) :]
        name = re.sub(r"[^A-Za-z0-9._]|^(?![A-Za-z0-9])", "_", name)
        while name in found or name == "dense":
            name += "_"
        found[name] = bag
    return list(found.items())


def item_features(data: Data, items: Array, hide: np.random.Generator | None = None, fixed: bool = False) -> Features:
    """Of items. @param hide now and then an id is unknown, so that new items have a trained row
    @param fixed bags are as long as the longest of all, so that batches are of one shape"""
    return _entity_features(data, "item", data.items, items, None, hide, fixed)


def user_features(data: Data, users: Array, context: Context, hide: np.random.Generator | None = None, fixed: bool = False) -> Features:
    """Of users at a moment."""
    ages, moments = context
    features = _entity_features(data, "user", data.users, users, ages, hide, fixed)
    names = [name for name, _ in inputs_of(data.encoders, "user")][len(data.users.bags) :]
    for name, moment in zip(names, moments):
        features.update(_moment_features(name, moment, fixed))
    return features


def users_as_of(data: Data, users: Array, last_part: int = VALIDATION) -> Features:
    """Of users with all they did up to a part (0 train, 1 validation)."""
    return user_features(data, users, data.context_of(users, last_part))


def _entity_features(
    data: Data, name: str, side: Side, entities: Array, ages: Array | None, hide: np.random.Generator | None, fixed: bool
) -> Features:
    dense = side.dense[entities] if ages is None else np.concatenate([side.dense[entities], ages], axis=1)
    features: Features = {"dense": dense.astype(np.float32)} if dense.shape[1] > 0 else {}
    for bag, (own, _) in zip(side.bags, inputs_of(data.encoders, name)):
        indices, begins = bag.of(entities)
        if hide is not None and bag.unknown_rate > 0:
            indices = np.where(hide.random(len(indices)) < bag.unknown_rate, 0, indices)
        features.update(_pooled(own, indices, begins, int(np.diff(bag.offsets).max(initial=1)) if fixed else 1))
    return features


def _moment_features(name: str, moment: Moment, fixed: bool) -> Features:
    """A history or a clock: pooled, or laid out for the tower that encodes it."""
    if "sequence" not in moment.bag:
        longest = (moment.bag["maxLength"] if moment.bag["kind"] == "history" else 1) if fixed else 1
        return _pooled(name, moment.indices, moment.begins, longest)
    sequence, places = moment.bag["sequence"], moment.padded()

    def laid(values: Array | float, kind: type = np.int32) -> Array:
        out: Array = np.zeros((len(moment.begins) - 1, sequence["length"]), kind)
        out[places] = values
        return out

    features = {f"{name}.items": laid(moment.indices), f"{name}.mask": laid(1.0, np.float32)}
    codes = {"age": moment.ages, "event": moment.events}
    return features | {f"{name}.{each}": laid(values) for each, values in codes.items() if each in sequence["inputs"]}


def _pooled(name: str, indices: Array, begins: Array, least: int) -> Features:
    lengths = np.diff(begins)
    shape = (len(lengths), max(1, least, int(lengths.max(initial=0))))
    rows, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    there = np.arange(shape[1]) < lengths[:, None]
    rows[there] = indices
    weights[there] = np.repeat(1 / np.maximum(1, lengths), lengths)
    return {f"{name}.rows": rows, f"{name}.weights": weights}

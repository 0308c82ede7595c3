"""How much each example counts in the loss, by `training.weights` of spec.json: events, rewards, users. Of mean 1, as Pylon has it."""

from __future__ import annotations

import numpy as np

from .data import Array, Data


def example_weights(data: Data) -> Array | None:
    """[interactions], 0 for what is no example; None where all count alike. @raises ValueError for a negative one, or where all are 0"""
    spec, examples, cap = data.spec["training"]["weights"], data.examples(), data.spec["training"]["perUserCap"]
    by_event = np.array([spec["events"].get(name, 1) for name in data.events], np.float64)
    if spec["users"] == "by-examples" and not spec["reward"] and not spec["eventMean"] and np.all(by_event == 1):
        return None
    users = data.user[examples]
    share = np.ones(len(examples)) if cap is None else np.minimum(1, cap / np.bincount(users)[users])  # in how many epochs each is
    found = np.ones(len(examples)) if data.event is None or len(by_event) == 0 else by_event[data.event[examples]]
    if spec["reward"] and data.reward is not None:
        found = found * data.reward[examples]
    if not np.all(found >= 0):
        raise ValueError("A weight is negative: rewards must be 0 or more.")
    if spec["eventMean"] and data.event is not None:
        found = found / counts(data.event[examples], share)
    if spec["users"] == "equal":
        found = found / counts(users, share)
    mean = (found * share).sum() / share.sum()
    if mean == 0:
        raise ValueError("All examples weigh 0: see training.weights in spec.json.")
    weights = np.zeros(len(data.user), np.float32)
    weights[examples] = found / mean
    return weights


def counts(keys: Array, share: Array) -> Array:
    """For each example how many of an epoch have its key."""
    found: Array = np.bincount(keys, share)[keys]
    return found

"""Which examples an epoch has, in which order, and what the learning rates are multiplied by at each of its steps."""

from __future__ import annotations

import math

import numpy as np

from .data import Array, Data, Json


def epoch_of(data: Data, examples: Array, generator: np.random.Generator) -> Array:
    """Positions by time or shuffled anew, of each user at most so many, and whole batches of them."""
    training = data.spec["training"]
    drawn, cap = generator.permutation(examples), training["perUserCap"]
    if cap is not None:
        by_user = drawn[np.argsort(data.user[drawn], kind="stable")]
        users = data.user[by_user]
        drawn = generator.permutation(by_user[np.arange(len(users)) - np.searchsorted(users, users, "left") < cap])
    drawn = drawn[: len(drawn) - len(drawn) % min(training["batchSize"], len(drawn))]
    if training["order"] != "time" or data.time is None:
        return drawn
    drawn = np.sort(drawn)
    return drawn[np.argsort(data.time[drawn], kind="stable")]


def factor(schedule: Json, step: float, per_epoch: int, total: int) -> float:
    """What the learning rates are multiplied by at a step (from 1; between two of them on another pass's curve)."""
    warmup: int = schedule["warmupSteps"]
    if step <= warmup:
        return step / warmup
    if schedule["kind"] == "constant":
        return 1.0
    if schedule["kind"] == "step":
        return float(schedule["factor"] ** ((step - 1) // (schedule["everyEpochs"] * per_epoch)))
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    final: float = schedule["finalFraction"]
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress))

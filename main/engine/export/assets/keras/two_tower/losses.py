"""The losses, by their kind in spec.json: of the positives' scores [B] and the negatives' [B × n], both corrected; what is no negative is
at MASKED."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from .backend import Tensor
from .candidates import IN_BATCH
from .data import Json

MASKED = -1e30
UNSCALED = ("hinge", "ccl", "psl", "directau")  # these compare with margins in units of the score: the temperature does not enter

Batch = dict[str, Any]
Loss = Callable[[Tensor, Tensor, Batch, Json], Tensor]


def softmax(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    """-log of the positive's share of e^s among itself and all negatives."""
    return ops.logsumexp(ops.concatenate([positive[:, None], negative], axis=1), axis=1) - positive


def nce(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    return ops.softplus(-positive) + ops.sum(ops.softplus(negative), axis=1)


def bce(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    return spec["positivePower"] * ops.softplus(-positive) + spec["negativeWeight"] * mean(ops.softplus(negative), batch)


def bpr(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    return mean(ops.softplus(negative - positive[:, None]), batch)


def hinge(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    return mean(ops.relu(spec["margin"] + negative - positive[:, None]), batch)


def ccl(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    return 1 - positive + spec["weight"] * mean(ops.relu(negative - spec["margin"]), batch)


def bsl(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    """The positives of one user count by the log of their mean exponential, where they are pooled."""
    pulled = positive
    if spec["pooled"]:
        same = ops.equal(batch["group"][:, None], batch["group"][None, :])
        count = ops.sum(ops.cast(same, "float32"), axis=1)
        pulled = ops.logsumexp(ops.where(same, positive[None, :], MASKED), axis=1) - ops.log(count)
    return spec["exponent"] * ops.logsumexp(negative, axis=1) - pulled


def psl(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    grow: dict[str, Callable[[Tensor], Tensor]] = {"tanh": ops.tanh, "atan": ops.arctan, "relu": lambda x: ops.relu(x + 1) - 1}
    grown = ops.maximum(1 + grow[spec["activation"]]((negative - positive[:, None]) / 2), 1e-12)
    return ops.logsumexp(ops.log(grown) / spec["temperature"], axis=1)


def sl_at_k(positive: Tensor, negative: Tensor, batch: Batch, spec: Json) -> Tensor:
    """The k-th score of a row is held. Of fewer scores than k, those that are masked count as none."""
    scores = ops.stop_gradient(ops.concatenate([positive[:, None], negative], axis=1))
    known = scores.shape[1]
    best = ops.top_k(scores, k=spec["k"] if known is None else min(spec["k"], known))[0]
    least = ops.min(ops.where(best > MASKED / 2, best, -MASKED), axis=1)
    return ops.sigmoid(spec["sharpness"] * (positive - least)) * (ops.logsumexp(negative, axis=1) - positive)


LOSSES: dict[str, Loss] = {
    "in-batch-softmax": softmax,
    "sampled-softmax": softmax,
    "mixed-softmax": softmax,
    "full-softmax": softmax,
    "nce": nce,
    "bce": bce,
    "bpr": bpr,
    "hinge": hinge,
    "ccl": ccl,
    "bsl": bsl,
    "psl": psl,
    "sl-at-k": sl_at_k,
}


def mean(x: Tensor, batch: Batch) -> Tensor:
    """Of each row over its negatives; a masked one must have given 0."""
    return ops.sum(x, axis=1) * batch["inverse_count"]


def batch_loss(spec: Json, users: Tensor, items: Tensor, temperature: Tensor, batch: Batch) -> Tensor:
    """The mean loss of a batch from the vectors of its users [B × d] and of its items: positives, drawn for all, drawn for each row; with
    training.matryoshka the sum of it and of the losses of their first numbers alone (Kusupati et al. 2022, Matryoshka Representation
    Learning, eq. 1 with all weights 1)."""
    lost = whole_loss(spec, users, items, temperature, batch)
    for width in spec["training"].get("matryoshka", []):
        lost = lost + whole_loss(spec, first(spec, users, width), first(spec, items, width), temperature, batch)
    return lost


def first(spec: Json, vectors: Tensor, width: int) -> Tensor:
    """The first numbers of each vector, which a cosine compares at length 1."""
    begin = vectors[..., :width]
    return normalized(begin) if spec["match"]["kind"] == "cosine" else begin


def normalized(x: Tensor) -> Tensor:
    return x * ops.rsqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-12)


def whole_loss(spec: Json, users: Tensor, items: Tensor, temperature: Tensor, batch: Batch) -> Tensor:
    """Of vectors of one width."""
    loss, rows = spec["loss"], ops.shape(users)[0]
    if loss["kind"] == "directau":
        return directau(users, items[:rows], batch["weight"], loss["gamma"])
    scale = 1.0 if loss["kind"] in UNSCALED else temperature
    score = negative_distance if spec["match"]["kind"] == "euclidean" else dot
    positive = score(users[:, None], items[:rows, None])[:, 0, 0] / scale
    if loss["kind"] == "bsl" and loss["positiveTemperature"] is not None:
        positive = positive * (scale / loss["positiveTemperature"])
    own: int = loss.get("negatives", 0) if loss.get("shared") is False else 0
    parts = []
    if loss["kind"] in IN_BATCH or own == 0:
        begin = 0 if loss["kind"] in IN_BATCH else rows
        shared = items[begin : begin + ops.shape(batch["shared_bias"])[0]]
        parts.append(ops.where(batch["shared_met"], MASKED, score(users, shared) / scale + batch["shared_bias"]))
    if own > 0:
        drawn = ops.reshape(items[ops.shape(items)[0] - rows * own :], (-1, own, items.shape[1]))
        parts.append(ops.where(batch["own_met"], MASKED, score(users[:, None], drawn)[:, 0] / scale + batch["own_bias"]))
    negative = ops.concatenate(parts, axis=1)
    lost = LOSSES[loss["kind"]](positive + batch["positive_bias"], negative, batch, loss)
    return ops.mean(lost * batch["weight"])


def dot(users: Tensor, items: Tensor) -> Tensor:
    """Of all pairs: [… × B × d] and [… × n × d] to [… × B × n]."""
    return ops.matmul(users, ops.swapaxes(items, -1, -2))


def negative_distance(users: Tensor, items: Tensor) -> Tensor:
    """-|u - v|² of all pairs."""
    lengths = ops.sum(ops.square(users), axis=-1)[..., :, None] + ops.sum(ops.square(items), axis=-1)[..., None, :]
    return 2 * dot(users, items) - lengths


def directau(users: Tensor, items: Tensor, weight: Tensor, gamma: float) -> Tensor:
    """Alignment of positive pairs and uniformity of both sides (Wang et al. 2022)."""
    u, v = normalized(users), normalized(items)
    return ops.mean(weight * ops.sum(ops.square(u - v), axis=1)) + gamma * (uniformity(u) + uniformity(v)) / 2


def uniformity(x: Tensor) -> Tensor:
    """log of the mean e^(-2|x - y|²) over pairs of different rows."""
    n = ops.cast(ops.shape(x)[0], "float32")
    return ops.log((ops.sum(ops.exp(4 * (dot(x, x) - 1))) - n) / (n * (n - 1)))

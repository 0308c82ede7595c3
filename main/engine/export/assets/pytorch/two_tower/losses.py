"""The losses, by their kind in spec.json: of the positives' scores [B] and the negatives' [B × n], both corrected; what is no negative is
at MASKED."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from .batches import TrainingBatch
from .data import Json

MASKED = -1e30
UNSCALED = ("hinge", "ccl", "psl", "directau")  # these compare with margins in units of the score: the temperature does not enter

Loss = Callable[[Tensor, Tensor, TrainingBatch, Json], Tensor]


def softmax(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    """-log of the positive's share of e^s among itself and all negatives."""
    lost: Tensor = torch.logsumexp(torch.cat([positive[:, None], negative], 1), 1) - positive
    return lost


def nce(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    lost: Tensor = F.softplus(-positive) + F.softplus(negative).sum(1)
    return lost


def bce(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    lost: Tensor = spec["positivePower"] * F.softplus(-positive) + spec["negativeWeight"] * mean(F.softplus(negative), batch)
    return lost


def bpr(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    return mean(F.softplus(negative - positive[:, None]), batch)


def hinge(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    return mean(F.relu(spec["margin"] + negative - positive[:, None]), batch)


def ccl(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    lost: Tensor = spec["weight"] * mean(F.relu(negative - spec["margin"]), batch) + (-positive).add(1)
    return lost


def bsl(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    """The positives of one user count by the log of their mean exponential, where they are pooled."""
    pulled = positive
    if spec["pooled"]:
        same = batch.group[:, None] == batch.group[None, :]
        pulled = torch.logsumexp(torch.where(same, positive[None, :], MASKED), 1) - same.sum(1).log()
    lost: Tensor = spec["exponent"] * torch.logsumexp(negative, 1) - pulled
    return lost


def psl(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    grow: dict[str, Callable[[Tensor], Tensor]] = {"tanh": torch.tanh, "atan": torch.atan, "relu": lambda x: F.relu(x.add(1)).sub(1)}
    grown = grow[spec["activation"]]((negative - positive[:, None]) / 2).add(1).clamp(min=1e-12)
    return torch.logsumexp(grown.log() / spec["temperature"], 1)


def sl_at_k(positive: Tensor, negative: Tensor, batch: TrainingBatch, spec: Json) -> Tensor:
    """The k-th score of a row is held."""
    scores = torch.cat([positive[:, None], negative], 1)
    best = torch.topk(scores.detach(), min(spec["k"], scores.shape[1])).values
    least = torch.where(best > MASKED / 2, best, -MASKED).amin(1)
    lost: Tensor = torch.sigmoid(spec["sharpness"] * (positive - least)) * (torch.logsumexp(negative, 1) - positive)
    return lost


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


def mean(x: Tensor, batch: TrainingBatch) -> Tensor:
    """Of each row over its negatives; a masked one must have given 0."""
    averaged: Tensor = x.sum(1) * batch.inverse_count
    return averaged


def batch_loss(spec: Json, users: Tensor, items: Tensor, temperature: Tensor, batch: TrainingBatch) -> Tensor:
    """The mean loss of a batch from the vectors of its users [B × d] and of its candidates; with training.matryoshka the sum of it and of
    the losses of their first numbers alone (Kusupati et al. 2022, Matryoshka Representation Learning, eq. 1 with all weights 1)."""
    users, items = users.float(), items.float()  # scores are of full precision, whatever the towers ran in
    lost = whole_loss(spec, users, items, temperature, batch)
    for width in spec["training"].get("matryoshka", []):
        lost = lost + whole_loss(spec, first(spec, users, width), first(spec, items, width), temperature, batch)
    return lost


def first(spec: Json, vectors: Tensor, width: int) -> Tensor:
    """The first numbers of each vector, which a cosine compares at length 1."""
    begin = vectors[..., :width]
    return F.normalize(begin, dim=-1) if spec["match"]["kind"] == "cosine" else begin


def whole_loss(spec: Json, users: Tensor, items: Tensor, temperature: Tensor, batch: TrainingBatch) -> Tensor:
    """Of vectors of one width."""
    loss, rows = spec["loss"], len(users)
    positives = items[:rows]
    if loss["kind"] == "directau":
        return directau(users, positives, batch.weight, loss["gamma"])
    scale = torch.ones_like(temperature) if loss["kind"] in UNSCALED else temperature
    score = negative_distance if spec["match"]["kind"] == "euclidean" else dot
    positive = score(users[:, None], positives[:, None])[:, 0, 0] / scale
    if loss["kind"] == "bsl" and loss["positiveTemperature"] is not None:
        positive = positive * (scale / loss["positiveTemperature"])
    shared = score(users, items[batch.shared]) / scale + batch.shared_bias
    drawn = items[len(items) - rows * batch.own :].reshape(rows, batch.own, items.shape[1])
    own = score(users[:, None], drawn)[:, 0] / scale + batch.own_bias
    negative = torch.cat([shared.masked_fill(batch.shared_met, MASKED), own.masked_fill(batch.own_met, MASKED)], 1)
    lost = LOSSES[loss["kind"]](positive + batch.positive_bias, negative, batch, loss)
    mean_lost: Tensor = (lost * batch.weight).mean()
    return mean_lost


def dot(users: Tensor, items: Tensor) -> Tensor:
    """Of all pairs: [… × B × d] and [… × n × d] to [… × B × n]."""
    scores: Tensor = users @ items.transpose(-1, -2)
    return scores


def negative_distance(users: Tensor, items: Tensor) -> Tensor:
    """-|u - v|² of all pairs."""
    scores: Tensor = 2 * dot(users, items) - users.square().sum(-1)[..., :, None] - items.square().sum(-1)[..., None, :]
    return scores


def directau(users: Tensor, items: Tensor, weight: Tensor, gamma: float) -> Tensor:
    """Alignment of positive pairs and uniformity of both sides (Wang et al. 2022)."""
    u, v = F.normalize(users, dim=1), F.normalize(items, dim=1)
    lost: Tensor = (weight * (u - v).square().sum(1)).mean() + gamma * (uniformity(u) + uniformity(v)) / 2
    return lost


def uniformity(x: Tensor) -> Tensor:
    """log of the mean e^(-2|x - y|²) over pairs of different rows."""
    n = len(x)
    pairs = dot(x, x).sub(1).mul(4).exp().sum().sub(n)
    mean_log: Tensor = pairs.div(n * (n - 1)).log()
    return mean_log

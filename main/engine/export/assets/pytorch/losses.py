"""The losses, by their kind in spec.json: of the positives' scores [B] and the negatives' [B × n], both corrected; what is no negative is at MASKED."""

import torch
from torch.nn import functional as F

MASKED = -1e30
UNSCALED = ("hinge", "ccl", "directau")  # these compare with margins in units of the score: the temperature does not enter


def softmax(positive, negative, batch, spec):
    """-log of the positive's share of e^s among itself and all negatives."""
    return torch.logsumexp(torch.cat([positive[:, None], negative], dim=1), dim=1) - positive


def nce(positive, negative, batch, spec):
    return F.softplus(-positive) + F.softplus(negative).sum(1)


def bce(positive, negative, batch, spec):
    return F.softplus(-positive) + spec["negativeWeight"] * mean(F.softplus(negative), batch)


def bpr(positive, negative, batch, spec):
    return mean(F.softplus(negative - positive[:, None]), batch)


def hinge(positive, negative, batch, spec):
    return mean(F.relu(spec["margin"] + negative - positive[:, None]), batch)


def ccl(positive, negative, batch, spec):
    return 1 - positive + spec["weight"] * mean(F.relu(negative - spec["margin"]), batch)


def bsl(positive, negative, batch, spec):
    """The positives of one user count by the log of their mean exponential, where they are pooled."""
    pulled = positive
    if spec["pooled"]:
        group = torch.from_numpy(batch.group)
        same = group[:, None] == group[None, :]
        pulled = torch.logsumexp(torch.where(same, positive[None, :], torch.full((), MASKED)), dim=1) - torch.log(same.sum(1))
    return spec["exponent"] * torch.logsumexp(negative, dim=1) - pulled


LOSSES = {
    "in-batch-softmax": softmax,
    "sampled-softmax": softmax,
    "mixed-softmax": softmax,
    "full-softmax": softmax,
    **{"nce": nce, "bce": bce, "bpr": bpr, "hinge": hinge, "ccl": ccl, "bsl": bsl},
}


def mean(x, batch):
    """Of each row over its negatives; a masked one must have given 0."""
    return x.sum(1) * torch.from_numpy(batch.inverse_count)


def batch_loss(spec, users, items, batch, temperature):
    """The mean loss of a batch from the vectors of its users [B × d] and of `batch.items`."""
    loss, rows = spec["loss"], len(users)
    if loss["kind"] == "directau":
        return directau(users, items[:rows], torch.from_numpy(batch.weight), loss["gamma"])
    scale = 1.0 if loss["kind"] in UNSCALED else temperature
    score = distance if spec["match"]["kind"] == "euclidean" else product
    positive = score(users[:, None], items[:rows, None])[:, 0, 0] / scale
    if loss["kind"] == "bsl" and loss["positiveTemperature"] is not None:
        positive = positive * (scale / loss["positiveTemperature"])
    shared = score(users, items[batch.shared]) / scale + torch.from_numpy(batch.shared_bias)
    own = score(users[:, None], items[len(items) - rows * batch.own :].reshape(rows, batch.own, items.shape[1]))[:, 0] / scale + torch.from_numpy(batch.own_bias)
    met = torch.from_numpy(batch.shared_met), torch.from_numpy(batch.own_met)
    negative = torch.cat([shared.masked_fill(met[0], MASKED), own.masked_fill(met[1], MASKED)], dim=1)
    lost = LOSSES[loss["kind"]](positive + torch.from_numpy(batch.positive_bias), negative, batch, loss)
    return (lost * torch.from_numpy(batch.weight)).mean()


def product(users, items):
    return users @ items.transpose(-1, -2)


def distance(users, items):
    """-|u - v|² of all pairs."""
    return 2 * product(users, items) - (users**2).sum(-1)[..., :, None] - (items**2).sum(-1)[..., None, :]


def directau(users, items, weight, gamma):
    """Alignment of positive pairs and uniformity of both sides (Wang et al. 2022)."""
    u, v = F.normalize(users), F.normalize(items)
    return (weight * ((u - v) ** 2).sum(1)).mean() + gamma * (uniformity(u) + uniformity(v)) / 2


def uniformity(x):
    """log of the mean e^(-2|x - y|²) over pairs of different rows."""
    n = len(x)
    return torch.log((torch.exp(4 * (x @ x.T - 1)).sum() - n) / (n * (n - 1)))

"""The losses, by their kind in spec.json: of the positives' scores [B] and the negatives' [B × n], both corrected; what is no negative is at MASKED."""

import numpy as np

from .tensors import at_least, atan, average, concat, exp, log, logsumexp, lowest, permute, relu, reshape, rsqrt, sigmoid, softplus, tanh, tensor, top, total, where

MASKED = -1e30
UNSCALED = ("hinge", "ccl", "psl", "directau")  # these compare with margins in units of the score: the temperature does not enter


def softmax(positive, negative, batch, spec):
    """-log of the positive's share of e^s among itself and all negatives."""
    return logsumexp(concat([positive[:, None], negative], 1), 1) - positive


def nce(positive, negative, batch, spec):
    return softplus(-positive) + total(softplus(negative), 1)


def bce(positive, negative, batch, spec):
    return spec["positivePower"] * softplus(-positive) + spec["negativeWeight"] * mean(softplus(negative), batch)


def bpr(positive, negative, batch, spec):
    return mean(softplus(negative - positive[:, None]), batch)


def hinge(positive, negative, batch, spec):
    return mean(relu(spec["margin"] + negative - positive[:, None]), batch)


def ccl(positive, negative, batch, spec):
    return 1 - positive + spec["weight"] * mean(relu(negative - spec["margin"]), batch)


def bsl(positive, negative, batch, spec):
    """The positives of one user count by the log of their mean exponential, where they are pooled."""
    pulled = positive
    if spec["pooled"]:
        same = batch.group[:, None] == batch.group[None, :]
        pulled = logsumexp(where(tensor(same), positive[None, :], MASKED), 1) - tensor(np.log(same.sum(1)).astype(np.float32))
    return spec["exponent"] * logsumexp(negative, 1) - pulled


def psl(positive, negative, batch, spec):
    grow = {"tanh": tanh, "atan": atan, "relu": lambda x: relu(x + 1) - 1}[spec["activation"]]
    return logsumexp(log(at_least(1 + grow((negative - positive[:, None]) / 2), 1e-12)) / spec["temperature"], 1)


def sl_at_k(positive, negative, batch, spec):
    """The k-th score of a row is held."""
    scores = concat([positive[:, None], negative], 1)
    best = top(scores, min(spec["k"], scores.shape[1]))
    least = lowest(where(best > MASKED / 2, best, -MASKED), 1)
    return sigmoid(spec["sharpness"] * (positive - least)) * (logsumexp(negative, 1) - positive)


LOSSES = {
    "in-batch-softmax": softmax,
    "sampled-softmax": softmax,
    "mixed-softmax": softmax,
    "full-softmax": softmax,
    **{"nce": nce, "bce": bce, "bpr": bpr, "hinge": hinge, "ccl": ccl, "bsl": bsl, "psl": psl, "sl-at-k": sl_at_k},
}


def mean(x, batch):
    """Of each row over its negatives; a masked one must have given 0."""
    return total(x, 1) * tensor(batch.inverse_count)


def batch_loss(spec, users, items, batch, temperature):
    """The mean loss of a batch from the vectors of its users [B × d] and of `batch.items`."""
    loss, rows = spec["loss"], len(users)
    if loss["kind"] == "directau":
        return directau(users, items[:rows], tensor(batch.weight), loss["gamma"])
    scale = 1.0 if loss["kind"] in UNSCALED else temperature
    score = distance if spec["match"]["kind"] == "euclidean" else product
    positive = score(users[:, None], items[:rows, None])[:, 0, 0] / scale
    if loss["kind"] == "bsl" and loss["positiveTemperature"] is not None:
        positive = positive * (scale / loss["positiveTemperature"])
    shared = score(users, items[batch.shared]) / scale + tensor(batch.shared_bias)
    drawn = reshape(items[len(items) - rows * batch.own :], (rows, batch.own, items.shape[1]))
    own = score(users[:, None], drawn)[:, 0] / scale + tensor(batch.own_bias)
    negative = concat([where(tensor(batch.shared_met), MASKED, shared), where(tensor(batch.own_met), MASKED, own)], 1)
    lost = LOSSES[loss["kind"]](positive + tensor(batch.positive_bias), negative, batch, loss)
    return average(lost * tensor(batch.weight), 0)


def product(users, items):
    axes = list(range(len(items.shape)))
    return users @ permute(items, (*axes[:-2], axes[-1], axes[-2]))


def distance(users, items):
    """-|u - v|² of all pairs."""
    return 2 * product(users, items) - total(users**2, -1)[..., :, None] - total(items**2, -1)[..., None, :]


def directau(users, items, weight, gamma):
    """Alignment of positive pairs and uniformity of both sides (Wang et al. 2022)."""
    u, v = (x * rsqrt(total(x * x, 1, True) + 1e-12) for x in (users, items))
    return average(weight * total((u - v) ** 2, 1), 0) + gamma * (uniformity(u) + uniformity(v)) / 2


def uniformity(x):
    """log of the mean e^(-2|x - y|²) over pairs of different rows."""
    n = len(x)
    return log((total(total(exp(4 * (product(x, x) - 1)), 1), 0) - n) / (n * (n - 1)))

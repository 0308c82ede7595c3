"""The losses, by their kind in spec.json: of the positives' scores [B] and the negatives' [B × n], both corrected; what is no negative is at MASKED."""

import tensorflow as tf

MASKED = -1e30
UNSCALED = ("hinge", "ccl", "directau")  # these compare with margins in units of the score: the temperature does not enter


def softmax(positive, negative, batch, spec):
    """-log of the positive's share of e^s among itself and all negatives."""
    return tf.reduce_logsumexp(tf.concat([positive[:, None], negative], axis=1), axis=1) - positive


def nce(positive, negative, batch, spec):
    return tf.math.softplus(-positive) + tf.reduce_sum(tf.math.softplus(negative), axis=1)


def bce(positive, negative, batch, spec):
    return tf.math.softplus(-positive) + spec["negativeWeight"] * mean(tf.math.softplus(negative), batch)


def bpr(positive, negative, batch, spec):
    return mean(tf.math.softplus(negative - positive[:, None]), batch)


def hinge(positive, negative, batch, spec):
    return mean(tf.nn.relu(spec["margin"] + negative - positive[:, None]), batch)


def ccl(positive, negative, batch, spec):
    return 1 - positive + spec["weight"] * mean(tf.nn.relu(negative - spec["margin"]), batch)


def bsl(positive, negative, batch, spec):
    """The positives of one user count by the log of their mean exponential, where they are pooled."""
    pulled = positive
    if spec["pooled"]:
        same = tf.constant(batch.group[:, None] == batch.group[None, :])
        pulled = tf.reduce_logsumexp(tf.where(same, positive[None, :], MASKED), axis=1) - tf.math.log(tf.reduce_sum(tf.cast(same, tf.float32), axis=1))
    return spec["exponent"] * tf.reduce_logsumexp(negative, axis=1) - pulled


LOSSES = {
    "in-batch-softmax": softmax,
    "sampled-softmax": softmax,
    "mixed-softmax": softmax,
    "full-softmax": softmax,
    **{"nce": nce, "bce": bce, "bpr": bpr, "hinge": hinge, "ccl": ccl, "bsl": bsl},
}


def mean(x, batch):
    """Of each row over its negatives; a masked one must have given 0."""
    return tf.reduce_sum(x, axis=1) * batch.inverse_count


def batch_loss(spec, users, items, batch, temperature):
    """The mean loss of a batch from the vectors of its users [B × d] and of `batch.items`."""
    loss, rows = spec["loss"], len(users)
    if loss["kind"] == "directau":
        return directau(users, items[:rows], batch.weight, loss["gamma"])
    scale = 1.0 if loss["kind"] in UNSCALED else temperature
    score = distance if spec["match"]["kind"] == "euclidean" else product
    positive = score(users[:, None], items[:rows, None])[:, 0, 0] / scale
    if loss["kind"] == "bsl" and loss["positiveTemperature"] is not None:
        positive = positive * (scale / loss["positiveTemperature"])
    shared = score(users, items[batch.shared]) / scale + batch.shared_bias
    own = score(users[:, None], tf.reshape(items[len(items) - rows * batch.own :], (rows, batch.own, items.shape[1])))[:, 0] / scale + batch.own_bias
    negative = tf.concat([tf.where(batch.shared_met, MASKED, shared), tf.where(batch.own_met, MASKED, own)], axis=1)
    lost = LOSSES[loss["kind"]](positive + batch.positive_bias, negative, batch, loss)
    return tf.reduce_mean(lost * batch.weight)


def product(users, items):
    return tf.matmul(users, items, transpose_b=True)


def distance(users, items):
    """-|u - v|² of all pairs."""
    return 2 * product(users, items) - tf.reduce_sum(users**2, -1)[..., :, None] - tf.reduce_sum(items**2, -1)[..., None, :]


def directau(users, items, weight, gamma):
    """Alignment of positive pairs and uniformity of both sides (Wang et al. 2022)."""
    u, v = tf.math.l2_normalize(users, 1), tf.math.l2_normalize(items, 1)
    return tf.reduce_mean(weight * tf.reduce_sum((u - v) ** 2, axis=1)) + gamma * (uniformity(u) + uniformity(v)) / 2


def uniformity(x):
    """log of the mean e^(-2|x - y|²) over pairs of different rows."""
    n = len(x)
    return tf.math.log((tf.reduce_sum(tf.exp(4 * (product(x, x) - 1))) - n) / (n * (n - 1)))

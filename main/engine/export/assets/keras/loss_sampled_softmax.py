"""Sampled softmax (Jean et al. 2015) with the correction of Yi et al. 2019: the positive against itself and drawn negatives, shared by the batch."""

import numpy as np
import tensorflow as tf

from data import log_q, pairs_of


class Loss:
    def __init__(self, data, spec):
        counts = np.bincount(data.item[data.examples()], minlength=len(data.items.ids)).astype(np.float64)
        sampler = spec["loss"]["sampler"]
        weights = np.ones_like(counts) if sampler["kind"] == "uniform" else np.where(counts == 0, 0, counts ** sampler["alpha"])
        self.q = weights / weights.sum()
        self.log_q, self.known, self.items = log_q(weights), data.known(), len(data.items.ids)
        self.count, self.strength = spec["loss"]["negatives"], spec["loss"]["logQ"]

    def candidates(self, positives, generator):
        """The positives, then the drawn negatives."""
        return np.concatenate([positives, generator.choice(self.items, self.count, p=self.q)])

    def __call__(self, users, items, user_rows, candidates, temperature):
        batch = len(user_rows)
        positive = tf.reduce_sum(users * items[:batch], axis=1) / temperature
        negative = tf.matmul(users, items[batch:], transpose_b=True) / temperature
        if self.strength != 0:
            bias = -self.strength * self.log_q[candidates]
            positive, negative = positive + bias[:batch], negative + bias[batch:]
        met = pairs_of(self.known, user_rows, candidates[batch:], self.items, diagonal=False)
        logits = tf.concat([positive[:, None], tf.where(met, tf.constant(-1e30), negative)], axis=1)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros(batch, tf.int32), logits))

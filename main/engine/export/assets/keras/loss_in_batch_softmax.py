"""In-batch softmax with the logQ correction (Yi et al. 2019): every other row's positive is a negative of this row."""

import numpy as np
import tensorflow as tf

from data import log_q, pairs_of


class Loss:
    def __init__(self, data, spec):
        counts = np.bincount(data.item[data.examples()], minlength=len(data.items.ids))
        self.log_q, self.known, self.items = log_q(counts), data.known(), len(data.items.ids)
        self.strength = spec["loss"]["logQ"]

    def candidates(self, positives, generator):
        """The items of a batch: its positives alone."""
        return positives

    def __call__(self, users, items, user_rows, candidates, temperature):
        """users, items: vectors [B × d]; the mean of -log softmax at the diagonal."""
        logits = tf.matmul(users, items, transpose_b=True) / temperature
        if self.strength != 0:
            logits = logits - self.strength * self.log_q[candidates]
        met = pairs_of(self.known, user_rows, candidates, self.items, diagonal=True)
        logits = tf.where(met, tf.constant(-1e30), logits)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.range(len(user_rows)), logits))

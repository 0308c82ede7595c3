"""In-batch softmax with the logQ correction (Yi et al. 2019): every other row's positive is a negative of this row."""

import numpy as np
import torch

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
        logits = users @ items.T / temperature
        if self.strength != 0:
            logits = logits - self.strength * torch.from_numpy(self.log_q[candidates])
        met = torch.from_numpy(pairs_of(self.known, user_rows, candidates, self.items, diagonal=True))
        logits = logits.masked_fill(met, -1e30)
        return torch.nn.functional.cross_entropy(logits, torch.arange(len(users)))

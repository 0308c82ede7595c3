"""The items that a batch's rows are told from: which ones, what corrects their scores, and which of them are no negatives of which row.

The item tower's rows are the batch's positives, then what is drawn for all rows, then what each row draws for itself.
"""

from dataclasses import dataclass

import numpy as np

LEAST = -30.0  # log q of what a sampler never draws is kept finite
IN_BATCH = ("in-batch-softmax", "mixed-softmax")


@dataclass
class Batch:
    """Everything the loss reads beside vectors and the temperature, for B rows."""

    items: np.ndarray
    weight: np.ndarray  # [B] how much a row counts, mean 1
    positive_bias: np.ndarray  # [B] added to the score of the positive
    shared: slice  # rows of `items` that are candidates of every row: N of them
    shared_bias: np.ndarray  # [N]
    shared_met: np.ndarray  # [B × N] whether it is no negative: the row's user is known to have met it
    own: int  # candidates of a row's own, n; they are the last B·n of `items`
    own_bias: np.ndarray  # [B × n]
    own_met: np.ndarray  # [B × n]
    inverse_count: np.ndarray  # [B] 1 over the number of a row's negatives
    group: np.ndarray  # [B] the same number for rows of the same user


class Candidates:
    def __init__(self, data, spec):
        loss = spec["loss"]
        self.kind, self.strength, self.form = loss["kind"], loss.get("logQ", 0), loss.get("form")
        self.items, self.begins, self.known, self.weights = len(data.items.ids), *data.known(), data.weights
        examples, cap = data.examples(), spec["training"]["perUserCap"]
        counts = np.bincount(data.item[examples], minlength=self.items).astype(np.float64)
        users = data.user[examples]
        share = None if cap is None else np.minimum(1, cap / np.bincount(users)[users])  # in how many of the epochs an example is
        per_epoch = np.bincount(data.item[examples], share, minlength=self.items).astype(np.float64)
        sampler = loss.get("sampler", {"kind": "uniform"})
        weights = np.ones_like(counts) if sampler["kind"] == "uniform" else np.where(counts == 0, 0, counts ** sampler.get("alpha", 1))
        self.q = weights / weights.sum()
        self.log_drawn, self.log_batch = log_of(self.q), log_of(per_epoch / per_epoch.sum())
        count = loss.get("negatives", 0)
        self.own = count if loss.get("shared") is False else 0
        self.drawn = self.items if self.kind == "full-softmax" else count - self.own
        self.in_batch = self.kind in IN_BATCH

    def draw(self, positions, users, positives, generator):
        """The batch of the examples at `positions`: their users, positives, and candidates."""
        rows = len(positives)
        drawn = np.arange(self.items) if self.kind == "full-softmax" else self._drawn(self.drawn, generator)
        own = self._drawn(rows * self.own, generator)
        shared = slice(0 if self.in_batch else rows, rows + self.drawn)
        items = np.concatenate([positives, drawn, own]).astype(np.int64)
        log_q = self._log_q(rows)
        negative = lambda chosen: self._bias(log_q[chosen]).astype(np.float32)
        shared_met = self._met(users, items[shared])
        own_met = self._met_own(users, own.reshape(rows, self.own))
        open_ = (~shared_met).sum(1) + (~own_met).sum(1)
        return Batch(
            items=items,
            weight=np.ones(rows, np.float32) if self.weights is None else self.weights[positions],
            positive_bias=self._positive_bias(log_q[positives], open_).astype(np.float32),
            shared=shared,
            shared_bias=negative(items[shared]),
            shared_met=shared_met,
            own=self.own,
            own_bias=negative(own).reshape(rows, self.own),
            own_met=own_met,
            inverse_count=np.where(open_ == 0, 0, 1 / np.maximum(open_, 1)).astype(np.float32),
            group=np.unique(users, return_inverse=True)[1],
        )

    def _drawn(self, count, generator):
        return generator.choice(self.items, count, p=self.q) if count > 0 else np.zeros(0, np.int64)

    # ---- corrections: how likely an item is to be a candidate (Yi et al. 2019; of a mixture: Yang et al. 2020, eq. 6)

    def _log_q(self, rows):
        """[items] log of the probability that one candidate of the batch is this item."""
        drawn = self.drawn + self.own
        if not self.in_batch:
            return np.maximum(LEAST, self.log_drawn)
        if drawn == 0:
            return np.maximum(LEAST, self.log_batch)
        share = rows / (rows + drawn)
        return np.log(share * np.exp(self.log_batch) + (1 - share) * np.exp(np.maximum(LEAST, self.log_drawn)))

    def _bias(self, log_q):
        if self.kind == "nce":
            return -(np.log(max(1, self.drawn + self.own)) + log_q)
        return -self.strength * log_q

    def _positive_bias(self, log_q, negatives):
        """The refined correction (arXiv:2507.09331) leaves the positive as it is and scales the negatives up to all other items."""
        if self.form != "refined" or self.strength == 0:
            return self._bias(log_q)
        return self.strength * (np.log(np.maximum(1, negatives)) - np.log1p(-np.minimum(0.999, np.exp(log_q))))

    # ---- what a user is known to have met is no negative

    def _met(self, users, candidates):
        """[rows × candidates], from the rows' known items: their number is what it costs."""
        met = np.zeros((len(users), len(candidates)), bool)
        order = np.argsort(candidates, kind="stable")
        lengths = self.begins[users + 1] - self.begins[users]
        rows = np.repeat(np.arange(len(users)), lengths)
        known = self.known[np.repeat(self.begins[users] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())]
        first, last = (np.searchsorted(candidates[order], known, side) for side in ("left", "right"))
        times = last - first
        places = np.repeat(first - np.cumsum(times) + times, times) + np.arange(times.sum())
        met[np.repeat(rows, times), order[places]] = True
        return met

    def _met_own(self, users, candidates):
        met = np.zeros(candidates.shape, bool)
        for row, user in enumerate(users if candidates.shape[1] > 0 else []):
            met[row] = np.isin(candidates[row], self.known[self.begins[user] : self.begins[user + 1]])
        return met


def log_of(q):
    with np.errstate(divide="ignore"):
        return np.log(q)

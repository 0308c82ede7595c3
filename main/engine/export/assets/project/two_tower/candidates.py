"""The items that a batch's rows are told from: which ones, what corrects their scores, and which of them are no negatives of which row.

The item tower's rows are the batch's positives, then what is drawn for all rows, then what each row draws for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .data import Array, Data

LEAST = -30.0  # log q of what a sampler never draws is kept finite
IN_BATCH = ("in-batch-softmax", "mixed-softmax")


@dataclass
class Batch:
    """Everything the loss reads beside vectors and the temperature, for B rows."""

    items: Array
    weight: Array  # [B] how much a row counts, mean 1
    positive_bias: Array  # [B] added to the score of the positive
    shared: slice  # rows of `items` that are candidates of every row: N of them
    shared_bias: Array  # [N]
    shared_met: Array  # [B × N] whether it is no negative: the row's user is known to have met it
    own: int  # candidates of a row's own, n; they are the last B·n of `items`
    own_bias: Array  # [B × n]
    own_met: Array  # [B × n]
    inverse_count: Array  # [B] 1 over the number of a row's negatives
    group: Array  # [B] the same number for rows of the same user


class Candidates:
    """Draws the candidates of batches, by the loss in spec.json. `total` sums counts over processes that hold examples of others."""

    def __init__(self, data: Data, total: Callable[[Array], Array] = np.asarray) -> None:
        loss = data.spec["loss"]
        self.kind: str = loss["kind"]
        self.strength: float = loss.get("logQ", 0)
        self.form: str | None = loss.get("form")
        self.items, self.weights = len(data.items.ids), data.weights
        self.begins, self.known = data.known()
        examples, cap = data.examples(), data.spec["training"]["perUserCap"]
        counts = total(np.bincount(data.item[examples], minlength=self.items).astype(np.float64))
        users = data.user[examples]
        share = None if cap is None else np.minimum(1, cap / np.bincount(users)[users])  # in how many of the epochs an example is
        per_epoch = total(np.bincount(data.item[examples], share, minlength=self.items).astype(np.float64))
        sampler = loss.get("sampler", {"kind": "uniform"})
        weights = np.ones_like(counts) if sampler["kind"] == "uniform" else np.where(counts == 0, 0, counts ** sampler.get("alpha", 1))
        self.q = weights / weights.sum()
        self.log_drawn, self.log_batch = log_of(self.q), log_of(per_epoch / per_epoch.sum())
        count: int = loss.get("negatives", 0)
        self.own = count if loss.get("shared") is False else 0
        self.drawn = self.items if self.kind == "full-softmax" else count - self.own
        self.in_batch = self.kind in IN_BATCH

    def draw(self, positions: Array, users: Array, positives: Array, generator: np.random.Generator) -> Batch:
        """The batch of the examples at `positions`: their users, positives, and candidates."""
        drawn = self.drawn_items(generator)
        return self.batch(positions, users, positives, positives, drawn, self.own_items(len(positives), generator))

    def drawn_items(self, generator: np.random.Generator) -> Array:
        """What all rows of a batch are told from beside its positives."""
        return np.arange(self.items) if self.kind == "full-softmax" else self._drawn(self.drawn, generator)

    def own_items(self, rows: int, generator: np.random.Generator) -> Array:
        """What each row alone is told from, [rows · own]."""
        return self._drawn(rows * self.own, generator)

    def batch(self, positions: Array, users: Array, positives: Array, whole: Array, drawn: Array, own: Array) -> Batch:
        """Of candidates that are drawn already. `whole`: the positives of all processes' rows of the batch, these among them."""
        rows = len(positives)
        candidates = np.concatenate([whole, drawn]).astype(np.int64) if self.in_batch else drawn
        log_q = self._log_q(len(whole))
        shared_met = self._met(users, candidates)
        own_met = self._met_own(users, own.reshape(rows, self.own))
        open_ = (~shared_met).sum(1) + (~own_met).sum(1)
        return Batch(
            items=np.concatenate([positives, drawn, own]).astype(np.int64),
            weight=np.ones(rows, np.float32) if self.weights is None else self.weights[positions],
            positive_bias=self._positive_bias(log_q[positives], open_).astype(np.float32),
            shared=slice(0 if self.in_batch else rows, rows + len(drawn)),
            shared_bias=self._bias(log_q[candidates]).astype(np.float32),
            shared_met=shared_met,
            own=self.own,
            own_bias=self._bias(log_q[own]).astype(np.float32).reshape(rows, self.own),
            own_met=own_met,
            inverse_count=np.where(open_ == 0, 0, 1 / np.maximum(open_, 1)).astype(np.float32),
            group=np.unique(users, return_inverse=True)[1],
        )

    def _drawn(self, count: int, generator: np.random.Generator) -> Array:
        return generator.choice(self.items, count, p=self.q) if count > 0 else np.zeros(0, np.int64)

    # ---- corrections: how likely an item is to be a candidate (Yi et al. 2019; of a mixture: Yang et al. 2020, eq. 6)

    def _log_q(self, rows: int) -> Array:
        """[items] log of the probability that one candidate of a batch of so many rows is this item."""
        drawn = self.drawn + self.own
        if not self.in_batch:
            return at_least(self.log_drawn)
        if drawn == 0:
            return at_least(self.log_batch)
        share = rows / (rows + drawn)
        mixed: Array = np.log(share * np.exp(self.log_batch) + (1 - share) * np.exp(at_least(self.log_drawn)))
        return mixed

    def _bias(self, log_q: Array) -> Array:
        if self.kind == "nce":
            expected: Array = np.log(max(1, self.drawn + self.own)) + log_q
            return -expected
        scaled: Array = -self.strength * log_q
        return scaled

    def _positive_bias(self, log_q: Array, negatives: Array) -> Array:
        """The refined correction (arXiv:2507.09331) leaves the positive as it is and scales the negatives up to all other items."""
        if self.form != "refined" or self.strength == 0:
            return self._bias(log_q)
        scaled: Array = np.log(np.maximum(1, negatives)) - np.log1p(-np.minimum(0.999, np.exp(log_q)))
        bias: Array = self.strength * scaled
        return bias

    # ---- what a user is known to have met is no negative

    def _met(self, users: Array, candidates: Array) -> Array:
        """[rows × candidates], from the rows' known items: their number is what it costs."""
        met = np.zeros((len(users), len(candidates)), bool)
        order = np.argsort(candidates, kind="stable")
        lengths = self.begins[users + 1] - self.begins[users]
        rows = np.repeat(np.arange(len(users)), lengths)
        known = self.known[np.repeat(self.begins[users] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())]
        first = np.searchsorted(candidates[order], known, "left")
        last = np.searchsorted(candidates[order], known, "right")
        times = last - first
        places = np.repeat(first - np.cumsum(times) + times, times) + np.arange(times.sum())
        met[np.repeat(rows, times), order[places]] = True
        return met

    def _met_own(self, users: Array, candidates: Array) -> Array:
        met = np.zeros(candidates.shape, bool)
        for row, user in enumerate(users if candidates.shape[1] > 0 else []):
            met[row] = np.isin(candidates[row], self.known[self.begins[user] : self.begins[user + 1]])
        return met


def log_of(q: Array) -> Array:
    """-inf for 0, without a warning."""
    with np.errstate(divide="ignore"):
        logs: Array = np.log(q)
    return logs


def at_least(log_q: Array) -> Array:
    """Finite log probabilities."""
    kept: Array = np.maximum(LEAST, log_q)
    return kept

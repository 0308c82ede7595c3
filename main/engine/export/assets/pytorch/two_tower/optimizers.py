"""Adam and Adagrad for embedding tables that touch only the rows of a batch, as Pylon trains them.

torch.optim's own would decay the moments of all rows (Adam), or has no weight decay for some of them (SparseAdam). Here a row that did not
occur keeps its values and its moments, whether the gradient is sparse or, where a device has no sparse tensors, dense.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from .data import Json
from .model import TwoTower


class RowOptimizer(Optimizer):
    """Of tables, by the `tables` of a spec's training; weight decay is decoupled."""

    def __init__(self, tables: list[nn.Parameter], spec: Json) -> None:
        self.spec = spec
        super().__init__(tables, {"lr": spec["learningRate"]})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for table in group["params"]:
                if table.grad is not None:
                    rows, gradient = rows_of(table.grad)
                    self.update(table, rows, gradient, group["lr"])

    def update(self, table: Tensor, rows: Tensor, gradient: Tensor, rate: float) -> None:
        state, spec = self.state[table], self.spec
        if not state:
            state["step"] = 0
            state["first"] = torch.zeros_like(table)
            state["second"] = torch.full_like(table, spec.get("initialAccumulator", 0.0))
        state["step"] += 1
        if spec["kind"] == "adagrad":
            second = state["second"][rows] + gradient**2
            change = rate * gradient / (second.sqrt() + spec["epsilon"])
        else:
            b1, b2 = spec["beta1"], spec["beta2"]
            first = b1 * state["first"][rows] + (1 - b1) * gradient
            second = b2 * state["second"][rows] + (1 - b2) * gradient**2
            state["first"][rows] = first
            correction = math.sqrt(1 - b2 ** state["step"])
            change = rate * correction / (1 - b1 ** state["step"]) * first / (second.sqrt() + spec["epsilon"] * correction)
        state["second"][rows] = second
        table[rows] = (1 - rate * spec["weightDecay"]) * table[rows] - change


class DecayedAdagrad(torch.optim.Adagrad):
    """Adagrad with decoupled weight decay."""

    def __init__(self, weights: list[nn.Parameter], spec: Json) -> None:
        self.decay: float = spec["weightDecay"]
        super().__init__(weights, spec["learningRate"], initial_accumulator_value=spec["initialAccumulator"], eps=spec["epsilon"])

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for weight in group["params"]:
                weight.mul_(1 - group["lr"] * self.decay)
        return super().step(closure)


def optimizers_of(model: TwoTower, training: Json) -> list[Optimizer]:
    """One for the tables and one for all else; what has nothing to train has none."""
    tables, dense = model.tables(), dense_optimizer(model.weights(), training["dense"])
    found: list[Optimizer] = [RowOptimizer(tables, training["tables"])] if tables else []
    return found if dense is None else [*found, dense]


def dense_optimizer(weights: list[nn.Parameter], spec: Json) -> Optimizer | None:
    """Of what is no table, by the `dense` of a spec's training."""
    if not weights:
        return None
    if spec["kind"] == "adam":
        return torch.optim.AdamW(weights, spec["learningRate"], (spec["beta1"], spec["beta2"]), spec["epsilon"], spec["weightDecay"])
    return DecayedAdagrad(weights, spec)


@torch.no_grad()
def prepare_gradients(model: TwoTower, l2: float, clip_norm: float | None) -> None:
    """λ · row on the gradients of the rows that occurred, and all gradients to the longest length allowed."""
    lengths: list[Tensor] = []
    for table in model.tables():
        if table.grad is None:
            continue
        rows, gradient = rows_of(table.grad)
        gradient = gradient + l2 * table[rows]
        table.grad = with_rows(table.grad, rows, gradient)
        lengths.append(gradient.square().sum())
    weights = [weight for weight in model.weights() if weight.grad is not None]
    lengths += [weight.grad.square().sum() for weight in weights if weight.grad is not None]
    if clip_norm is None or not lengths:
        return
    factor = (clip_norm / torch.stack(lengths).sum().sqrt()).clamp(max=1.0)
    for weight in [*model.tables(), *weights]:
        if weight.grad is not None:
            weight.grad = weight.grad * factor


def rows_of(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The rows of a table that occurred, and their gradients."""
    if gradient.is_sparse:
        gradient = gradient.coalesce()
        return gradient.indices()[0], gradient.values()
    rows = gradient.abs().amax(1).nonzero()[:, 0]
    return rows, gradient[rows]


def with_rows(like: Tensor, rows: Tensor, values: Tensor) -> Tensor:
    """A gradient of these rows, sparse where `like` is."""
    if like.is_sparse:
        sparse: Tensor = torch.sparse_coo_tensor(rows[None], values, like.shape).coalesce()
        return sparse
    dense: Tensor = torch.zeros_like(like).index_copy(0, rows, values)
    return dense

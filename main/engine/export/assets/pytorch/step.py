"""One step of training in PyTorch: forward, loss, gradients, and an update that touches only the table rows of the batch."""

import numpy as np
import torch
from safetensors.numpy import load_file

from model import Model


class Trainer:
    def __init__(self, data, seed=1):
        torch.manual_seed(seed)
        self.data, self.training = data, data.spec["training"]
        self.model = Model(data.spec, data.encoders)
        self.model.load(load_file(data.weights_file))
        self.tables, self.rest = self.model.trained_tables(), self.model.dense()
        kinds = (self.tables, self.training["tables"], torch.optim.SparseAdam), (self.rest, self.training["dense"], torch.optim.Adam)
        self.optimizers = [(optimizer_of(weights, spec, adam), spec["learningRate"]) for weights, spec, adam in kinds if weights]

    @torch.no_grad()
    def loss(self, positions, batch):
        """The mean loss of a batch, without dropout or hidden ids."""
        return float(self.model.loss(self.data, positions, batch))

    def train(self, positions, batch, scale, generator):
        """Trains on a batch with the learning rates times `scale`; its mean loss before."""
        for each, rate in self.optimizers:
            each.zero_grad(set_to_none=True)
            each.param_groups[0]["lr"] = rate * scale
        loss = self.model.loss(self.data, positions, batch, generator, True)
        loss.backward()
        self._prepare(scale)
        for each, _ in self.optimizers:
            each.step()
        return float(loss)

    @torch.no_grad()
    def embed(self, side, rows):
        return self.model.embed(self.data, side, rows).numpy()

    def weights(self):
        return {name: tensor.detach().numpy().copy() for name, tensor in self.model.named().items()}

    @torch.no_grad()
    def _prepare(self, scale):
        """λ·row on the gradients of the rows that occurred, all gradients to the longest length allowed, and decoupled weight decay."""
        for table in self.tables:
            if table.grad is None:
                continue
            gradient = table.grad.coalesce()
            rows = gradient.indices()[0]
            table.grad = torch.sparse_coo_tensor(gradient.indices(), gradient.values() + self.training["l2"] * table[rows], gradient.shape).coalesce()
            table[rows] *= 1 - self.training["tables"]["learningRate"] * scale * self.training["tables"]["weightDecay"]
        gradients = [p.grad.values() if p.grad.is_sparse else p.grad for p in [*self.tables, *self.rest] if p.grad is not None]
        limit = self.training["clipNorm"]
        length = float(np.sqrt(sum(float((g**2).sum()) for g in gradients)))
        if limit is not None and length > limit:
            for gradient in gradients:
                gradient *= limit / length
        for p in self.rest:
            p *= 1 - self.training["dense"]["learningRate"] * scale * self.training["dense"]["weightDecay"]


def optimizer_of(weights, spec, adam):
    if spec["kind"] == "adam":
        return adam(weights, lr=spec["learningRate"], betas=(spec["beta1"], spec["beta2"]), eps=spec["epsilon"])
    return torch.optim.Adagrad(weights, lr=spec["learningRate"], initial_accumulator_value=spec["initialAccumulator"], eps=spec["epsilon"])

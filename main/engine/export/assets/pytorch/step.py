"""One step of training in PyTorch: forward, loss, gradients, and an update that touches only the table rows of the batch."""

import numpy as np
import torch
from safetensors.numpy import load_file

from losses import batch_loss
from towers import TwoTower


class Trainer:
    def __init__(self, data, seed=1):
        torch.manual_seed(seed)
        self.data, self.training = data, data.spec["training"]
        self.model = TwoTower(data.spec, data.encoders)
        self.model.load(load_file(data.weights_file))
        self.tables = [table.weight for table in self.model.tables.values()]
        self.rest = [p for p in self.model.parameters() if not any(p is table for table in self.tables)]
        t, d = self.training["tables"], self.training["dense"]
        if t["kind"] == "adam":
            sparse = torch.optim.SparseAdam(self.tables, lr=t["learningRate"], betas=(t["beta1"], t["beta2"]), eps=t["epsilon"])
        else:
            sparse = torch.optim.Adagrad(self.tables, lr=t["learningRate"], initial_accumulator_value=t["initialAccumulator"], eps=t["epsilon"])
        self.optimizers = [(sparse, t["learningRate"])]
        if self.rest and d["kind"] == "adam":
            self.optimizers.append((torch.optim.Adam(self.rest, lr=d["learningRate"], betas=(d["beta1"], d["beta2"]), eps=d["epsilon"]), d["learningRate"]))
        elif self.rest:
            self.optimizers.append((torch.optim.Adagrad(self.rest, lr=d["learningRate"], initial_accumulator_value=d["initialAccumulator"], eps=d["epsilon"]), d["learningRate"]))

    @torch.no_grad()
    def loss(self, positions, batch):
        """The mean loss of a batch, without dropout or hidden ids."""
        self.model.eval()
        return float(self._loss(positions, batch, None))

    def train(self, positions, batch, scale, generator):
        """Trains on a batch with the learning rates times `scale`; its mean loss before."""
        self.model.train()
        for optimizer, rate in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
            optimizer.param_groups[0]["lr"] = rate * scale
        loss = self._loss(positions, batch, generator)
        loss.backward()
        self._prepare(scale)
        for optimizer, _ in self.optimizers:
            optimizer.step()
        return float(loss)

    @torch.no_grad()
    def embed(self, side, rows):
        self.model.eval()
        if side == "item":
            return self.model.embed_items(self.data, rows).numpy()
        return self.model.embed_users(self.data, rows, self.data.context_of(rows)).numpy()

    def weights(self):
        return {name: tensor.detach().numpy().copy() for name, tensor in self.model.named().items()}

    def _loss(self, positions, batch, hide):
        users = self.model.embed_users(self.data, self.data.user[positions], self.data.context_at(positions), hide)
        items = self.model.embed_items(self.data, batch.items, hide)
        return batch_loss(self.data.spec, users, items, batch, self.model.temperature())

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

"""What projects.py asks of a PyTorch project."""

import torch
from torch.utils.data import DataLoader
from train import Trainer
from two_tower.batches import Batches, Examples
from two_tower.inference import Embedder
from two_tower.losses import batch_loss


def trainer(data):
    torch.manual_seed(1)
    return Trainer(data, torch.device("cpu"))


def embedder(trainer, data):
    return Embedder(data, "cpu", trainer.model)


class Drawn:
    """Candidates that were drawn already."""

    def __init__(self, batch):
        self.batch = batch

    def draw(self, *_):
        return self.batch


@torch.no_grad()
def batch(trainer, data, positions, drawn):
    made = Batches(data, Drawn(drawn), 0, training=False)(positions.tolist())
    users, items, temperature = trainer.model.eval()(made.users, made.items)
    loss = batch_loss(data.spec, users, items, temperature, made)
    return users.tolist(), items.tolist(), float(temperature), float(loss)


def epoch(trainer, data, candidates):
    """The loss before and after an epoch."""
    examples, size = Examples(data), data.spec["training"]["batchSize"]
    before = trainer.mean_loss(candidates, examples, size)
    for each in DataLoader(examples, size, drop_last=True, collate_fn=Batches(data, candidates, 1)):
        trainer.step(each)
    return before, trainer.mean_loss(candidates, examples, size)

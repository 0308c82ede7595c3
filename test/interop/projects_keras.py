"""What projects.py asks of a Keras project."""

import numpy as np
from train import batch_of, epoch_of, mean_loss
from two_tower.inference import Embedder
from two_tower.step import Trainer as trainer  # noqa: F401


def embedder(trainer, data):
    return Embedder(data, trainer=trainer)


def batch(trainer, data, positions, drawn):
    model = trainer.model
    users, items = model.embed_users(data, data.user[positions], data.context_at(positions)), model.embed_items(data, drawn.items)
    return np.asarray(users).tolist(), np.asarray(items).tolist(), float(model.temperature()), trainer.loss(positions, drawn)


def epoch(trainer, data, candidates):
    """The loss before and after an epoch."""
    examples, size, generator = data.examples(), data.spec["training"]["batchSize"], np.random.default_rng(1)
    before, order = mean_loss(trainer, data, candidates, examples, size), epoch_of(data, examples, generator)
    for i in range(len(order) // size):
        positions = order[i * size : (i + 1) * size]
        trainer.train(positions, batch_of(data, candidates, positions, generator), 1.0, generator)
    return before, mean_loss(trainer, data, candidates, examples, size)

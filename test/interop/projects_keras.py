"""What projects.py asks of a Keras project."""

import keras
from train import Schedule, mean_loss
from two_tower.checkpoint import load_model
from two_tower.inference import Embedder
from two_tower.loader import Batches, batch_of


def trainer(data):
    keras.utils.set_random_seed(1)
    model = load_model(data)
    model.compile_training()
    return model


def embedder(model, data):
    return Embedder(data, model=model)


def batch(model, data, positions, drawn):
    made = batch_of(data, positions, drawn)
    users, items, temperature = model(made)
    to_list = lambda x: keras.ops.convert_to_numpy(x).tolist()  # noqa: E731
    return to_list(users), to_list(items), to_list(temperature), to_list(model.loss_of(made))


def epoch(model, data, candidates):
    """The loss before and after an epoch."""
    batches = Batches(data, candidates)
    fixed = batches.fixed()
    before = mean_loss(model, fixed)
    model.fit(batches, epochs=1, verbose=0, shuffle=False, callbacks=[Schedule(len(batches), 1)])
    return before, mean_loss(model, fixed)

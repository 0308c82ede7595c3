"""One step of training in TensorFlow: forward, loss, gradients, and an update that touches only the table rows of the batch."""

import keras
import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file

from .data import VALIDATION
from .model import Model
from .optimizer import rows_of, table_optimizer


def weights_file(data):
    """What the model is now: what train.py kept, else what came with the project."""
    trained = data.folder / "trained.safetensors"
    return trained if trained.exists() else data.folder / "weights.safetensors"


class Trainer:
    def __init__(self, data, seed=1):
        keras.utils.set_random_seed(seed)
        self.data, self.training = data, data.spec["training"]
        self.model = Model(data.spec, data.encoders)
        self.model.load(load_file(weights_file(data)))
        self.tables, self.rest = self.model.trained_tables(), self.model.dense()
        self.for_tables, self.for_rest = table_optimizer(self.training["tables"], self.tables), dense_optimizer(self.training["dense"])

    def loss(self, positions, batch):
        """The mean loss of a batch, without dropout or hidden ids."""
        return float(self.model.loss(self.data, positions, batch))

    def train(self, positions, batch, scale, generator):
        """Trains on a batch with the learning rates times `scale`; its mean loss before."""
        with tf.GradientTape() as tape:
            loss = self.model.loss(self.data, positions, batch, generator, True)
        gradients = tape.gradient(loss, [*self.tables, *[variable.value for variable in self.rest]])
        rows = [None if g is None else self._with_l2(table, *rows_of(g)) for table, g in zip(self.tables, gradients)]
        dense = [None if g is None else tf.convert_to_tensor(g) for g in gradients[len(self.tables) :]]
        lengths = [tf.reduce_sum(g**2) for g in [*[each[1] for each in rows if each is not None], *[g for g in dense if g is not None]]]
        factor = 1.0 if self.training["clipNorm"] is None else min(1.0, self.training["clipNorm"] / float(tf.sqrt(tf.add_n(lengths))))
        self.for_tables.apply([None if each is None else (each[0], each[1] * factor) for each in rows], self.tables, scale)
        if self.rest:
            self.for_rest.learning_rate = self.training["dense"]["learningRate"] * scale
            self.for_rest.apply([None if g is None else g * factor for g in dense], self.rest)
        return float(loss)

    def embed(self, side, rows, last_part=VALIDATION):
        return self.model.embed(self.data, side, rows, last_part).numpy()

    def weights(self):
        return {name: np.array(variable) for name, variable in self.model.named().items()}

    def _with_l2(self, table, rows, gradient):
        return rows, gradient + self.training["l2"] * tf.gather(table, rows)


def dense_optimizer(spec):
    common = {"learning_rate": spec["learningRate"], "epsilon": spec["epsilon"], "weight_decay": spec["weightDecay"]}
    if spec["kind"] == "adam":
        return keras.optimizers.AdamW(beta_1=spec["beta1"], beta_2=spec["beta2"], **common)
    return keras.optimizers.Adagrad(initial_accumulator_value=spec["initialAccumulator"], **common)

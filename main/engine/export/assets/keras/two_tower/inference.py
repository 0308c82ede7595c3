"""The model as it is now, asked for vectors."""

import tensorflow as tf

from .data import VALIDATION
from .step import Trainer, weights_file

class Embedder:
    """Vectors of users and items by row."""

    def __init__(self, data, device="auto", trainer=None):
        self.data, self.device, self.weights = data, device, weights_file(data)
        self.trainer = Trainer(data) if trainer is None else trainer

    def embed(self, side, rows, last_part=VALIDATION):
        """[rows × dim]; users with all they did up to a part."""
        with tf.device(None if self.device == "auto" else self.device):
            return self.trainer.embed(side, rows, last_part)

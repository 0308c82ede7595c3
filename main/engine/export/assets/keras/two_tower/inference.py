"""The model as it is now, asked for vectors."""

from __future__ import annotations

from contextlib import nullcontext

import keras

from .checkpoint import load_model, weights_file
from .data import VALIDATION, Array, Data
from .features import item_features, users_as_of
from .model import TwoTower


class Embedder:
    """Vectors of users and items by row. @param device auto, or as Keras names them: cpu, gpu:0"""

    def __init__(self, data: Data, device: str = "auto", model: TwoTower | None = None) -> None:
        self.data, self.device, self.weights = data, device, weights_file(data)
        self.model = load_model(data) if model is None else model

    def embed(self, side: str, rows: Array, last_part: int = VALIDATION) -> Array:
        """[rows × dim]; users with all they did up to a part."""
        features = item_features(self.data, rows) if side == "item" else users_as_of(self.data, rows, last_part)
        tower = self.model.item_tower if side == "item" else self.model.user_tower
        with nullcontext() if self.device == "auto" else keras.device(self.device):
            vectors: Array = keras.ops.convert_to_numpy(tower(features))
        return vectors

"""The model as it is now, asked for vectors."""

from __future__ import annotations

import torch

from .batches import item_features, moved, users_as_of
from .checkpoint import load_model, weights_file
from .data import VALIDATION, Array, Data


def device_of(name: str = "auto") -> torch.device:
    """`auto` is CUDA, else Apple's MPS, else the CPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


class Embedder:
    """Vectors of users and items by row."""

    def __init__(self, data: Data, device: str = "auto", model: torch.nn.Module | None = None) -> None:
        self.data, self.device, self.weights = data, device_of(device), weights_file(data)
        self.model = (load_model(data) if model is None else model).to(self.device)

    @torch.no_grad()
    def embed(self, side: str, rows: Array, last_part: int = VALIDATION) -> Array:
        """[rows × dim]; users with all they did up to a part."""
        was_training = self.model.training
        self.model.eval()
        features = item_features(self.data, rows) if side == "item" else users_as_of(self.data, rows, last_part)
        vectors: Array = self.model.get_submodule(f"{side}_tower")(moved(features, self.device)).float().cpu().numpy()
        self.model.train(was_training)
        return vectors

"""Writes both towers for programs without this code, into exported/: python export.py

TorchScript (`user_tower.pt`, read by torch.jit.load and by LibTorch) and, where torch has it, torch.export (`user_tower.pt2`). Each takes
the features that two_tower/towers.py names, for any number of users or items, and is compared with the model before it is told.
"""

import argparse
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from two_tower.batches import item_features, users_as_of
from two_tower.checkpoint import load_model
from two_tower.data import PROJECT, Data
from two_tower.options import model_data
from two_tower.towers import Features

TOLERANCE = 1e-5
jit: Any = torch.jit
export: Any = getattr(torch, "export", None)  # since torch 2.1


def examples(data: Data, side: str, count: int) -> Features:
    """Features of the first users or items."""
    of = data.users if side == "user" else data.items
    rows = np.arange(min(count, len(of.ids)))
    return users_as_of(data, rows) if side == "user" else item_features(data, rows)


def worst_difference(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max())


def exported_program(tower: nn.Module, features: Features) -> Any:
    """With any number of rows, and of indices in a bag."""
    free = {name: {0: export.Dim.AUTO} for name in features}
    return export.export(tower, (features,), dynamic_shapes=(free,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="shipped, or the number of a folder in models/ (the one in use)")
    data, folder = model_data(parser.parse_args().model), PROJECT / "exported"
    model = load_model(data, sparse=False).eval()
    folder.mkdir(exist_ok=True)
    for side, tower in (("user", model.user_tower), ("item", model.item_tower)):
        few, many = examples(data, side, 3), examples(data, side, 500)
        with torch.no_grad():
            expected = tower(many)
            path = folder / f"{side}_tower.pt"
            jit.save(jit.script(tower), str(path))
            found = {path.name: worst_difference(jit.load(str(path))(many), expected)}
            if hasattr(getattr(export, "Dim", None), "AUTO"):
                path = folder / f"{side}_tower.pt2"
                export.save(exported_program(tower, few), path)
                found[path.name] = worst_difference(export.load(path).module()(many), expected)
            else:
                print(f"torch {torch.__version__} has no torch.export with free shapes: {side}_tower.pt2 is left out")
        for name, worst in found.items():
            if worst > TOLERANCE:
                raise SystemExit(f"{name} differs from the model by {worst}.")
            print(f"exported/{name}: equal to {worst:.1e}")


if __name__ == "__main__":
    main()

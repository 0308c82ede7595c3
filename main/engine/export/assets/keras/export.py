"""Writes the model for programs without this code, into exported/: python export.py

`two_tower.keras`, for keras.saving.load_model beside this package, and by TensorFlow both towers as SavedModels for TF Serving
(`user_tower/1`, `item_tower/1`), whose signature `serving_default` takes the features that two_tower/features.py names, for any number of
users or items, and gives `vectors`. Each is read again and compared with the model before it is told.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from two_tower.backend import BACKEND
from two_tower.checkpoint import load_model
from two_tower.data import PROJECT, Array, Data
from two_tower.features import Features, item_features, users_as_of
from two_tower.model import TwoTower
from two_tower.options import model_data

TOLERANCE = 1e-5


def examples(data: Data, side: str, count: int) -> Features:
    """Features of the first users or items."""
    rows = np.arange(min(count, len((data.users if side == "user" else data.items).ids)))
    return users_as_of(data, rows) if side == "user" else item_features(data, rows)


def told(name: str, found: Array, expected: Array) -> None:
    worst = float(np.abs(found - expected).max())
    if worst > TOLERANCE:
        raise SystemExit(f"{name} differs from the model by {worst}.")
    print(f"exported/{name}: equal to {worst:.1e}")


def save_tower(tower: Any, features: Features, folder: Path) -> Any:
    """As a SavedModel, for any number of rows and of entries in a bag. @returns what its signature gives when it is read again"""
    import tensorflow as tf

    shutil.rmtree(folder, ignore_errors=True)

    def width(name: str) -> int | None:
        """None where a bag may have any length."""
        return int(features[name].shape[1]) if name == "dense" or name.rsplit(".", 1)[0] in tower.histories else None

    signature = {name: tf.TensorSpec((None, width(name)), values.dtype, name) for name, values in features.items()}
    archive = keras.export.ExportArchive()
    archive.track(tower)
    archive.add_endpoint("serve", lambda inputs: {"vectors": tower(inputs)}, input_signature=[signature])
    archive.write_out(str(folder), verbose=False)
    read = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return read(**{name: tf.constant(values) for name, values in features.items()})["vectors"].numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="shipped, or the number of a folder in models/ (the one in use)")
    data, folder = model_data(parser.parse_args().model), PROJECT / "exported"
    model: TwoTower = load_model(data)
    folder.mkdir(exist_ok=True)
    model.save(folder / "two_tower.keras")
    again = keras.saving.load_model(folder / "two_tower.keras")
    for side in ("user", "item"):
        features = examples(data, side, 500)
        expected = keras.ops.convert_to_numpy(getattr(model, f"{side}_tower")(features))
        told(f"two_tower.keras, {side}s", keras.ops.convert_to_numpy(getattr(again, f"{side}_tower")(features)), expected)
        if BACKEND == "tensorflow":
            place = folder / f"{side}_tower" / "1"
            told(f"{side}_tower/1", save_tower(getattr(model, f"{side}_tower"), features, place), expected)


if __name__ == "__main__":
    main()

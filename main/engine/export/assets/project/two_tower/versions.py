"""The models of a project: the one that it came with, and those that train.py made of new rows, each in a folder of models/.

A folder is complete: spec.json, encoders.json, weights and data/. models/current names the one in use, and nothing but that file is ever
changed: to go back, write the name of another into it, or `shipped`.
"""

from __future__ import annotations

import os
from pathlib import Path

from .data import PROJECT

MODELS, SHIPPED = PROJECT / "models", "shipped"


def current_model() -> Path:
    """The folder of the model in use. @raises ValueError where models/current names none"""
    pointer = MODELS / "current"
    return model_folder(pointer.read_text(encoding="utf-8").strip() if pointer.exists() else SHIPPED)


def model_folder(name: str) -> Path:
    """The folder of a model by its name. @raises ValueError naming those there are"""
    if name == SHIPPED:
        return PROJECT
    if name in names():
        return MODELS / name
    raise ValueError(f'There is no model "{name}": there are {", ".join([SHIPPED, *names()])}.')


def model_name(folder: Path) -> str:
    return SHIPPED if folder == PROJECT else folder.name


def names() -> list[str]:
    """Of the models in models/, oldest first."""
    found = [path.name for path in MODELS.iterdir() if path.name.isdigit()] if MODELS.exists() else []
    return sorted(found, key=int)


def next_folder() -> Path:
    """An empty folder for another model."""
    MODELS.mkdir(exist_ok=True)
    folder = MODELS / str(1 + max(map(int, names()), default=0))
    folder.mkdir()
    return folder


def promote(folder: Path) -> None:
    """From now on that model is the one in use."""
    part = MODELS / "current.part"
    part.write_text(f"{folder.name}\n", encoding="utf-8")
    os.replace(part, MODELS / "current")

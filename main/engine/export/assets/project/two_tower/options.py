"""What the scripts are asked in common: which model, and raw rows of later beside the interactions of the project."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from row_encoder import time_forms

from .data import TRAIN, Data
from .joined import Joined, Tables
from .raw import column_map, read_interactions
from .versions import current_model, model_folder, model_name


def add_rows(parser: argparse.ArgumentParser, what: str) -> None:
    """--data with what it is, and how to read it."""
    rows = parser.add_argument_group("raw rows", "CSV, TSV or JSON Lines, with the columns that the run was imported with")
    rows.add_argument("--data", type=Path, nargs="+", metavar="FILE", help=what)
    rows.add_argument("--items", type=Path, metavar="FILE", help="metadata of new items, and of those that changed")
    rows.add_argument("--users", type=Path, metavar="FILE", help="metadata of new users, and of those that changed")
    rows.add_argument("--map", metavar="ROLE=COLUMN,…", help="of other names: user, item, time, event, weight, userId, itemId")
    rows.add_argument("--time-form", choices=time_forms(), metavar="FORM", help="of times that are no ISO dates or seconds since 1970")


def add_model(parser: argparse.ArgumentParser) -> None:
    """--model and --device."""
    parser.add_argument("--model", help="shipped, or the number of a folder in models/ (the one in use)")
    parser.add_argument("--device", default="auto")


def model_data(name: str | None) -> Data:
    """The data of a model, by default the one in use. Ends the program where there is none of that name."""
    try:
        return Data(current_model() if name is None else model_folder(name))
    except ValueError as error:
        sys.exit(str(error))


def joined_rows(data: Data, args: argparse.Namespace, files: list[Path]) -> Joined:
    """Raw rows joined to the data of a model, and what was found in them told. Ends the program where they cannot be read."""
    try:
        columns = column_map(data.facts, args.map)
        rows = read_interactions(files, data.facts, columns, args.time_form)
        joined = Joined(data, rows, Tables(args.users, args.items, columns["userId"], columns["itemId"]))
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    print("; ".join([f"{len(joined.rows):,} rows more than {model_name(data.model)} has", *joined.told]), file=sys.stderr)
    return joined


def data_with_rows(args: argparse.Namespace, part: int) -> Data:
    """The data of a model, with the raw rows of --data in a part of their own, those of --seen before them, and new users and items."""
    data = model_data(args.model)
    seen: list[Path] = getattr(args, "seen", None) or []
    for files, own, described in ((seen, TRAIN, False), (args.data or [], part, args.items or args.users)):
        if files or described:
            joined = joined_rows(data, args, files)
            with tempfile.TemporaryDirectory() as folder:
                data = joined.write(Path(folder), np.full(len(joined.rows), own), grows=False)
    return data

"""A model of new rows beside the one in use: made in a folder of its own, and taken into use only where it is better on rows that neither
was trained on."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .data import Array, Data
from .joined import split_by_time
from .options import joined_rows, model_data
from .versions import model_name, next_folder, promote

METRIC = "recall@10"


@dataclass
class Candidate:
    """`incumbent`: recall@10 of the model in use on the validation part, user by user, by its own encoders and with the same histories."""

    data: Data
    incumbent: Array

    def settle(self, best: Array, errors: float) -> dict[str, object]:
        """Takes the candidate into use where its recall is higher by more than so many standard errors of the difference.
        @returns what models/N/judged.json says of it"""
        gains = best - self.incumbent
        users = len(gains)
        error = float(gains.std(ddof=1) / np.sqrt(users)) if users > 1 else float("nan")
        promoted = users > 0 and bool(gains.mean() > (errors * error if errors > 0 else 0))
        judged: dict[str, object] = {
            "model": model_name(self.data.folder),
            "promoted": promoted,
            "users": users,
        }
        if users > 0:
            judged |= {"incumbent": float(self.incumbent.mean()), "validation": float(best.mean())}
        if users > 1:
            judged["standardError"] = error
        (self.data.folder / "judged.json").write_text(f"{json.dumps(judged)}\n", encoding="utf-8")
        if promoted:
            promote(self.data.folder)
        verdict = "it is in use from now on" if promoted else "the other stays in use"
        found = "nobody has anything new to find in the validation part, so that nothing tells which is better (--validation 0.3)"
        if users > 0:
            difference = f"a difference of {gains.mean():+.4f} ± {error:.4f} (standard error, {users:,} users)"
            found = f"{METRIC} {best.mean():.4f} on the validation part, {self.incumbent.mean():.4f} by the model in use, {difference}"
        print(f"models/{judged['model']}: {found}: {verdict}", file=sys.stderr)
        return judged


def candidate_of(args: argparse.Namespace, recall: Callable[[Data], Array]) -> Candidate:
    """Rows of --data joined to those of the model in use, the newest of them as validation part. @param recall that of each user there"""
    joined = joined_rows(model_data(None), args, args.data)
    try:
        parts = split_by_time(joined.rows, args.validation)
    except ValueError as error:
        sys.exit(str(error))
    with tempfile.TemporaryDirectory() as folder:
        incumbent = recall(joined.write(Path(folder), parts, grows=False))
    return Candidate(joined.write(next_folder(), parts, grows=True), incumbent)


def add_candidate(parser: argparse.ArgumentParser) -> None:
    """Options of training on new rows."""
    parser.add_argument(
        "--validation", type=float, default=0.1, help="with --data: the newest share of its rows, which the model is judged by"
    )
    parser.add_argument(
        "--errors",
        type=float,
        default=0,
        help="with --data: take the model into use where it is better by more than so many standard errors",
    )
    parser.add_argument("--anew", action="store_true", help="begin with random weights")

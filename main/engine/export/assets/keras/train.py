"""Goes on training the model in use, and keeps what is better: python train.py --epochs 1

The weights with the best recall@10 on the validation part go to trained.safetensors, and only where that is more than before. Where the
run was trained on its validation part too, there is nothing to judge by: then the weights of the lowest loss are kept.

With raw rows of a later period: python train.py --data new.csv --items items.csv
Their newest tenth is the validation part. The model goes to a folder of models/, and is in use from then on only where it is better there.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import keras
import numpy as np

from two_tower.candidate import METRIC, Candidate, add_candidate, candidate_of
from two_tower.candidates import Candidates
from two_tower.checkpoint import load_model, save_model
from two_tower.data import TEST, VALIDATION, Array, Data
from two_tower.epochs import factor
from two_tower.inference import Embedder
from two_tower.loader import Batches
from two_tower.metrics import by_user, can_validate, means, measured, vectors_as_of
from two_tower.model import TwoTower
from two_tower.options import add_rows, model_data


class Schedule(keras.callbacks.Callback):
    """The learning rates of each step."""

    def __init__(self, steps: int, epochs: int) -> None:
        super().__init__()
        self.steps, self.total, self.step = steps, steps * epochs, 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.step += 1
        self.model.rates(factor(self.model.spec["training"]["schedule"], self.step, self.steps, self.total))


class Keep(keras.callbacks.Callback):
    """Keeps the weights of the best recall@10 on the validation part, else of the lowest loss, and ends after `patience` epochs without."""

    def __init__(self, data: Data, batches: Batches, patience: int, is_new: bool) -> None:
        super().__init__()
        self.data, self.fixed, self.patience, self.waited, self.is_new = data, batches.fixed(), patience, 0, is_new
        self.validated = can_validate(data)

    def score(self) -> tuple[float, dict[str, float], Array]:
        """More is better; the metrics, and the recall of each user."""
        loss = mean_loss(self.model, self.fixed)
        if not self.validated:
            return -loss, {"loss": loss}, np.zeros(0)
        found = by_user(self.data, *vectors_as_of(Embedder(self.data, model=self.model), self.data, VALIDATION), VALIDATION)
        return means(found).get(METRIC, -loss), {"loss": loss, **means(found)}, found[METRIC]

    def on_train_begin(self, logs: Any = None) -> None:
        start, self.before, self.users = self.score()
        self.best, self.kept = -np.inf if self.is_new else start, self.before
        print(f"before {described(self.before)}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now, found, users = self.score()
        self.waited = 0 if now > self.best else self.waited + 1
        print(f"epoch {epoch + 1}: loss {logs['loss']:.4f}; {described(found)}{'' if self.waited else ', kept'}")
        if self.waited == 0:
            self.best, self.kept, self.users = now, found, users
            save_model(self.model, self.data)
        if self.waited >= self.patience:
            self.model.stop_training = True


def mean_loss(model: TwoTower, batches: list[dict[str, Any]]) -> float:
    """Over some fixed batches, without dropout or hidden ids: what continued training is to lower."""
    return float(np.mean([keras.ops.convert_to_numpy(model.loss_of(batch)) for batch in batches]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, help="1, or at most 10 with --data")
    parser.add_argument("--patience", type=int, default=3, help="end after so many epochs without a better one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, or as Keras names them: cpu, gpu:0")
    parser.add_argument("--partly", action="store_true", help="after a change of the model: begin with the weights that still fit")
    add_candidate(parser)
    add_rows(parser, "interactions of a later period")
    args = parser.parse_args()
    if not args.data and (args.items or args.users):
        parser.error("--items and --users come with --data.")
    keras.utils.set_random_seed(args.seed)
    if args.device == "auto":
        train(args)
    else:
        with keras.device(args.device):
            train(args)


def prepared(args: argparse.Namespace) -> tuple[Data, Candidate | None]:
    """What is trained on: the data of the model in use, or a candidate's."""
    if not args.data:
        return model_data(None), None

    def recall(data: Data) -> Array:
        return by_user(data, *vectors_as_of(Embedder(data), data, VALIDATION), VALIDATION)[METRIC]

    candidate = candidate_of(args, recall)
    return candidate.data, candidate


def train(args: argparse.Namespace) -> None:
    data, candidate = prepared(args)
    try:
        model = load_model(data, args.partly, args.anew)
    except ValueError as error:  # the code was changed, say
        sys.exit(str(error))
    model.compile_training()
    batches, epochs = Batches(data, Candidates(data), args.seed), args.epochs or (10 if args.data else 1)
    print(f"{len(batches.examples):,} examples in batches of {batches.size} on {keras.backend.backend()}")
    keep = Keep(data, batches, args.patience, candidate is not None)
    model.fit(batches, epochs=epochs, verbose=0, shuffle=False, callbacks=[Schedule(len(batches), epochs), keep])
    final = candidate.settle(keep.users, args.errors) if candidate is not None else measured(Embedder(data), data, TEST)
    print(json.dumps({"before": keep.before["loss"], "after": keep.kept["loss"], "validation": keep.kept.get(METRIC), **final}))


def described(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in found.items())


if __name__ == "__main__":
    main()

"""Goes on training the model in use, and keeps what is better: python train.py --epochs 1

The weights with the best recall@10 on the validation part go to trained.safetensors, and only where that is more than before. Where the
run was trained on its validation part too, there is nothing to judge by: then the weights of the lowest loss are kept.

With raw rows of a later period: python train.py --data new.csv --items items.csv
Their newest tenth is the validation part. The model goes to a folder of models/, and is in use from then on only where it is better there.
On several processes: torchrun --nproc_per_node 2 train.py --epochs 1
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np
import torch
from torch.amp.autocast_mode import autocast
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from two_tower.batches import Batches, Examples, TrainingBatch
from two_tower.candidate import METRIC, Candidate, add_candidate, candidate_of
from two_tower.candidates import Candidates
from two_tower.checkpoint import load_model, save_model
from two_tower.data import TEST, VALIDATION, Array, Data
from two_tower.epochs import factor
from two_tower.inference import Embedder
from two_tower.losses import batch_loss
from two_tower.metrics import by_user, can_validate, means, measured, vectors_as_of
from two_tower.optimizers import optimizers_of, prepare_gradients
from two_tower.options import add_rows, model_data
from two_tower.parallel import has_sparse_gradients, of_first, processes, rank, sampler_of, share_of, wrapped


class Trainer:
    """A model with its optimizers, which begin anew."""

    def __init__(self, data: Data, device: torch.device, amp: bool = False, partly: bool = False, anew: bool = False) -> None:
        self.data, self.device, self.amp, self.training = data, device, amp, data.spec["training"]
        self.model = load_model(data, has_sparse_gradients(device), partly, anew).to(device)
        self.forward = wrapped(self.model)
        self.optimizers = optimizers_of(self.model, self.training)

    def loss(self, batch: TrainingBatch) -> torch.Tensor:
        """The mean loss of a batch; the towers run in bfloat16 with `amp`."""
        with autocast(self.device.type, torch.bfloat16, enabled=self.amp):
            users, items, temperature = self.forward(batch.users, batch.items)
        return batch_loss(self.data.spec, users, items, temperature, batch)

    def step(self, batch: TrainingBatch) -> float:
        """Trains on a batch; its loss before."""
        self.forward.train()
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss = self.loss(batch.to(self.device))
        torch.autograd.backward(loss)
        prepare_gradients(self.model, self.training["l2"], self.training["clipNorm"])
        for optimizer in self.optimizers:
            optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def mean_loss(self, candidates: Candidates, examples: Examples, size: int, batches: int = 20) -> float:
        """Over some fixed batches, without dropout or hidden ids: what continued training is to lower."""
        self.forward.eval()
        picked = np.random.default_rng(7).permutation(examples.all)
        collate = Batches(self.data, candidates, 7, training=False)
        parts = [picked[i * size : (i + 1) * size] for i in range(max(1, min(batches, len(picked) // size)))]
        return float(np.mean([float(self.loss(collate(part.tolist()).to(self.device))) for part in parts]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, help="1, or at most 10 with --data")
    parser.add_argument("--patience", type=int, default=3, help="end after so many epochs without a better one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--amp", action="store_true", help="run the towers in bfloat16")
    parser.add_argument("--partly", action="store_true", help="after a change of the model: begin with the weights that still fit")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches")
    add_candidate(parser)
    add_rows(parser, "interactions of a later period")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    if not args.data and (args.items or args.users):
        parser.error("--items and --users come with --data.")
    with processes(args.device) as device:
        train(args, device)


def prepared(args: argparse.Namespace, device: torch.device) -> tuple[Data, Candidate | None]:
    """What is trained on: the data of the model in use, or a candidate's, which the first process makes."""
    if not args.data:
        return model_data(None), None

    def recall(data: Data) -> Array:
        return by_user(data, *vectors_as_of(Embedder(data, str(device)), data, VALIDATION), VALIDATION)[METRIC]

    candidate = candidate_of(args, recall) if rank() == 0 else None
    places = of_first(None if candidate is None else (candidate.data.folder, candidate.data.model))
    return (Data(*places) if candidate is None else candidate.data), candidate


def train(args: argparse.Namespace, device: torch.device) -> None:
    data, candidate = prepared(args, device)
    try:
        trainer = Trainer(data, device, args.amp, args.partly, args.anew)
    except ValueError as error:  # the code was changed, say
        sys.exit(str(error))
    candidates, examples = Candidates(data), Examples(data, args.seed)
    size = min(data.spec["training"]["batchSize"], share_of(len(examples)))
    sampler, validated, tell = sampler_of(examples, len(examples)), can_validate(data), rank() == 0
    loader = DataLoader(
        examples,
        size,
        sampler=sampler,
        drop_last=True,
        num_workers=args.workers,
        collate_fn=Batches(data, candidates, args.seed * 1000 + rank()),
    )
    steps, epochs = len(loader), args.epochs or (10 if args.data else 1)
    schedule = data.spec["training"]["schedule"]
    rates = [LambdaLR(each, lambda step: factor(schedule, step + 1, steps, steps * epochs)) for each in trainer.optimizers]

    def score() -> tuple[float, dict[str, float], Array]:
        """More is better; the metrics, and the recall of each user."""
        loss = trainer.mean_loss(candidates, examples, size)
        if not validated:
            return -loss, {"loss": loss}, np.zeros(0)
        found = by_user(data, *vectors_as_of(Embedder(data, str(device), trainer.model), data, VALIDATION), VALIDATION)
        return means(found).get(METRIC, -loss), {"loss": loss, **means(found)}, found[METRIC]

    start, before, users = score()
    best, kept, waited = -np.inf if args.data else start, before, 0
    if tell:
        print(f"{len(examples.all):,} examples in batches of {size} on {device}; before {described(before)}")
    for epoch in range(epochs):
        examples.set_epoch(epoch)
        started, total = time.time(), 0.0
        for batch in loader:
            total += trainer.step(batch)
            for rate in rates:
                rate.step()
        now, found, by_users = score()
        waited = 0 if now > best else waited + 1
        if tell:
            speed = steps * size / (time.time() - started)
            print(f"epoch {epoch + 1}: loss {total / steps:.4f}, {speed:,.0f} examples/s; {described(found)}{'' if waited else ', kept'}")
        if waited == 0:
            best, kept, users = now, found, by_users
            if tell:
                save_model(trainer.model, data)
        if waited >= args.patience:
            break
    if tell:
        final = candidate.settle(users, args.errors) if candidate is not None else measured(Embedder(data, str(device)), data, TEST)
        print(json.dumps({"before": before["loss"], "after": kept["loss"], "validation": kept.get(METRIC), **final}))


def described(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in found.items())


if __name__ == "__main__":
    main()

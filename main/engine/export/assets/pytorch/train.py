"""Goes on training from weights.safetensors (or trained.safetensors, where it was run before): python train.py --epochs 1

The optimizer begins anew; tables are updated lazily (only the rows of a batch), as in Pylon.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from data import Data
from embed import embed_items, embed_users
from evaluate import evaluate
from loss import Loss
from towers import TwoTower

HERE = Path(__file__).parent


def weights_file():
    trained = HERE / "trained.safetensors"
    return trained if trained.exists() else HERE / "weights.safetensors"


def load_model(data):
    model = TwoTower(data.spec, data.encoders)
    model.load(load_file(weights_file()))
    return model


def optimizers(model, training):
    """One for the tables, whose gradients are sparse, and one for the rest."""
    tables = [table.weight for table in model.tables.values()]
    rest = [p for p in model.parameters() if not any(p is table for table in tables)]
    t, d = training["tables"], training["dense"]
    if t["kind"] == "adam":
        sparse = torch.optim.SparseAdam(tables, lr=t["learningRate"], betas=(t["beta1"], t["beta2"]), eps=t["epsilon"])
    else:
        sparse = torch.optim.Adagrad(tables, lr=t["learningRate"], initial_accumulator_value=t["initialAccumulator"], eps=t["epsilon"])
    if d["kind"] == "adam":
        dense = torch.optim.AdamW(rest, lr=d["learningRate"], betas=(d["beta1"], d["beta2"]), eps=d["epsilon"], weight_decay=d["weightDecay"])
    else:
        dense = torch.optim.Adagrad(rest, lr=d["learningRate"], initial_accumulator_value=d["initialAccumulator"], eps=d["epsilon"])
    return [sparse, dense] if rest else [sparse]


def factor(schedule, step, per_epoch, total):
    """What the learning rates are multiplied by at a step (from 1)."""
    if step <= schedule["warmupSteps"]:
        return step / schedule["warmupSteps"]
    if schedule["kind"] == "constant":
        return 1.0
    if schedule["kind"] == "step":
        return schedule["factor"] ** ((step - 1) // (schedule["everyEpochs"] * per_epoch))
    progress = min(1.0, (step - schedule["warmupSteps"]) / max(1, total - schedule["warmupSteps"]))
    return schedule["finalFraction"] + (1 - schedule["finalFraction"]) * 0.5 * (1 + math.cos(math.pi * progress))


def batch_loss(model, data, loss, positions, generator, hide):
    user_rows = data.user[positions]
    candidates = loss.candidates(data.item[positions], generator)
    users = model.embed_users(data, user_rows, data.context_at(positions), hide)
    items = model.embed_items(data, candidates, hide)
    return loss(users, items, user_rows, candidates, model.temperature())


@torch.no_grad()
def mean_loss(model, data, loss, examples, batch, batches=20):
    """Over some fixed batches, without dropout or hidden ids: what continued training is to lower."""
    model.eval()
    generator = np.random.default_rng(7)
    picked = generator.permutation(examples)
    values = [float(batch_loss(model, data, loss, picked[i * batch : (i + 1) * batch], generator, None)) for i in range(min(batches, len(picked) // batch))]
    return float(np.mean(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    generator = np.random.default_rng(args.seed)
    data = Data()
    training = data.spec["training"]
    model, loss, examples = load_model(data), Loss(data, data.spec), data.examples()
    batch = min(training["batchSize"], len(examples))
    per_epoch = len(examples) // batch
    before = mean_loss(model, data, loss, examples, batch)
    print(f"{len(examples):,} examples, {per_epoch} steps an epoch; loss before {before:.4f}")
    steppers = optimizers(model, training)
    rates = [group["lr"] for stepper in steppers for group in stepper.param_groups]
    step = 0
    for epoch in range(args.epochs):
        model.train()
        order, total, started = generator.permutation(examples), 0.0, time.time()
        for i in range(per_epoch):
            step += 1
            scale = factor(training["schedule"], step, per_epoch, per_epoch * args.epochs)
            for rate, group in zip(rates, [group for stepper in steppers for group in stepper.param_groups]):
                group["lr"] = rate * scale
            for stepper in steppers:
                stepper.zero_grad(set_to_none=True)
            value = batch_loss(model, data, loss, order[i * batch : (i + 1) * batch], generator, generator)
            value.backward()
            for stepper in steppers:
                stepper.step()
            total += float(value)
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.4f}, {per_epoch * batch / (time.time() - started):,.0f} examples/s")
    after = mean_loss(model, data, loss, examples, batch)
    save_file({name: p.detach().numpy().copy() for name, p in model.named().items()}, HERE / "trained.safetensors")
    metrics = evaluate(data, embed_users(model, data), embed_items(model, data))
    print(json.dumps({"before": before, "after": after, **metrics}))


if __name__ == "__main__":
    main()

"""Goes on training from weights.safetensors (or trained.safetensors, where it was run before): python train.py --epochs 1

The optimizer begins anew; tables are updated lazily (only the rows of a batch), as in Pylon. What a step is stands in step.py.
"""

import argparse
import json
import math
import time

import numpy as np
from safetensors.numpy import save_file

from candidates import Candidates
from data import HERE, Data
from embed import embed
from evaluate import evaluate
from step import Trainer


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


def epoch_of(data, examples, generator):
    """The examples of one epoch in their order: by time or shuffled anew, of each user at most so many, and whole batches of them."""
    training = data.spec["training"]
    drawn, cap = generator.permutation(examples), training["perUserCap"]
    if cap is not None:
        by_user = drawn[np.argsort(data.user[drawn], kind="stable")]
        users = data.user[by_user]
        drawn = generator.permutation(by_user[np.arange(len(users)) - np.searchsorted(users, users, "left") < cap])
    drawn = drawn[: len(drawn) - len(drawn) % min(training["batchSize"], len(drawn))]
    if training["order"] != "time" or data.time is None:
        return drawn
    drawn = np.sort(drawn)
    return drawn[np.argsort(data.time[drawn], kind="stable")]


def batch_of(data, candidates, positions, generator):
    return candidates.draw(positions, data.user[positions], data.item[positions], generator)


def mean_loss(trainer, data, candidates, examples, batch, batches=20):
    """Over some fixed batches, without dropout or hidden ids: what continued training is to lower."""
    generator = np.random.default_rng(7)
    picked = generator.permutation(examples)
    parts = [picked[i * batch : (i + 1) * batch] for i in range(min(batches, len(picked) // batch))]
    return float(np.mean([trainer.loss(positions, batch_of(data, candidates, positions, generator)) for positions in parts]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    generator, data = np.random.default_rng(args.seed), Data()
    training, candidates, examples = data.spec["training"], Candidates(data, data.spec), data.examples()
    trainer = Trainer(data, args.seed)
    batch = min(training["batchSize"], len(epoch_of(data, examples, np.random.default_rng(0))))
    before = mean_loss(trainer, data, candidates, examples, batch)
    print(f"{len(examples):,} examples in batches of {batch}; loss before {before:.4f}")
    step = 0
    for epoch in range(args.epochs):
        order, total, started = epoch_of(data, examples, generator), 0.0, time.time()
        per_epoch = len(order) // batch
        for i in range(per_epoch):
            step += 1
            positions = order[i * batch : (i + 1) * batch]
            scale = factor(training["schedule"], step, per_epoch, per_epoch * args.epochs)
            total += trainer.train(positions, batch_of(data, candidates, positions, generator), scale, generator)
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.4f}, {per_epoch * batch / (time.time() - started):,.0f} examples/s")
    after = mean_loss(trainer, data, candidates, examples, batch)
    save_file(trainer.weights(), HERE / "trained.safetensors")
    metrics = evaluate(data, embed(trainer, data, "user"), embed(trainer, data, "item"))
    print(json.dumps({"before": before, "after": after, **metrics}))


if __name__ == "__main__":
    main()

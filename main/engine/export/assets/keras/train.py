"""Goes on training from weights.safetensors (or trained.safetensors, where it was run before): python train.py --epochs 1

The optimizer begins anew; tables are updated lazily (only the rows of a batch), as in Pylon. What a step is stands in two_tower/step.py.
"""

import argparse
import json
import time

import numpy as np
from safetensors.numpy import save_file

from two_tower.candidates import Candidates
from two_tower.data import PROJECT, Data
from two_tower.epochs import epoch_of, factor
from two_tower.inference import Embedder
from two_tower.data import TEST
from two_tower.metrics import measured
from two_tower.step import Trainer


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
    training, candidates, examples = data.spec["training"], Candidates(data), data.examples()
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
    save_file(trainer.weights(), PROJECT / "trained.safetensors")
    metrics = measured(Embedder(data, trainer=trainer), data, TEST)
    print(json.dumps({"before": before, "after": after, **metrics}))


if __name__ == "__main__":
    main()

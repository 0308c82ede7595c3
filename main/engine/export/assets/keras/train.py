"""Goes on training from weights.safetensors (or trained.safetensors, where it was run before): python train.py --epochs 1

The optimizer begins anew; tables are updated lazily (only the rows of a batch), as in Pylon.
"""

import argparse
import json
import math
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file, save_file

from data import Data
from embed import embed_items, embed_users
from evaluate import evaluate
from loss import Loss
from optimizer import table_optimizer
from towers import TwoTower

HERE = Path(__file__).parent


def weights_file():
    trained = HERE / "trained.safetensors"
    return trained if trained.exists() else HERE / "weights.safetensors"


def load_model(data):
    model = TwoTower(data.spec, data.encoders)
    model.load(load_file(weights_file()))
    return model


def dense_optimizer(spec):
    if spec["kind"] == "adam":
        return keras.optimizers.AdamW(learning_rate=spec["learningRate"], beta_1=spec["beta1"], beta_2=spec["beta2"], epsilon=spec["epsilon"], weight_decay=spec["weightDecay"])
    return keras.optimizers.Adagrad(learning_rate=spec["learningRate"], initial_accumulator_value=spec["initialAccumulator"], epsilon=spec["epsilon"])


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


def batch_loss(model, data, loss, positions, generator, hide, training):
    user_rows = data.user[positions]
    candidates = loss.candidates(data.item[positions], generator)
    users = model.embed_users(data, user_rows, data.context_at(positions), hide, training)
    items = model.embed_items(data, candidates, hide, training)
    return loss(users, items, user_rows, candidates, model.temperature())


def mean_loss(model, data, loss, examples, batch, batches=20):
    """Over some fixed batches, without dropout or hidden ids: what continued training is to lower."""
    generator = np.random.default_rng(7)
    picked = generator.permutation(examples)
    values = [float(batch_loss(model, data, loss, picked[i * batch : (i + 1) * batch], generator, None, False)) for i in range(min(batches, len(picked) // batch))]
    return float(np.mean(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)
    generator = np.random.default_rng(args.seed)
    data = Data()
    training = data.spec["training"]
    model, loss, examples = load_model(data), Loss(data, data.spec), data.examples()
    batch = min(training["batchSize"], len(examples))
    per_epoch = len(examples) // batch
    before = mean_loss(model, data, loss, examples, batch)
    print(f"{len(examples):,} examples, {per_epoch} steps an epoch; loss before {before:.4f}")
    tables, rest = list(model.tables.values()), model.dense_variables()
    for_tables, for_rest = table_optimizer(training["tables"], tables), dense_optimizer(training["dense"])
    step = 0
    for epoch in range(args.epochs):
        order, total, started = generator.permutation(examples), 0.0, time.time()
        for i in range(per_epoch):
            step += 1
            scale = factor(training["schedule"], step, per_epoch, per_epoch * args.epochs)
            with tf.GradientTape() as tape:
                value = batch_loss(model, data, loss, order[i * batch : (i + 1) * batch], generator, generator, True)
            gradients = tape.gradient(value, [*tables, *[getattr(v, "value", v) for v in rest]])
            for_tables.apply(gradients[: len(tables)], tables, scale)
            if rest:
                for_rest.learning_rate = training["dense"]["learningRate"] * scale
                for_rest.apply(gradients[len(tables) :], rest)
            total += float(value)
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.4f}, {per_epoch * batch / (time.time() - started):,.0f} examples/s")
    after = mean_loss(model, data, loss, examples, batch)
    save_file({name: np.array(variable) for name, variable in model.named().items()}, HERE / "trained.safetensors")
    metrics = evaluate(data, embed_users(model, data), embed_items(model, data))
    print(json.dumps({"before": before, "after": after, **metrics}))


if __name__ == "__main__":
    main()

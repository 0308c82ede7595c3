"""What generated projects give, for each folder in ROOT: python projects.py ROOT FRAMEWORK

Vectors against those of the run, the loss before and after an epoch, and one batch with everything its loss was made of, in batch.json,
which Pylon's own losses are asked about in turn. The code of all projects is the same; what differs is what it reads.
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT, FRAMEWORK = Path(sys.argv[1]).resolve(), sys.argv[2]
FOLDERS = sorted(folder for folder in ROOT.iterdir() if folder.is_dir())
sys.path.insert(0, str(FOLDERS[0]))

from candidates import Candidates  # noqa: E402
from data import Data  # noqa: E402
from embed import embed  # noqa: E402
from step import Trainer  # noqa: E402
from train import batch_of, epoch_of, mean_loss  # noqa: E402


def told_batch(trainer, data, candidates):
    """A batch of 32 with its vectors, corrections and masks, and the loss that the project makes of them."""
    generator = np.random.default_rng(3)
    positions = generator.permutation(data.examples())[:32]
    batch = batch_of(data, candidates, positions, generator)
    context = data.context_at(positions)
    model = trainer.model
    if FRAMEWORK == "pytorch":
        model.eval()
    users, items = model.embed_users(data, data.user[positions], context), model.embed_items(data, batch.items)
    numbers = lambda x: np.asarray(x.detach() if FRAMEWORK == "pytorch" else x).tolist()
    temperature = model.temperature()
    return {
        "users": numbers(users),
        "userRows": data.user[positions].tolist(),
        "items": numbers(items),
        "itemRows": batch.items.tolist(),
        "temperature": temperature if isinstance(temperature, float) else float(temperature),
        "from": batch.shared.start,
        "own": batch.own,
        "sharedBias": batch.shared_bias.tolist(),
        "sharedMet": np.argwhere(batch.shared_met).tolist(),
        "ownBias": batch.own_bias.tolist(),
        "ownMet": np.argwhere(batch.own_met).tolist(),
        "positiveBias": batch.positive_bias.tolist(),
        "weight": batch.weight.tolist(),
        "inverseCount": batch.inverse_count.tolist(),
        "group": batch.group.tolist(),
        "loss": trainer.loss(positions, batch),
    }


found = {}
for folder in FOLDERS:
    data = Data(folder)
    trainer, candidates = Trainer(data), Candidates(data, data.spec)
    worst = max(float(np.abs(embed(trainer, data, side) - np.load(folder / "data" / f"{side}_vectors.npy")).max()) for side in ("user", "item"))
    (folder / "batch.json").write_text(json.dumps(told_batch(trainer, data, candidates)))
    examples, size, generator = data.examples(), data.spec["training"]["batchSize"], np.random.default_rng(1)
    before, order = mean_loss(trainer, data, candidates, examples, size), epoch_of(data, examples, generator)
    for i in range(len(order) // size):
        positions = order[i * size : (i + 1) * size]
        trainer.train(positions, batch_of(data, candidates, positions, generator), 1.0, generator)
    found[folder.name] = {"worst": worst, "before": before, "after": mean_loss(trainer, data, candidates, examples, size)}
print(json.dumps(found))

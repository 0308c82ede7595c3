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

from two_tower.candidates import Candidates  # noqa: E402
from two_tower.data import Data  # noqa: E402
from two_tower.metrics import embed_all  # noqa: E402
from two_tower.weights import example_weights  # noqa: E402

own = __import__(f"projects_{FRAMEWORK}")


def told_batch(trainer, data, candidates):
    """A batch of 32 with its vectors, corrections and masks, and the loss that the project makes of them."""
    generator = np.random.default_rng(3)
    positions = generator.permutation(data.examples())[:32]
    batch = candidates.draw(positions, data.user[positions], data.item[positions], generator)
    users, items, temperature, loss = own.batch(trainer, data, positions, batch)
    return {
        "users": users,
        "userRows": data.user[positions].tolist(),
        "items": items,
        "itemRows": batch.items.tolist(),
        "temperature": temperature,
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
        "loss": loss,
    }


found = {}
for folder in FOLDERS:
    data = Data(folder)
    trainer, candidates = own.trainer(data), Candidates(data)
    embedder = own.embedder(trainer, data)
    worst = max(float(np.abs(embed_all(embedder, data, side) - np.load(folder / "data" / f"{side}_vectors.npy")).max()) for side in ("user", "item"))
    (folder / "batch.json").write_text(json.dumps(told_batch(trainer, data, candidates)))
    weights = example_weights(data)
    assert (weights is None) == (data.weights is None), folder.name
    assert weights is None or np.allclose(weights, data.weights, rtol=1e-5), f"{folder.name}: the examples weigh otherwise than in Pylon"
    before, after = own.epoch(trainer, data, candidates)
    found[folder.name] = {"worst": worst, "before": before, "after": after}
print(json.dumps(found))

"""What the checks share: where things lie, and how a finding is told. Each check ends with one line of JSON on stdout."""

import json
import sys
from pathlib import Path

import numpy as np

EXPORTS = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(EXPORTS / "pytorch"))  # its two_tower/data.py reads the features and histories with NumPy alone


def vectors(side):
    return np.load(EXPORTS / "vectors" / f"{side}_vectors.npy")


def ids(side):
    return json.loads((EXPORTS / "vectors" / f"{side}_ids.json").read_text())


def close(found, expected, within=1e-5):
    """The largest difference; raises where it is more than `within`."""
    assert found.shape == expected.shape, f"{found.shape} is not {expected.shape}"
    worst = float(np.abs(found.astype(np.float64) - expected).max())
    assert worst <= within, f"the largest difference is {worst}"
    return worst


def padded(bag, weights_of_mean=True):
    """A bag (indices, begins) as rows and weights [n, longest], padded with weight 0: the towers' encoded inputs."""
    indices, begins = bag
    lengths = np.diff(begins)
    n, width = len(lengths), max(1, int(lengths.max()))
    rows, weights = np.zeros((n, width), np.int32), np.zeros((n, width), np.float32)
    for k in range(n):
        rows[k, : lengths[k]] = indices[begins[k] : begins[k + 1]]
        weights[k, : lengths[k]] = 1 / max(1, lengths[k])
    return rows, weights


def sequence_inputs(name, moment):
    """A history that is encoded in its tower: rows, mask and codes [n, length], the most recent first."""
    sequence, (rows, places) = moment.bag["sequence"], moment.padded()
    shape = (len(moment.begins) - 1, sequence["length"])

    def laid(values, dtype):
        out = np.zeros(shape, dtype)
        out[rows, places] = values
        return out

    feeds = {f"{name}.rows": laid(moment.indices, np.int32), f"{name}.mask": laid(1, np.float32)}
    codes = {"age": ("ages", moment.ages), "event": ("events", moment.events)}
    return feeds | {f"{name}.{codes[kind][0]}": laid(codes[kind][1], np.int32) for kind in sequence["inputs"] if kind in codes}


def encoded_inputs(data, side, entities):
    """Every encoded input of a tower for some entities, by name."""
    layout = data.encoders[f"{side}Layout"]
    block = data.users if side == "user" else data.items
    feeds = {f"{side}.dense": block.dense[entities]} if layout["denseWidth"] > 0 else {}
    bags = [(bag["table"], bag["feature"], *block.bags[i].of(entities)) for i, bag in enumerate(layout["bags"])]
    if side == "user":
        ages, context = data.context_of(entities)
        if layout["contextDenseWidth"] > 0:
            feeds["user.context"] = ages
        bags += [(moment.bag["table"], moment.bag["feature"], moment.indices, moment.begins) for moment in context if "sequence" not in moment.bag]
        for moment in (moment for moment in context if "sequence" in moment.bag):
            feeds |= sequence_inputs(f"user.sequence.{moment.bag['feature']}", moment)
    for table, feature, indices, begins in bags:
        name = table[len(side) + 1 :] if table.startswith(f"{side}.") else feature
        feeds[f"{side}.bag.{name}.rows"], feeds[f"{side}.bag.{name}.weights"] = padded((indices, begins))
    return feeds


def tell(**facts):
    print(json.dumps(facts))

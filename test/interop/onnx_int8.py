"""The int8 towers: accepted by the checker, small, near the float32 ones; and what `int8.json` says they cost is what onnxruntime's own vectors
give by the protocol of the run (what users had met, and what was held out, as the export `notebook` has them)."""

import json

import numpy as np
import onnx
import onnxruntime as ort

from common import EXPORTS, close, encoded_inputs, tell, vectors
from two_tower.data import Data

FOLDER = EXPORTS / "onnx"
data = Data(EXPORTS / "pytorch")
told = json.loads((FOLDER / "int8.json").read_text())


def embedded(side, model):
    session = ort.InferenceSession(str(FOLDER / model), providers=["CPUExecutionProvider"])
    count = len(vectors(side))
    blocks = [np.arange(begin, min(count, begin + 777)) for begin in range(0, count, 777)]
    return np.concatenate([session.run(["vectors"], encoded_inputs(data, side, block))[0] for block in blocks])


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


small, cosines = {}, {}
for side in ("user", "item"):
    name = f"{side}_tower.int8.onnx"
    model = onnx.load(str(FOLDER / name))
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)], model.opset_import
    initializers = model.graph.initializer
    assert any(each.data_type == onnx.TensorProto.INT8 for each in initializers)
    large = [each.name for each in initializers if each.data_type == onnx.TensorProto.FLOAT and len(each.dims) == 2 and np.prod(each.dims) >= 1024]
    assert large == [], f"still float32: {large}"
    small[side] = embedded(side, name)
    close(embedded(side, f"{side}_tower.onnx"), vectors(side))
    cosines[side] = float((unit(small[side]) * unit(vectors(side))).sum(1).min())
assert min(cosines.values()) > 0.98, cosines

metric = json.loads((FOLDER / "metric.json").read_text())["metric"]
assert metric == "cosine", "this check ranks by the cosine"
seen, held = (np.load(EXPORTS / "notebook" / f"{name}.npy") for name in ("seen", "held_out"))


def ranked(users, items):
    """[users, items] by score; nobody gets what they had met."""
    scores = unit(users) @ unit(items).T
    scores[seen[:, 0], seen[:, 1]] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")


# one item is held out of each user here, so that recall is the share of hits and the ideal gain is 1
assert len(np.unique(held[:, 0])) == len(held)
lists = {"float32": ranked(vectors("user"), vectors("item")), "int8": ranked(small["user"], small["item"])}
found = {}
for kind, order in lists.items():
    places = (order[held[:, 0]] == held[:, 1:]).argmax(axis=1)
    for k in (10, 20):
        expected = {f"recall@{k}": (places < k).mean(), f"ndcg@{k}": ((places < k) / np.log2(places + 2)).mean()}
        for name, value in expected.items():
            # rounding of the two runtimes may move one of 5,000 over an edge
            assert abs(told["metrics"][kind][name] - value) < 3e-4, (kind, name, value, told["metrics"][kind][name])
            found[f"{kind} {name}"] = round(float(value), 4)
same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(lists["float32"][:, :10], lists["int8"][:, :10], strict=True)])
assert abs(same - told["sameTop10"]) < 2e-3, (same, told["sameTop10"])
sizes = {kind: sum((FOLDER / f"{side}_tower{ending}").stat().st_size for side in ("user", "item")) for kind, ending in (("float32", ".onnx"), ("int8", ".int8.onnx"))}
assert sizes == told["bytes"] and sizes["int8"] < 0.3 * sizes["float32"], sizes
tell(onnxruntime=ort.__version__, cosines=cosines, same=float(same), **found)

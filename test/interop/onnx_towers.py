"""Both towers, encoded features in: the ONNX checker accepts them, and onnxruntime gives Pylon's vectors for every user and item."""

import numpy as np
import onnx
import onnxruntime as ort

from common import EXPORTS, close, encoded_inputs, tell, vectors
from two_tower.data import Data

data = Data(EXPORTS / "pytorch")
worst = {}
for side in ("user", "item"):
    path = str(EXPORTS / "onnx" / f"{side}_tower.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)], model.opset_import
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = vectors(side)
    found = []
    for begin in range(0, len(expected), 777):  # a batch of any size
        entities = np.arange(begin, min(len(expected), begin + 777))
        feeds = encoded_inputs(data, side, entities)
        assert set(feeds) == {port.name for port in session.get_inputs()}, set(feeds) ^ {port.name for port in session.get_inputs()}
        found.append(session.run(["vectors"], feeds)[0])
    worst[side] = close(np.concatenate(found), expected)
tell(onnx=onnx.__version__, onnxruntime=ort.__version__, worst=worst)

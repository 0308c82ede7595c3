"""Towers with histories that are encoded in them, encoded and raw: python onnx_sequences.py ROOT; ROOT has a folder a run, with its project,
`onnx/` and `onnx-raw/`. Every user's vector is the run's."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from common import close, encoded_inputs, tell

ROOT = Path(sys.argv[1]).resolve()
FOLDERS = sorted(folder for folder in ROOT.iterdir() if (folder / "onnx").is_dir())
sys.path.insert(0, str(FOLDERS[0]))
from two_tower.data import VALIDATION, Data  # noqa: E402

worst = {}
for folder in FOLDERS:
    data = Data(folder)
    users = np.arange(len(data.users.ids))
    expected, ready = np.load(folder / "data" / "user_vectors.npy"), encoded_inputs(data, "user", users)
    for form in ("onnx", "onnx-raw"):
        path = str(folder / form / "user_tower.onnx")
        onnx.checker.check_model(onnx.load(path), full_check=True)
        session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = {port.name for port in session.get_inputs()}
        raw = {"id": np.array(data.users.ids, dtype=object), "when": np.array([data._next_time(u, VALIDATION) for u in users])}
        feeds = {name: raw[name] if name in raw else ready[name] for name in names}
        worst[f"{folder.name} {form}"] = close(session.run(["vectors"], feeds)[0], expected)
    notes = {note["name"]: note["encoded"] for note in json.loads((folder / "onnx-raw" / "inputs.json").read_text())["user"]}
    assert set(notes) == names and notes["id"] is None, notes
    assert all("one by one" in notes[name] for name in names if ".sequence." in name), notes
tell(worst=worst)

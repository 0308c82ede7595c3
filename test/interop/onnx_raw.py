"""Both towers with their encoders inside: raw columns, read from the dataset's own Parquet, give Pylon's vectors for every user and item."""

import json
import sys

import duckdb
import numpy as np
import onnx
import onnxruntime as ort

from common import EXPORTS, close, encoded_inputs, tell, vectors
from two_tower.data import Data

DATASET = sys.argv[2]
data = Data(EXPORTS / "pytorch")
notes = json.loads((EXPORTS / "onnx-raw" / "inputs.json").read_text())


def column(table, name):
    return [row[0] for row in duckdb.sql(f"""select "{name}" from read_parquet('{DATASET}/{table}.parquet')""").fetchall()]


def lists(values):
    width = max(1, max(len(value) for value in values))
    return np.array([[*value, *[""] * (width - len(value))] for value in values], dtype=object)


def histories(entities, feature):
    """Item ids of the users' histories, oldest first, those and as many as the feature keeps."""
    bag = next(bag for bag in data.context_bags if bag["feature"] == feature)
    rows_of_item = data.rows_of_item[bag["table"]]
    found = []
    for user in entities:
        q = np.arange(data.begins[user], data.begins[user + 1])
        q = q[(data.part[q] <= 1) & (rows_of_item[data.item[q]] > 0)]
        if "days" in bag and len(q) > 0:
            q = q[data.time[q[-1]] - data.time[q] <= bag["days"] * 86_400]
        q = q[-bag["maxLength"] :]
        found.append([data.items.ids[item] for item in data.item[q]])
    return lists(found)


def raw(side, note, entities):
    name = note["name"]
    if name in {bag["feature"] for bag in data.context_bags if bag["kind"] == "history"} and side == "user":
        return histories(entities, name)
    values = column(f"{side}s", name)
    if note["type"] == "string":
        if len(note["shape"]) == 2:
            return lists([value or [] for value in values])[entities]
        return np.array([value or "" for value in values], dtype=object)[entities]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64 if note["type"] == "float64" else np.float32)[entities]


worst, encoded = {}, {}
for side in ("user", "item"):
    path = str(EXPORTS / "onnx-raw" / f"{side}_tower.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected, entities = vectors(side), np.arange(len(vectors(side)))
    ready = encoded_inputs(data, side, entities)
    feeds = {note["name"]: raw(side, note, entities) if note["encoded"] is None else ready[note["name"]] for note in notes[side]}
    assert set(feeds) == {port.name for port in session.get_inputs()}
    worst[side] = close(session.run(["vectors"], feeds)[0], expected)
    encoded[side] = sorted(note["name"] for note in notes[side] if note["encoded"] is not None)
    # what nobody has seen, and what is missing, must work too
    strange = {
        note["name"]: (np.full((2, 1) if len(note["shape"]) == 2 else 2, "never seen", dtype=object) if note["type"] == "string" else np.full((2, *feeds[note["name"]].shape[1:]), np.nan, feeds[note["name"]].dtype))
        if note["encoded"] is None
        else feeds[note["name"]][:2]
        for note in notes[side]
    }
    assert np.isfinite(session.run(["vectors"], strange)[0]).all()
tell(onnxruntime=ort.__version__, worst=worst, encoded=encoded)

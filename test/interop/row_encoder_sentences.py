"""Rows with a text that a sentence model reads, by the row encoder: prints their dense inputs, and what is said without the model."""

import json
import sys
from pathlib import Path

folder, model = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(folder), str(Path(__file__).parent)]
from row_encoder import RowEncoder  # noqa: E402
from sentences import vectors  # noqa: E402

case = json.loads((folder / "case.json").read_text())
encoder = RowEncoder(case["encoders"], "item", sentences={"minilm": lambda texts: vectors(model, texts)})
told = {"dense": encoder.transform(case["rows"]).dense.tolist()}
try:
    RowEncoder(case["encoders"], "item").transform(case["rows"])
except ValueError as error:
    told["without"] = str(error)
print(json.dumps(told))

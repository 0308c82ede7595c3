"""Raw rows by the row encoder: compares each with what Pylon made of it, refusals too. Prints how many rows, how many refused, the worst difference."""

import json
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
from row_encoder import CellError, RowEncoder, context_of  # noqa: E402

told = {"rows": 0, "refused": 0, "worst": 0.0}
for case in json.loads((folder / "cases.json").read_text()):
    encoder = RowEncoder(case["encoders"], case["side"])
    for row, expected in zip(case["rows"], case["expected"]):
        told["rows"] += 1
        try:
            found = encoder.transform([row])
            bags, dense = {bag.table: bag.indices.tolist() for bag in found.bags}, found.dense[0]
            if case["side"] == "user":
                context = context_of(encoder, [row])
                bags |= {f"{bag.feature}:{bag.table}": bag.indices.tolist() for bag in context.bags}
                dense = np.concatenate([dense, context.dense[0]])
        except CellError as error:
            assert expected is None, f"{row}: {error}"
            told["refused"] += 1
            continue
        assert expected is not None, f"{row} is refused by Pylon"
        assert bags == expected["bags"], f"{row}: {bags} is not {expected['bags']}"
        told["worst"] = max(told["worst"], float(np.abs(dense - np.array(expected["dense"])).max(initial=0)))
print(json.dumps(told))

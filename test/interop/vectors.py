"""The vectors of every format are the same numbers, bit by bit, in the same order."""

import json

import duckdb
import numpy as np

from common import EXPORTS, ids, tell, vectors

for side in ("user", "item"):
    expected, names = vectors(side), ids(side)
    rows = duckdb.sql(f"""select id, vector from '{EXPORTS}/parquet/{side}s.parquet'""").fetchall()
    lines = [json.loads(line) for line in (EXPORTS / "jsonl" / f"{side}s.jsonl").read_text(encoding="utf-8").splitlines()]
    raw = np.fromfile(EXPORTS / "fvecs" / f"{side}s.fvecs", dtype=np.float32).reshape(-1, expected.shape[1] + 1)
    assert (raw[:, :1].view(np.int32) == expected.shape[1]).all()
    assert [row[0] for row in rows] == names and [line["id"] for line in lines] == names
    for found in (np.array([row[1] for row in rows], np.float32), np.array([line["vector"] for line in lines], np.float32), raw[:, 1:]):
        assert np.array_equal(found, expected)
tell(numpy=np.__version__, duckdb=duckdb.__version__)

"""The upload files of Qdrant and Milvus against the shapes that their documentation gives, and their vectors against the run's."""

import json

import numpy as np

from common import EXPORTS, ids, tell, vectors

expected, names = vectors("item"), ids("item")
collection = json.loads((EXPORTS / "qdrant" / "collection.json").read_text())
assert collection == {"vectors": {"size": expected.shape[1], "distance": "Cosine"}}
points = [point for path in sorted((EXPORTS / "qdrant").glob("points-*.json")) for point in json.loads(path.read_text())["points"]]
assert [point["id"] for point in points] == list(range(len(names)))
assert [point["payload"]["item"] for point in points] == names
assert all(set(point) == {"id", "vector", "payload"} for point in points)
assert np.array_equal(np.array([point["vector"] for point in points], np.float32), expected)
schema = json.loads((EXPORTS / "milvus" / "schema.json").read_text())
fields = {field["fieldName"]: field for field in schema["fields"]}
assert fields["item"]["isPrimary"] and fields["embedding"]["elementTypeParams"]["dim"] == expected.shape[1]
rows = json.loads((EXPORTS / "milvus" / "rows.json").read_text())["rows"]
assert [row["item"] for row in rows] == names
assert max(len(row["item"].encode()) for row in rows) <= fields["item"]["elementTypeParams"]["max_length"]
assert np.array_equal(np.array([row["embedding"] for row in rows], np.float32), expected)
tell(points=len(points))

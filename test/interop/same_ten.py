"""Ten candidates of some users by the exported user tower in onnxruntime and the item vectors in Faiss, seen items left out."""

import json
import sys

import faiss
import numpy as np
import onnxruntime as ort

from common import EXPORTS, encoded_inputs, tell, vectors
from two_tower.data import Data

data = Data(EXPORTS / "pytorch")
users = np.array([data.users.ids.index(user) for user in sys.argv[2].split(",")])
session = ort.InferenceSession(str(EXPORTS / "onnx" / "user_tower.onnx"), providers=["CPUExecutionProvider"])
queries = session.run(["vectors"], encoded_inputs(data, "user", users))[0]
index = faiss.IndexFlatIP(queries.shape[1])
index.add(vectors("item"))
_, found = index.search(queries, 200)
ten = {}
for user, row in zip(users, found):
    q = np.arange(data.begins[user], data.begins[user + 1])
    seen = set(data.item[q[data.part[q] <= 1]].tolist())
    ten[data.users.ids[user]] = [data.items.ids[item] for item in row if int(item) not in seen][:10]
tell(ten=ten)

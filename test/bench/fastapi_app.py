"""The same vectors behind FastAPI and Faiss, as an engineer would write it: one process, the index in memory, pydantic in and out.

BUNDLE names a folder that Pylon exported, TOKEN what requests must bear, INDEX flat or hnsw; an index is kept beside the bundle.
"""

import hmac
import json
import os
from pathlib import Path
from typing import Annotated

import faiss
import numpy as np
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

faiss.omp_set_num_threads(1)
ROOT = Path(os.environ["BUNDLE"])
TOKEN = os.environ["TOKEN"]
KEPT = ROOT.parent / "items.faiss"


def ids(name: str) -> list[str]:
    return json.loads((ROOT / "run" / name).read_text(encoding="utf-8"))


def unit(name: str) -> np.ndarray:
    vectors = np.load(ROOT / "run" / name)
    return np.ascontiguousarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


users, items = unit("user_vectors.npy"), unit("item_vectors.npy")
item_ids = ids("item_ids.json")
row_of = {name: row for row, name in enumerate(ids("user_ids.json"))}
seen: list[set[int]] = [set(row) for row in json.loads(Path(os.environ["SEEN"]).read_text())]
settings = json.loads((ROOT / "run" / "item.index.json").read_text())["spec"]

if os.environ["INDEX"] == "flat":
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
elif KEPT.exists():
    index = faiss.read_index(str(KEPT))
else:
    index = faiss.IndexHNSWFlat(items.shape[1], settings["connectivity"], faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = settings["expansionAdd"]
    index.add(items)
    faiss.write_index(index, str(KEPT))
if os.environ["INDEX"] != "flat":
    index.hnsw.efSearch = settings["expansionSearch"]

app = FastAPI()


class Request(BaseModel):
    user: str
    k: int = Field(20, ge=1, le=1000)


class Hit(BaseModel):
    item: str
    score: float
    title: str | None  # these items have none, on either side


class Answer(BaseModel):
    version: str
    items: list[Hit]


def authorised(authorization: Annotated[str, Header()] = "") -> None:
    if not hmac.compare_digest(authorization, f"Bearer {TOKEN}"):
        raise HTTPException(401)


# no await: a search takes less than handing it to a thread
@app.post("/recommend", dependencies=[Depends(authorised)])
async def recommend(asked: Request) -> Answer:
    row = row_of.get(asked.user)
    if row is None:
        raise HTTPException(404, f'There is no user "{asked.user}".')
    scores, keys = index.search(users[row : row + 1], asked.k + len(seen[row]))
    pairs = zip(keys[0].tolist(), scores[0].tolist(), strict=True)
    found = [(key, score) for key, score in pairs if key >= 0 and key not in seen[row]]
    hits = [Hit(item=item_ids[key], score=score, title=None) for key, score in found[: asked.k]]
    return Answer(version=ROOT.name, items=hits)

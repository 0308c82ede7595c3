"""Loads the items into Qdrant: python load.py --url http://HOST:6333 (QDRANT_API_KEY, where it has one), or --path FOLDER for a local one.

Twice is once: an item has the same point in every export. Ends with the share of Pylon's best ten that Qdrant finds by exact search, and by
its index (a local one has none, and searches exactly).
"""

import argparse
import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from probes import FOLDER, agreement, refuse_others, tell
from qdrant_client import QdrantClient, models

EF_SEARCH = 100


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def batches() -> Iterator[list[models.PointStruct]]:
    for path in sorted(FOLDER.glob("points-*.json")):
        yield [models.PointStruct(**point) for point in read(path.name)["points"]]


def point_ids(client: QdrantClient, name: str) -> Iterator[str]:
    offset = None
    while True:
        points, offset = client.scroll(name, limit=10_000, offset=offset, with_payload=False, with_vectors=False)
        yield from (str(point.id) for point in points)
        if offset is None:
            return


def load(client: QdrantClient, name: str, replace: bool, is_local: bool) -> None:
    if client.collection_exists(name):
        ours = {str(point.id) for batch in batches() for point in batch}
        others = [point for point in point_ids(client, name) if point not in ours]
        refuse_others(len(others), f"the collection {name}", replace)
        if others:
            client.delete(name, models.PointIdsList(points=list(others)), wait=True)
    else:
        wanted = read("collection.json")
        vectors, graph = models.VectorParams(**wanted["vectors"]), models.HnswConfigDiff(**wanted["hnsw_config"])
        client.create_collection(name, vectors_config=vectors, hnsw_config=graph)
        if not is_local:
            for index in read("indexes.json"):
                client.create_payload_index(name, index["field_name"], models.PayloadSchemaType(index["field_schema"]), wait=True)
    for batch in batches():
        client.upsert(name, batch, wait=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--url")
    place.add_argument("--path", help="folder of a local one")
    parser.add_argument("--name", default="items", help="of the collection")
    parser.add_argument("--replace", action="store_true", help="remove points that are not in this export")
    args = parser.parse_args()
    client = QdrantClient(url=args.url, api_key=os.environ.get("QDRANT_API_KEY")) if args.url else QdrantClient(path=args.path)
    try:
        load(client, args.name, args.replace, args.url is None)

        def answer(exact: bool) -> Any:
            params = models.SearchParams(hnsw_ef=EF_SEARCH, exact=exact) if args.url else None

            def best(vector: list[float], k: int) -> list[str]:
                found = client.query_points(args.name, query=vector, limit=k, search_params=params, with_payload=["item"])
                return [str((point.payload or {})["item"]) for point in found.points]

            return best

        exact = agreement(answer(True))
        by_index = agreement(answer(False)) if args.url else None
        rows = client.count(args.name, exact=True).count
    finally:
        client.close()
    settings = f"hnsw m 16, ef_construct 128, hnsw_ef {EF_SEARCH}" if args.url else "local: exact"
    tell(collection=args.name, rows=rows, client=version("qdrant-client"), exact=exact, recallAt10=by_index, settings=settings)


if __name__ == "__main__":
    main()

"""Loads the items into Milvus: python load.py --uri http://HOST:19530 (MILVUS_TOKEN, where it has one), or --uri FILE.db for Milvus Lite.

Twice is once: an item is its own key. Ends with the share of Pylon's best ten that Milvus finds by reading all, and by its index.
"""

import argparse
import json
import os
from collections.abc import Iterator
from typing import Any

from probes import FOLDER, agreement, refuse_others, tell
from pymilvus import DataType, MilvusClient

EF_SEARCH = 100
ROWS = 1000
TYPES = {"VarChar": DataType.VARCHAR, "FloatVector": DataType.FLOAT_VECTOR, "Timestamptz": DataType.TIMESTAMPTZ}


def batches() -> Iterator[list[dict[str, Any]]]:
    """rows.json, a row a line."""
    batch: list[dict[str, Any]] = []
    with (FOLDER / "rows.json").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if not line.startswith('{"item"'):
                continue
            batch.append(json.loads(line.rstrip().rstrip(",")))
            if len(batch) == ROWS:
                yield batch
                batch = []
    if batch:
        yield batch


def create(client: MilvusClient, name: str, schema: dict[str, Any]) -> None:
    fields = client.create_schema(auto_id=schema["autoId"], enable_dynamic_field=schema["enableDynamicField"])
    for field in schema["fields"]:
        more = {"is_primary": field.get("isPrimary", False), "nullable": field.get("nullable", False), **field.get("elementTypeParams", {})}
        fields.add_field(field["fieldName"], TYPES[field["dataType"]], **more)
    indexes = client.prepare_index_params()
    for index in schema["indexParams"]:
        kind, metric, params = index["indexType"], index["metricType"], index["params"]
        indexes.add_index(index["fieldName"], index_name=index["indexName"], index_type=kind, metric_type=metric, params=params)
    client.create_collection(name, schema=fields, index_params=indexes, consistency_level="Strong")


def keys(client: MilvusClient, name: str) -> Iterator[str]:
    pages = client.query_iterator(name, batch_size=ROWS, output_fields=["item"])
    while page := pages.next():
        yield from (row["item"] for row in page)
    pages.close()


def load(client: MilvusClient, name: str, schema: dict[str, Any], replace: bool) -> None:
    if client.has_collection(name):
        client.load_collection(name)
        ours = {row["item"] for batch in batches() for row in batch}
        others = [key for key in keys(client, name) if key not in ours]
        refuse_others(len(others), f"the collection {name}", replace)
        for at in range(0, len(others), ROWS):
            client.delete(name, ids=others[at : at + ROWS])
    else:
        create(client, name, schema)
    for batch in batches():
        client.upsert(name, batch)
    client.flush(name)
    client.load_collection(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--name", default="items", help="of the collection: letters, digits and _")
    parser.add_argument("--replace", action="store_true", help="remove rows that are not in this export")
    args = parser.parse_args()
    client = MilvusClient(args.uri, token=os.environ.get("MILVUS_TOKEN", ""))
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    try:
        load(client, args.name, schema, args.replace)

        def answer(vector: list[float], k: int) -> list[str]:
            found = client.search(args.name, data=[vector], limit=k, search_params={"params": {"ef": EF_SEARCH}}, output_fields=["item"])
            return [hit["entity"]["item"] for hit in found[0]]

        def read_all(vector: list[float], k: int) -> list[str]:
            # as many as the graph can hold: it leaves out none
            found = client.search(args.name, data=[vector], limit=k, search_params={"params": {"ef": max(k, min(rows, 32_768))}}, output_fields=["item"])
            return [hit["entity"]["item"] for hit in found[0]]

        rows = int(client.query(args.name, output_fields=["count(*)"])[0]["count(*)"])
        by_index, exact = agreement(answer), agreement(read_all)
        version = client.get_server_version()
    finally:
        client.close()
    settings = f"HNSW M 16, efConstruction 128, ef {EF_SEARCH}"
    tell(collection=args.name, rows=rows, milvus=version, exact=exact, recallAt10=by_index, settings=settings)


if __name__ == "__main__":
    main()

"""What a store holds, read by its own client, is what the file said: stores.py STORE PLACE NAME TRUTH"""

import json
import sys
from datetime import date, datetime
from importlib.metadata import version
from uuid import NAMESPACE_URL, uuid5

store, place, name, truth_file = sys.argv[1:]
truth = {row["item"]: row for row in json.load(open(truth_file, encoding="utf-8"))}
SINCE = "2020-06-01"


def instant(text):
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


def same(found, day, moment):
    """@param day, moment what the store gives for these columns, as it should be"""
    assert set(found) == set(truth), len(found)
    for item, row in found.items():
        wanted = truth[item]
        assert row["title"] == wanted["title"], (row["title"], wanted["title"])
        assert (row["genre"], row.get("price"), row.get("tags")) == (wanted["genre"], wanted["price"], wanted["tags"]), row
        assert row.get("released") == day(wanted["released"]), (row.get("released"), wanted["released"])
        assert row.get("seen") == moment(wanted["seen"]), (row.get("seen"), wanted["seen"])


later = sorted(item for item, row in truth.items() if row["released"] is not None and row["released"] >= SINCE)


def as_date(text):
    return None if text is None else date.fromisoformat(text)


if store == "pgvector":
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(place, autocommit=True, row_factory=dict_row) as connection:
        rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
        same({row["id"]: row for row in rows}, as_date, instant)
        found = [row["id"] for row in connection.execute(f"SELECT id FROM \"{name}\" WHERE released >= '{SINCE}'")]
elif store == "qdrant":
    from qdrant_client import QdrantClient, models

    client = QdrantClient(path=place)
    points = client.scroll(name, limit=10_000)[0]
    assert all(point.id == str(uuid5(NAMESPACE_URL, f"pylon:item:{point.payload['item']}")) for point in points)
    same({point.payload["item"]: point.payload for point in points}, lambda day: day and f"{day}T00:00:00Z", lambda moment: moment)
    since = models.Filter(must=[models.FieldCondition(key="released", range=models.DatetimeRange(gte=datetime.fromisoformat(SINCE)))])
    found = [point.payload["item"] for point in client.scroll(name, since, limit=10_000)[0]]
    client.close()
elif store == "milvus":
    from pymilvus import MilvusClient

    client = MilvusClient(place)
    client.load_collection(name)
    rows = client.query(name, filter="item != ''", output_fields=["*"], limit=10_000)
    for row in rows:
        row["seen"] = instant(row["seen"])
    same({row["item"]: row for row in rows}, lambda day: day and f"{day}T00:00:00Z", instant)
    found = [row["item"] for row in client.query(name, filter=f"released >= ISO '{SINCE}T00:00:00Z'", output_fields=["item"], limit=10_000)]
    client.close()
else:
    import lancedb

    table = lancedb.connect(place).open_table(name)
    same({row["id"]: row for row in table.search().limit(10_000).to_list()}, as_date, instant)
    found = [row["id"] for row in table.search().where(f"released >= date '{SINCE}'").limit(10_000).to_list()]
assert sorted(found) == later, (len(found), len(later))
package = {"pgvector": "psycopg", "qdrant": "qdrant-client", "milvus": "pymilvus", "lancedb": "lancedb"}[store]
print(json.dumps({package: version(package), "rows": len(truth), "since": len(found)}))

"""Makes a LanceDB table of items.parquet: python load.py --uri FOLDER (or s3://…, or whatever lancedb.connect takes)

Twice is once. Ends with the share of Pylon's best ten that LanceDB finds by exact search, and by its index.
"""

import argparse
from importlib.metadata import version
from typing import Any

import lancedb
import pyarrow as pa
import pyarrow.parquet as pq
from lancedb.index import HnswFlat
from probes import FOLDER, agreement, metric, refuse_others, tell

DISTANCES = {"cosine": "cosine", "dot": "dot", "euclidean": "l2"}
EF_SEARCH = 100
FEW = 256  # of fewer items no index is made


def items() -> Any:
    """With vectors of one width, as an index wants them."""
    table = pq.read_table(FOLDER / "items.parquet")
    vectors = table["vector"].combine_chunks()
    width = len(vectors[0])
    fixed = pa.FixedSizeListArray.from_arrays(vectors.flatten(), width)
    return table.set_column(table.schema.get_field_index("vector"), pa.field("vector", fixed.type), fixed)


def load(database: Any, name: str, replace: bool) -> Any:
    rows = items()
    if name in database.list_tables().tables:
        ours = set(rows["id"].to_pylist())
        table = database.open_table(name)
        others = [each for each in table.search().select(["id"]).limit(table.count_rows()).to_arrow()["id"].to_pylist() if each not in ours]
        refuse_others(len(others), f"the table {name}", replace)
    return database.create_table(name, rows, mode="overwrite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--name", default="items", help="of the table")
    parser.add_argument("--replace", action="store_true", help="remove rows that are not in this export")
    args = parser.parse_args()
    distance = DISTANCES[metric()]
    table = load(lancedb.connect(args.uri), args.name, args.replace)
    rows = table.count_rows()
    # one partition: with more, a query looks only into some of them
    has_index = rows >= FEW
    if has_index:
        table.create_index("vector", config=HnswFlat(distance_type=distance, num_partitions=1, m=16, ef_construction=128))

    def answer(exact: bool) -> Any:
        def best(vector: list[float], k: int) -> list[str]:
            query = table.search(vector, vector_column_name="vector").distance_type(distance).select(["id", "_distance"]).limit(k)
            query = query.bypass_vector_index() if exact else query.ef(EF_SEARCH)
            return [str(row["id"]) for row in query.to_list()]

        return best

    exact = agreement(answer(True))
    by_index = agreement(answer(False)) if has_index else exact
    settings = f"IVF_HNSW_FLAT one partition, m 16, ef_construction 128, ef {EF_SEARCH}" if has_index else "no index"
    tell(table=args.name, rows=rows, lancedb=version("lancedb"), exact=exact, recallAt10=by_index, settings=settings)


if __name__ == "__main__":
    main()

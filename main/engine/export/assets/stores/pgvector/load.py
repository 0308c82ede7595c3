"""Loads items.sql into PostgreSQL with pgvector 0.8 or newer: python load.py --dsn postgresql://USER@HOST/DATABASE

One transaction: the table has the items of this export, or is as it was. Ends with the share of Pylon's best ten that PostgreSQL finds by
exact search, and by the index with the settings that stand at the end of items.sql.
"""

import argparse
import os

import psycopg
from probes import FOLDER, agreement, metric, tell
from psycopg import sql

OPERATORS = {"cosine": "<=>", "dot": "<#>", "euclidean": "<->"}
EF_SEARCH = 100


def load(connection: psycopg.Connection, name: str, replace: bool) -> None:
    """Every statement of items.sql is a line; what psql would put into it are the names."""
    names = {
        ':"table"': sql.Identifier(name),
        ':"index"': sql.Identifier(f"{name}_by_embedding"),
        ":'table'": sql.Literal(name),
        ":'replace'": sql.Literal("on" if replace else "off"),
    }
    with (FOLDER / "items.sql").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.startswith(("--", "\\")):
                continue
            if not line.startswith("INSERT INTO pylon_incoming"):  # those are cells, whatever they look like
                for variable, value in names.items():
                    line = line.replace(variable, value.as_string(connection))
            connection.execute(line.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dsn", default=os.environ.get("DATABASE_URL", ""), help="default: DATABASE_URL, else what libpq takes")
    parser.add_argument("--name", default="items", help="of the table")
    parser.add_argument("--replace", action="store_true", help="remove rows that are not in this export")
    args = parser.parse_args()
    table = sql.Identifier(args.name)
    query = sql.SQL("SELECT id FROM {} ORDER BY embedding {} %s::vector LIMIT %s").format(table, sql.SQL(OPERATORS[metric()]))
    with psycopg.connect(args.dsn, autocommit=True, prepare_threshold=None) as connection:
        load(connection, args.name, args.replace)

        def answer(vector: list[float], k: int) -> list[str]:
            return [row[0] for row in connection.execute(query, (str(vector), k))]

        connection.execute("SET enable_indexscan = off")
        exact = agreement(answer)
        connection.execute("SET enable_indexscan = on")
        connection.execute("SET enable_seqscan = off")  # small tables are read whole otherwise, and the index is not asked
        connection.execute(f"SET hnsw.ef_search = {EF_SEARCH}")
        connection.execute("SET hnsw.iterative_scan = strict_order")
        by_index = agreement(answer)
        rows = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
        version = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
        server = connection.info.server_version
    settings = f"hnsw m 16, ef_construction 128, ef_search {EF_SEARCH}"
    tell(
        table=args.name,
        rows=rows and rows[0],
        postgres=server // 10000,
        pgvector=version and version[0],
        exact=exact,
        recallAt10=by_index,
        settings=settings,
    )


if __name__ == "__main__":
    main()

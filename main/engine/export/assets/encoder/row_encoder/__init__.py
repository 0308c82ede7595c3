"""Raw rows to the inputs of both towers, by encoders.json: the same cells, vocabularies, hashes and n-grams as Pylon's.

    users = RowEncoder("encoders.json", "user").transform(read_csv("users.csv"))

It needs NumPy alone (and PyICU for texts in scripts without spaces between words). Letters that Unicode got after the version of this
Python (`unicodedata.unidata_version`) may be folded otherwise than Pylon folds them.
"""

from .cells import Column
from .context import Context, context_of
from .encoder import Bag, RowEncoder, Side, column_values, identity, padded
from .kinds import Indices
from .rules import CellError
from .table import Table, read_csv, read_rows
from .times import time_forms
from .vocabulary import row_lookup

__all__ = [
    "Bag",
    "CellError",
    "Column",
    "Context",
    "Indices",
    "RowEncoder",
    "Side",
    "Table",
    "column_values",
    "context_of",
    "identity",
    "padded",
    "read_csv",
    "read_rows",
    "row_lookup",
    "time_forms",
]

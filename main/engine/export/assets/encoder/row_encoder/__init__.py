"""Raw rows to the inputs of both towers, by encoders.json: the same cells, vocabularies, hashes and n-grams as Pylon's.

    users = RowEncoder("encoders.json", "user").transform(read_csv("users.csv"))

It needs NumPy alone (and PyICU for texts in scripts without spaces between words). Letters that Unicode got after the version of this
Python (`unicodedata.unidata_version`) may be folded otherwise than Pylon folds them.
"""

from .context import Context, context_of
from .encoder import Bag, RowEncoder, Side, padded
from .kinds import Indices
from .rules import CellError
from .table import read_csv

__all__ = ["Bag", "CellError", "Context", "Indices", "RowEncoder", "Side", "context_of", "padded", "read_csv"]

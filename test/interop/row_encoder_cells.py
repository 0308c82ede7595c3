"""Every cell of every form, read by the row encoder: prints a line of JSON a cell, null where it can not be read."""

import json
import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, sys.argv[1])
from row_encoder import cells, numbers, times  # noqa: E402


def read(form, cell):
    if form in times.time_forms():
        return times.parse_form(cell, form)
    if form.startswith("number"):
        return numbers.parse_form(cell, form)
    if form.startswith("vector"):
        # single precision, as the column is stored
        return [None if part is None else float(np.float32(part)) for part in cells._vector_form(cell, form)]
    if "text" in form:
        return cells._text(cells.Column("x", "text", form), cell)
    return cells._list_form(cell, form)


def plain(value):
    """As JavaScript's JSON writes it: what is no finite number is null."""
    if isinstance(value, list):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


for form, given in json.loads(Path(sys.argv[2]).read_text()).items():
    print(json.dumps([plain(read(form, cell)) for cell in given]))

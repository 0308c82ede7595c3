"""One cell to the value that its column stores. Text is read by the form of its column; numbers, lists and arrays mean themselves."""

from __future__ import annotations

import datetime
import json
import math
import numbers as numeric
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import numbers, times
from .rules import CellError, compiled, is_present, rules, stripped, without_blanks


@dataclass(frozen=True)
class Column:
    """What is known of a column: how its values are stored, and how its cells are written (None: by the general rules)."""

    name: str
    storage: str
    form: str | None = None
    is_time: bool = False
    width: int = 0


def plain(value: Any) -> Any:
    """A cell of a table of any library as Python's own: its missing values are None, its times seconds."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)).timestamp()
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else float(value.astype("datetime64[us]").astype(np.int64)) / 1e6
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numeric.Real):
        return None if math.isnan(value) else float(value)
    if isinstance(value, (np.ndarray, tuple)):
        return list(value)
    return value


def read(column: Column, value: Any) -> Any:
    """str, float, list of str, or float32 [width]; None where it is missing. Raises CellError naming column and what is expected."""
    value, as_text = plain(value), column.storage in ("text", "list")
    if value is None or (isinstance(value, str) and not (value != "" if column.form is None else is_present(value, as_text))):
        return None
    return _READERS[column.storage](column, value)


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return numbers.spelled(value)
    if not isinstance(value, str):
        raise _wrong(column, value, "text")
    if column.form == "trimmed text":
        return without_blanks(value)
    if column.form == "text without markup":
        markup = rules()["markup"]
        bare = compiled(markup["tag"]).sub(" ", value)
        for entity, sign in markup["entities"]:
            bare = bare.replace(entity, sign)
        return bare
    return value


def _number(column: Column, value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return times.seconds_of(value) if column.is_time else value
    found: float | None = None
    if isinstance(value, str):
        if column.form is None:
            found = times.parse_general(value) if column.is_time else None
            found = numbers.parse_general(value) if found is None else found
        elif column.form in rules()["numbers"]:
            found = numbers.parse_form(value, column.form)
        else:
            found = times.parse_form(value, column.form)
        if found is None and column.form is not None and column.is_time:
            found = times.parse_iso(value)  # an ISO date is the same in every form of times
    if found is None:
        raise _wrong(column, value, column.form or ("a time, such as 2024-05-31 or seconds since 1970" if column.is_time else "a number"))
    return found


def _list(column: Column, value: Any) -> list[str]:
    if isinstance(value, list):
        own = Column(column.name, "text")
        return [_text(own, part) for part in map(plain, value) if part is not None]
    found: list[str] | None = None
    if isinstance(value, str):
        found = None if column.form is None else _list_form(value, column.form)
        # a JSON column has no text without brackets, so that one means nothing else there
        if found is None and (column.form is None or not stripped(value).startswith("[")):
            found = parse_list(value)
    if found is None:
        raise _wrong(column, value, f"a list of texts, or {column.form or 'one text with | between them'}")
    return found


def parse_list(text: str) -> list[str]:
    """'a|b' or '["a","b"]' to its parts, without white space at their ends; empty ones go."""
    parts = _json_list(text) if stripped(text).startswith("[") else None
    return [part for part in map(stripped, text.split("|") if parts is None else parts) if part != ""]


def _list_form(text: str, form: str) -> list[str] | None:
    if form == "JSON list":
        return _json_list(text)
    if form == "list in brackets":
        parts = re.sub(r"^[\[{(]|[\]})]\Z", "", without_blanks(text)).split(",")
        return [part for part in (part.strip(" \"'") for part in parts) if part != ""]
    separator = form.removeprefix("separated by ")
    parts = text.split(" " if separator == "blanks" else separator)
    return [part for part in map(without_blanks, parts) if part != ""]


def _json_list(text: str) -> list[str] | None:
    try:
        entries = numbers.parse_json(text)
    except ValueError:
        return None
    if not isinstance(entries, list):
        return None
    return [entry if isinstance(entry, str) else numbers.written_json(entry) for entry in entries if entry is not None]


LARGEST_OF_VECTOR = 10**12
"""The squares of a tower's sums have to stay finite in 32 bits."""


def _vector(column: Column, value: Any) -> npt.NDArray[np.float32]:
    parts = value
    if isinstance(value, str):
        parts = [numbers.number_of(part) for part in parse_list(value)] if column.form is None else _vector_form(value, column.form)
    entries = [plain(part) for part in parts] if isinstance(parts, list) else []
    if len(entries) != column.width or not all(isinstance(entry, float) for entry in entries):
        form = "" if column.form is None else f", or {column.form}"
        raise _wrong(column, value, f"{column.width} numbers in an array{form}")
    if any(abs(entry) > LARGEST_OF_VECTOR for entry in entries):
        raise _wrong(column, value, f"numbers between -{LARGEST_OF_VECTOR} and {LARGEST_OF_VECTOR}")
    return np.array(entries, dtype=np.float32)


def _vector_form(text: str, form: str) -> list[float | None]:
    separator, bare = form.removeprefix("vector with "), text.strip(" []()")
    parts = re.split("[\t\n\f\r ]+", bare) if separator == "blanks" else bare.split(separator)
    return [numbers.parse_double(part) for part in parts]


_READERS: dict[str, Callable[[Column, Any], Any]] = {"text": _text, "number": _number, "list": _list, "vector": _vector}


def _wrong(column: Column, value: Any, expected: str) -> CellError:
    shown = json.dumps(value, ensure_ascii=False, default=str)[:80]
    return CellError(f'Column "{column.name}" must hold {expected}, not {shown}.')

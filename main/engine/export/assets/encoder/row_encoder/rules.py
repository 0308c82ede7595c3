"""How cells are read: Pylon's own expressions, which reading.json holds in Python's spelling."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any


class CellError(ValueError):
    """A cell that can not be what its column holds; the message names the place and what is expected."""


@cache
def rules() -> dict[str, Any]:
    """The contents of reading.json."""
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "reading.json").read_text(encoding="utf-8"))
    return loaded


@cache
def compiled(expression: str) -> re.Pattern[str]:
    r"""An expression of reading.json; each `\p{…}` in it is filled in from the classes there."""
    classes: dict[str, str] = rules()["classes"]
    return re.compile(re.sub(r"\\p\{([^}]*)\}", lambda name: classes[name[1]], expression))


@cache
def white_space() -> str:
    """Every sign of white space, as JavaScript has it."""
    return "".join(sign for sign in map(chr, range(0x10000)) if compiled(f"[{rules()['spaces']}]").match(sign))


def stripped(text: str) -> str:
    """Without white space at its ends."""
    return text.strip(white_space())


@cache
def _blanks() -> str:
    return "".join(sign for sign in map(chr, range(0x10000)) if compiled(r"[\p{Zs}]").match(sign))


def without_blanks(text: str) -> str:
    """Without blanks of every width at its ends; tabs and line ends stay."""
    return text.strip(_blanks())


_NOTHING = frozenset(["", "-", "\\N", "NA", "N/A", "n/a", "null", "NULL", "None", "none", "nan", "NaN", "?"])
_NO_TEXT = frozenset(["", "\\N", "NULL"])


def is_present(cell: str, as_text: bool) -> bool:
    """Whether a cell is more than a word for nothing."""
    return without_blanks(cell) not in (_NO_TEXT if as_text else _NOTHING)

"""Numbers as files and people write them, and as JavaScript spells them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .rules import compiled, rules, stripped

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_DOUBLE = re.compile(rf"[\t\n\v\f\r ]*[-+]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?[\t\n\v\f\r ]*")
_PLAIN = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def parse_double(cell: str) -> float | None:
    """As DuckDB casts text to DOUBLE, where that is finite; digits may stand in groups, as in 1_000."""
    if not _DOUBLE.fullmatch(cell):
        return None
    value = float(cell.replace("_", "").strip("\t\n\v\f\r "))
    return value if math.isfinite(value) else None


def parse_form(cell: str, form: str) -> float | None:
    """By the form of its column, `number` or `number with decimal comma`."""
    rule = rules()["numbers"][form]
    plain = parse_double(cell) if rule["mark"] == "." else None
    if plain is not None:
        return plain
    found = compiled(rule["found"]).search(cell) if compiled(rule["full"]).match(cell) else None
    if found is None:
        return None
    value = parse_double(compiled(rule["rest"]).sub("", found[0]).replace(rule["mark"], ".", 1))
    return None if value is None else -value if compiled(rule["minus"]).search(cell) else value


def parse_general(text: str) -> float | None:
    """Of a column without a form: "1,150", "$1,150.00", "-€3", "95%" (which is 95)."""
    sign = re.sub("^\u2212", "-", stripped(text))
    space = f"[{rules()['spaces']}]*"
    plain = compiled(rf"^(-?)[\p{{Sc}}]{space}|{space}(?:[\p{{Sc}}]|%)\Z").sub(lambda found: found[1] or "", sign)
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?:[^0-9]|\Z))", "", plain)
    return float(plain) if _PLAIN.fullmatch(plain) else None


def number_of(text: str) -> float:
    """As JavaScript's Number(text); NaN where it is none."""
    plain = stripped(text)
    if plain == "":
        return 0.0
    if _BASED.fullmatch(plain):
        return float(int(plain, 0))
    if re.fullmatch(r"[-+]?Infinity", plain):
        return float(plain)
    return float(plain) if _PLAIN.fullmatch(plain) else math.nan


def spelled(value: float) -> str:
    """As JavaScript's String(value): 5 for 5.0, 1e-7, 1e+21."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    digits, exponent = _shortest(abs(value))
    sign, point = "-" if value < 0 else "", exponent + 1
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def _shortest(value: float) -> tuple[str, int]:
    """The fewest digits that read back as `value`, and the exponent of the first."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    first = len(whole) - 1 if whole.strip("0") else -1 - (len(fraction) - len(fraction.lstrip("0")))
    return digits.rstrip("0"), first + int(exponent or 0)


def parse_json(text: str) -> Any:
    """JSON as JavaScript reads it: numbers are doubles, NaN and Infinity none. Raises ValueError."""

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text.strip("\t\n\r "), parse_int=float, parse_constant=refuse)


def written_json(value: Any) -> str:
    """As JavaScript's JSON.stringify of what `parse_json` gave."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return spelled(value) if math.isfinite(value) else "null"
    if isinstance(value, list):
        return f"[{','.join(map(written_json, value))}]"
    return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{written_json(entry)}" for name, entry in value.items()) + "}"

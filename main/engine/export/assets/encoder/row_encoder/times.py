"""Dates and times in the forms that Pylon's import knows: seconds since 1970, UTC; None for what is no time of the form."""

from __future__ import annotations

import datetime
import re
from typing import Any

from .numbers import parse_double
from .rules import compiled, rules, stripped, without_blanks

_DAY = 86_400
_EPOCH = datetime.date(1970, 1, 1)
_UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_TODAY = (631_152_000, 4_102_444_800)  # 1990 to 2099: what another unit puts there is of that unit
_COUNTS = {"excel": (20_000.0, 80_000.0, 25_569.0), "ticks": (6.2e17, 6.7e17, 621_355_968e9)}
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_DECIMAL_COMMA = re.compile("[0-9]{9,}[.,][0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


def time_forms() -> list[str]:
    """The names of all forms."""
    return [*rules()["times"], *(f"epoch {name}" for name in (*_UNITS, *_COUNTS))]


def parse_form(cell: str, form: str) -> float | None:
    """By the form of its column, one of `time_forms()`."""
    if form.startswith("epoch "):
        return _epoch(cell, form[len("epoch ") :])
    rule, text = rules()["times"][form], without_blanks(cell)
    kind = rule["kind"]
    if kind == "month-in-words":
        return _in_words(text, rule)
    found = compiled(rule["test"]).match(text)
    if found is None:
        return None
    if kind == "groups":
        return _instant(found.groupdict())
    if kind == "respelled":
        return parse_form(_respelled(text, rule["steps"]), rule["of"])
    return _iso_week(found) if kind == "iso-week" else _ordinal(found)


def parse_general(text: str) -> float | None:
    """Of a column without a form: 2024-01-01, 2024-01-01T12:00Z, epoch seconds or milliseconds."""
    plain = stripped(text)
    return seconds_of(float(plain)) if _NUMBER.fullmatch(plain) else parse_iso(text)


def parse_iso(text: str) -> float | None:
    """The same of dates alone."""
    found = compiled(rules()["typedDate"]).match(stripped(text))
    return None if found is None else _instant(found.groupdict())


def seconds_of(value: float) -> float:
    """Above 10^11, the year 5138, it must be milliseconds."""
    return value / 1000 if abs(value) >= 1e11 else value


def _days(year: int, month: int, day: int) -> int | None:
    """Days since 1970; None for a day that there is not."""
    alike = 2000 + year % 400  # the calendar repeats itself; year 0 is none of Python's
    try:
        return (datetime.date(alike, month, day) - _EPOCH).days + (year - alike) // 400 * 146_097
    except ValueError:
        return None


def _first_day(year: int) -> int:
    return _days(year, 1, 1) or 0


def _instant(fields: dict[str, str | None]) -> float | None:
    # of names that an expression gives twice, the one that matched
    fields = {**fields, **{name.replace("_2", ""): value for name, value in fields.items() if name.endswith("_2") and value is not None}}
    year = fields["year"] or ""
    month, day = _month(fields.get("month") or "1"), int(fields.get("day") or "1")
    days = _days(_year(year), month, day)
    hour = _hour(fields.get("hour") or "0", fields.get("half"))
    minute = int(fields.get("minute") or "0")
    whole, *rest = re.split("[.,]", fields.get("second") or "0")
    shift = _offset(fields.get("offset"))
    if days is None or hour is None or minute > 59 or int(whole) > 59 or shift is None:
        return None
    micros = int((rest[0] if rest else "")[:6].ljust(6, "0"))
    return days * _DAY + hour * 3600 + minute * 60 + int(whole) + micros / 1e6 - shift


def _year(year: str) -> int:
    return int(year) + (2000 if int(year) < 69 else 1900) if len(year) == 2 else int(year)


def _month(month: str) -> int:
    """Of a number, a name or its first three letters; 0 for none."""
    if month[0].isdigit():
        return int(month)
    names = [name[:3] if len(month) == 3 else name for name in _MONTHS]
    return names.index(month.lower()) + 1 if month.lower() in names else 0


def _hour(hour: str, half: str | None) -> int | None:
    h = int(hour)
    if half is None:
        return h if h <= 23 else None
    return h % 12 + (12 if half[0] in "pP" else 0) if 1 <= h <= 12 else None


def _offset(offset: str | None) -> int | None:
    """Seconds of `Z`, `EST`, `+02`, `+0230`, `+02:30`; None beyond a day."""
    plain = stripped(offset or "Z")
    found = re.fullmatch(r"([+-])([0-9]{2}):?([0-9]{2})?", rules()["zones"].get(plain, plain))
    if found is None:
        return 0
    hours, minutes = int(found[2]), int(found[3] or "0")
    return None if hours > 23 or minutes > 59 else (-1 if found[1] == "-" else 1) * (hours * 3600 + minutes * 60)


def _respelled(text: str, steps: list[tuple[str, str]]) -> str:
    for found, becomes in steps:
        text = compiled(found).sub(becomes, text)
    return text


def _in_words(text: str, rule: dict[str, Any]) -> float | None:
    first, second = compiled(rule["first"]).match(text), compiled(rule["second"]).match(text)
    if first is not None:
        day, name, year, rest = first.groups()
    elif second is not None:
        name, day, year, rest = second.groups()
    else:
        return None
    months, clock = rule["months"], rule["clock"]
    number = next((k + 1 for k, names in enumerate(months) if name.lower() in names), 0)
    return parse_form(f"{year}-{number}-{day}{_respelled(rest or '', clock)}", rule["of"])


def _iso_week(found: re.Match[str]) -> float | None:
    year, week, day = int(found["year"]), int(found["week"]), int(found["day"] or "1")
    fourth = _first_day(year) + 3
    monday = fourth - (fourth + 3) % 7  # 1 January 1970 was a Thursday
    thursday = monday + (week - 1) * 7 + 3
    begin, end = _first_day(year), _first_day(year + 1)
    return float((monday + (week - 1) * 7 + day - 1) * _DAY) if week >= 1 and begin <= thursday < end else None


def _ordinal(found: re.Match[str]) -> float | None:
    begin, end, day = _first_day(int(found["year"])), _first_day(int(found["year"]) + 1), int(found["day"])
    return float((begin + day - 1) * _DAY) if 1 <= day <= end - begin else None


def _epoch(cell: str, unit: str) -> float | None:
    if unit in _COUNTS:
        low, high, start = _COUNTS[unit]
        value = parse_double(cell)
        if value is None or not low <= value <= high:
            return None
        return (value - start) * _DAY if unit == "excel" else (value - start) / 1e7
    value = parse_double(cell.replace(",", ".", 1) if _DECIMAL_COMMA.fullmatch(cell) else cell)
    most = 1e11 if unit == "seconds" else float("inf")
    others = [second for name, second in _UNITS.items() if name != unit]
    if value is None or abs(value) >= most or any(_TODAY[0] * second <= value <= _TODAY[1] * second for second in others):
        return None
    return value / _UNITS[unit]

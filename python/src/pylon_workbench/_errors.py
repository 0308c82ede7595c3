"""What Pylon refuses, or fails at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PylonError(Exception):
    """An error of Pylon: its ``code`` (such as ``bad-input``), its message, and the place it is about, if any."""

    def __init__(self, code: str, message: str, place: str | None = None) -> None:
        """Take what the engine says of it."""
        super().__init__(message if place is None or message.startswith(f"{place}:") else f"{place}: {message}")
        self.code = code
        self.place = place


class Cancelled(PylonError):
    """A job that was asked to stop."""


def error_of(shape: Mapping[str, Any]) -> PylonError:
    """The error that the engine's shape stands for."""
    kind = Cancelled if shape["code"] == "cancelled" else PylonError
    return kind(shape["code"], shape["message"], shape.get("place"))

"""What a user can mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import ArrowException
from safetensors import SafetensorError


class JobError(Exception):
    """Its message names the place and the remedy, and is told without a traceback."""


@contextmanager
def reading(path: Path, remedy: str = "copy it again") -> Iterator[None]:
    """A file or folder that was exported, or a checkpoint. @raises JobError where it is not there, or not as it was written"""
    try:
        yield
    except (OSError, ArrowException, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise JobError(f"{path} is not as it was written ({type(error).__name__}: {error}): {remedy}.") from error

"""metrics.jsonl: what happened, a line each, for whoever follows the job. Written by the first worker."""

from __future__ import annotations

import json
import time
from typing import Any

from .claim import Claim, lock
from .errors import JobError
from .storage import Storage

EVERY_S = 5  # seconds between copies to a storage, at least, but for what ends something


class Log:
    """`run`: what all attempts of a run are known by."""

    def __init__(self, storage: Storage, writes: bool, run: str = "") -> None:
        self.storage, self.path, self.put_at = storage, storage.job / "metrics.jsonl", 0.0
        self.file = None
        self.claim = Claim(storage, run) if writes and storage.remote is not None else None
        if not writes:
            return
        try:
            self.file = storage.get(self.path, again=True).open("a", encoding="utf-8")
        except OSError as error:
            raise JobError(f"{storage.job} cannot be written ({error}): put the job where it can.") from None
        lock(self.file, storage.job)
        # a machine that lost its power in the middle of a line
        if self.path.stat().st_size > 0 and not self.path.read_bytes().endswith(b"\n"):
            self.file.write("\n")

    def tell(self, kind: str, **facts: Any) -> None:
        """@raises JobError where another run has taken the job"""
        self.check()
        if self.file is not None:
            self.file.write(json.dumps({"kind": kind, **facts}) + "\n")
            self.file.flush()
            if kind != "steps" or time.monotonic() - self.put_at > EVERY_S:
                self.storage.put(self.path)
                self.put_at = time.monotonic()

    def check(self) -> None:
        """@raises JobError where another run has taken the job"""
        if self.claim is not None:
            self.claim.check()

    def close(self) -> None:
        """The job may be another run's."""
        if self.claim is not None:
            self.claim.release()

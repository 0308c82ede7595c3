"""metrics.jsonl: what happened, a line each, for whoever follows the job. Written by the first worker."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO, Any

from .errors import JobError
from .storage import Storage

WAIT_S = 10  # for a process that is just being killed
EVERY_S = 5  # seconds between copies to a storage, at least, but for what ends something


class Log:
    def __init__(self, storage: Storage, writes: bool) -> None:
        self.storage, self.path, self.put_at = storage, storage.job / "metrics.jsonl", 0.0
        self.file = storage.get(self.path, again=True).open("a", encoding="utf-8") if writes else None
        if self.file is not None:
            lock(self.file, storage.job)

    def tell(self, kind: str, **facts: Any) -> None:
        if self.file is not None:
            self.file.write(json.dumps({"kind": kind, **facts}) + "\n")
            self.file.flush()
            if kind != "steps" or time.monotonic() - self.put_at > EVERY_S:
                self.storage.put(self.path)
                self.put_at = time.monotonic()


def lock(file: IO[str], job: Path) -> None:
    """Until its process ends, however it ends, nobody else writes into the job's folder. Windows, and file systems without locks, hold
    nobody back. @raises JobError where another run does"""
    try:
        import fcntl
    except ImportError:
        return
    until = time.monotonic() + WAIT_S
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise JobError(f"Another run of this job writes into {job}: wait until it has ended, or end it.") from None
            time.sleep(0.2)
        except OSError:
            return

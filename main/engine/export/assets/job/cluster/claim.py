"""One run at a time writes what comes of a job: whoever comes second is told so, and whoever is killed does not stand in the way."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import IO

from .errors import JobError
from .storage import Storage

WAIT_S = 10  # for a process of this machine that is just being killed
BEAT_S = 5  # seconds between marks in a storage
STALE_S = 30  # a mark that did not change for so long is of a run that was killed
SETTLE_S = 2  # for two that begin at once


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


class Claim:
    """A mark in a storage that this run makes anew every few seconds. Storages have no locks: whoever finds another's mark looks whether it
    changes; of two that begin at once the later mark stays; and whoever finds another's in place of its own ends, whatever held it up.
    """

    def __init__(self, storage: Storage, run: str) -> None:
        """@raises JobError where another run of the job is at work"""
        self.storage, self.run, self.path, self.beats = storage, run, storage.job / "running.json", 0
        self.taken_by: str | None = None
        self.over = threading.Event()
        there, until = self.theirs(), time.monotonic() + STALE_S
        while there is not None and time.monotonic() < until:
            time.sleep(min(1.0, BEAT_S))
            now = self.theirs()
            if now is not None and now != there:
                raise JobError(self.at_work(now))
            there = now
        self.beat()
        time.sleep(SETTLE_S)
        now = self.theirs()
        if now is not None:
            raise JobError(self.at_work(now))
        threading.Thread(target=self.renew, daemon=True).start()

    def check(self) -> None:
        """@raises JobError where another run has taken the job"""
        if self.taken_by is not None:
            raise JobError(self.taken_by)

    def release(self) -> None:
        """The next run need not wait."""
        self.over.set()
        if self.taken_by is None and self.theirs() is None:
            self.storage.delete(self.path)

    def renew(self) -> None:
        while not self.over.wait(BEAT_S):
            try:
                now = self.theirs()
                if now is None:
                    self.beat()
            except JobError:
                continue  # a storage that is away for a while
            if now is not None:
                self.taken_by = self.at_work(now)
                return

    def beat(self) -> None:
        self.beats += 1
        self.storage.write(self.path, json.dumps({"run": self.run, "host": socket.gethostname(), "beat": self.beats}).encode())

    def theirs(self) -> bytes | None:
        """Another run's mark."""
        found = self.storage.read(self.path)
        return None if found is None or owner(found).get("run") == self.run else found

    def at_work(self, mark: bytes) -> str:
        return f"Another run of this job is at work, on {owner(mark).get('host', 'a machine')}: wait until it has ended, or end it."


def owner(mark: bytes) -> dict[str, str]:
    try:
        found = json.loads(mark)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

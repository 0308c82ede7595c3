"""metrics.jsonl: what happened, a line each, for whoever follows the job. Written by the first worker."""

from __future__ import annotations

import json
import time
from typing import Any

from .storage import Storage

EVERY_S = 5  # seconds between copies to a storage, at least, but for what ends something


class Log:
    def __init__(self, storage: Storage, writes: bool) -> None:
        self.storage, self.path, self.put_at = storage, storage.job / "metrics.jsonl", 0.0
        self.file = storage.get(self.path, again=True).open("a", encoding="utf-8") if writes else None

    def tell(self, kind: str, **facts: Any) -> None:
        if self.file is not None:
            self.file.write(json.dumps({"kind": kind, **facts}) + "\n")
            self.file.flush()
            if kind != "steps" or time.monotonic() - self.put_at > EVERY_S:
                self.storage.put(self.path)
                self.put_at = time.monotonic()

"""metrics.jsonl: what happened, a line each, for whoever follows the job. Written by the first worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Log:
    def __init__(self, path: Path, writes: bool) -> None:
        self.file = path.open("a", encoding="utf-8") if writes else None

    def tell(self, kind: str, **facts: Any) -> None:
        if self.file is not None:
            self.file.write(json.dumps({"kind": kind, **facts}) + "\n")
            self.file.flush()

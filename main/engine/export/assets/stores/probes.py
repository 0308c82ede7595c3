"""What a loader ends with: the questions of probes.json, asked of the store, and how far its answers are Pylon's."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def agreement(answer: Callable[[list[float], int], Sequence[str]]) -> float:
    """The share of Pylon's best ten (by exact search) that the store gives, over the users of probes.json."""
    probes: list[dict[str, Any]] = json.loads((FOLDER / "probes.json").read_text(encoding="utf-8"))
    shares = []
    for probe in probes:
        best = probe["items"]
        shares.append(len(set(best) & set(answer(probe["vector"], len(best)))) / len(best))
    return sum(shares) / len(shares)


def metric() -> str:
    """How items are ranked: cosine, dot or euclidean."""
    return str(json.loads((FOLDER / "metric.json").read_text(encoding="utf-8"))["metric"])


def refuse_others(others: int, where: str, replace: bool) -> None:
    """Ends the script where a place holds what this export does not have: another model's vectors would be ranked with this one's."""
    if others > 0 and not replace:
        sys.exit(f"{others} rows of {where} are not in this export: choose another --name, or have them removed by --replace.")


def tell(**facts: Any) -> None:
    print(json.dumps(facts))

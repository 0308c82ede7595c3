"""The model that log.py logs: the best items for users, by the vectors of the run. MLflow keeps this file and runs it (models from code).

Input: a column `user` of ids; parameters: `k` (10), `include_seen` (False). Output: a row a user, with `items` and `scores`, best first,
and `known`: nobody but users of the run has vectors, and whoever is not known gets no items.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd


class Recommender(mlflow.pyfunc.PythonModel):  # type: ignore[misc] # MLflow has no types
    """Exact search over all items; ties go by item order."""

    def load_context(self, context: Any) -> None:
        folder = Path(context.artifacts["vectors"])
        self.users, self.items = (np.load(folder / f"{side}_vectors.npy") for side in ("user", "item"))
        users, self.item_ids = (json.loads((folder / f"{side}_ids.json").read_text(encoding="utf-8")) for side in ("user", "item"))
        self.row_of = {user: row for row, user in enumerate(users)}
        self.metric: str = json.loads((folder / "metric.json").read_text(encoding="utf-8"))["metric"]
        self.begins, self.seen = np.load(folder / "seen_begins.npy"), np.load(folder / "seen_items.npy")

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        asked = params or {}
        rows = [self._best(str(user), int(asked.get("k", 10)), bool(asked.get("include_seen", False))) for user in model_input["user"]]
        return pd.DataFrame(rows, columns=["user", "known", "items", "scores"])

    def _best(self, user: str, k: int, include_seen: bool) -> tuple[str, bool, list[str], list[float]]:
        row = self.row_of.get(user)
        if row is None:
            return user, False, [], []
        scores = self._scores(self.users[row])
        if not include_seen:
            scores[self.seen[self.begins[row] : self.begins[row + 1]]] = -np.inf
        best = [item for item in np.argsort(-scores, kind="stable")[:k] if np.isfinite(scores[item])]
        return user, True, [self.item_ids[item] for item in best], [float(scores[item]) for item in best]

    def _scores(self, user: Any) -> Any:
        if self.metric == "euclidean":
            return -((self.items - user) ** 2).sum(1)
        scores = self.items @ user
        if self.metric == "cosine":
            scores = scores / np.maximum(np.linalg.norm(self.items, axis=1) * np.linalg.norm(user), 1e-12)
        return scores


mlflow.models.set_model(Recommender())

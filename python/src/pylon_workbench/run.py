"""A run: how it goes, what it measured, its vectors, what it retrieves."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._job import Job

if TYPE_CHECKING:
    from .workspace import Workspace

Side = Literal["user", "item"]


class Run:
    """A run of a workspace, by its id. It has a job while it is trained from here."""

    def __init__(self, workspace: Workspace, run: str, job: Job | None = None) -> None:
        """Name it; nothing is asked."""
        self._workspace = workspace
        self.id = run
        self._job = job

    def __repr__(self) -> str:
        """With its id alone, so that printing it asks nothing."""
        return f"Run({self.id!r})"

    def follow(self) -> Iterator[dict[str, Any]]:
        """Its epochs as they end: ``epoch``, ``loss``, ``validation`` and more. Raises as :meth:`wait` does at the end."""
        if self._job is None:
            return
        for event, payload in self._job.events():
            if event == "run.epoch":
                yield payload["row"]
        self._job.wait()

    def wait(self) -> Run:
        """Until it has finished; raises PylonError where it failed, Cancelled where it was stopped."""
        if self._job is not None:
            self._job.wait()
        return self

    def stop(self) -> None:
        """Ask its training to stop with a checkpoint."""
        if self._job is not None:
            self._job.cancel()

    def show(self) -> dict[str, Any]:
        """All that the workspace knows of it: state, spec, metrics, protocol, files."""
        shown: dict[str, Any] = self._workspace.call("runs.show", run=self.id)
        return shown

    @property
    def state(self) -> str:
        """``running``, ``finished``, ``failed``, …"""
        return str(self.show()["state"])

    @property
    def metrics(self) -> pd.Series[float]:
        """Of the test part, by name: ``recall@20``."""
        return pd.Series(self.show()["metrics"], dtype=float, name=self.id)

    def epochs(self) -> pd.DataFrame:
        """A row an epoch: loss, rate, and the validation metrics as columns."""
        rows = [{**row, **row.pop("validation")} for row in (dict(each) for each in self.show()["epochsLog"])]
        return pd.DataFrame(rows).set_index("epoch") if rows else pd.DataFrame()

    def vectors(self, side: Side) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        """Ids and vectors [n, width] of all users or items, from files that were checked against their checksums."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "vectors")
            self._workspace.job("runs.export", run=self.id, format="vectors", out=str(out)).wait()
            vectors = np.load(out / f"{side}_vectors.npy")
            ids = json.loads((out / f"{side}_ids.json").read_text(encoding="utf-8"))
        return np.asarray(ids, dtype=np.str_), vectors

    def recommend(
        self,
        user: str | None = None,
        *,
        features: Mapping[str, Any] | None = None,
        k: int = 10,
        ann: bool | None = None,
    ) -> pd.DataFrame:
        """The best k items of a user, known by its id or described by features: rank, score, item, title and more."""
        given = None if features is None else json.dumps(features)
        return self._hits("neighbours.recommend", user=user, features=given, k=k, ann=ann)

    def similar(
        self,
        item: str | None = None,
        *,
        features: Mapping[str, Any] | None = None,
        k: int = 10,
        ann: bool | None = None,
    ) -> pd.DataFrame:
        """The k items nearest to an item, known by its id or described by features."""
        given = None if features is None else json.dumps(features)
        return self._hits("neighbours.similar", item=item, features=given, k=k, ann=ann)

    def evaluate(self, *, k: tuple[int, ...] = (5, 10, 20, 50), split: Literal["test", "validation"] = "test") -> pd.Series[float]:
        """Measure it at other cut-offs, or on the validation part by what learned from train alone."""
        result = self._workspace.job("runs.evaluate", run=self.id, k=list(k), split=split).wait()
        return pd.Series(result["metrics"], dtype=float, name=self.id)

    def export(self, format: str, out: str | Path) -> Path:
        """Write an export (``bundle``, ``onnx``, ``pytorch``, …) into a new folder."""
        self._workspace.job("runs.export", run=self.id, format=format, out=str(Path(out).absolute())).wait()
        return Path(out)

    def delete(self) -> None:
        """Move it to the trash."""
        self._workspace.call("runs.delete", run=self.id)

    def _hits(self, verb: str, **given: Any) -> pd.DataFrame:
        hits = self._workspace.call(verb, run=self.id, **given)["hits"]
        return pd.DataFrame(hits).set_index("rank") if hits else pd.DataFrame()

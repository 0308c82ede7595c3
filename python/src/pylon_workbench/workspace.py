"""A workspace: its data sets, its runs, and whatever else Pylon can be asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd

from ._engine import Engine
from ._job import Job
from .run import Run


def open(home: str | os.PathLike[str] | None = None, *, command: Sequence[str] | None = None) -> Workspace:
    """Open a workspace: ``home``, else PYLON_HOME, else the platform's own. ``command``: how Pylon is called here."""
    return Workspace(Engine(home, command))


class Workspace:
    """An open workspace; a context manager that closes it."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine that has it open."""
        self._engine = engine

    def __enter__(self) -> Workspace:
        """Be what a with-statement names."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop what was started from here, with checkpoints, and let the engine go."""
        self._engine.close()

    @property
    def home(self) -> Path:
        """Its folder."""
        return Path(self._engine.home)

    @property
    def version(self) -> str:
        """Pylon's."""
        return self._engine.pylon

    def call(self, verb: str, /, **given: Any) -> Any:
        """Ask any verb of the contract, as ``main/contract/verbs`` has them; a job answers its id at once: see :meth:`job`."""
        return self._engine.call(verb, given)

    def job(self, verb: str, /, **given: Any) -> Job:
        """Start a verb that takes a while."""
        return Job(self._engine, verb, given)

    def import_dataset(self, name: str, **given: Any) -> dict[str, Any]:
        """Import a data set, as ``pylon import`` does: ``interactions=``, ``users=``, ``items=``, ``path=``, ``sample=True`` and more."""
        paths = {key: _absolute(value) for key, value in given.items() if key in ("interactions", "users", "items", "test", "path")}
        result: dict[str, Any] = self.job("datasets.import", name=name, **{**given, **paths}).wait()
        return result

    def datasets(self) -> pd.DataFrame:
        """A row a data set, by its name."""
        return _table(self.call("datasets.list")["datasets"], "name")

    def train(
        self,
        dataset: str,
        *,
        recipe: str | None = None,
        spec: Mapping[str, Any] | None = None,
        set: Iterable[str] = (),
        name: str | None = None,
        seed: int | None = None,
    ) -> Run:
        """Start a training from a recipe or a spec; :meth:`Run.wait` and :meth:`Run.follow` are its end and its epochs."""
        given = {"recipe": recipe, "spec": spec, "set": list(set), "name": name, "seed": seed}
        job = self.job("runs.start", dataset=dataset, **given)
        return Run(self, job.started["run"], job)

    def resume(self, run: Run | str) -> Run:
        """Go on with a run that was stopped or interrupted, from its last checkpoint."""
        job = self.job("runs.start", resume=run.id if isinstance(run, Run) else run)
        return Run(self, job.started["run"], job)

    def run(self, run: str) -> Run:
        """A run by its id or its name; raises PylonError where there is none."""
        return Run(self, self.call("runs.show", run=run)["run"])

    def runs(self, dataset: str | None = None) -> pd.DataFrame:
        """A row a run, by its id; metrics are columns, compared only where ``protocolHash`` is the same."""
        rows = self.call("runs.list", dataset=dataset)["runs"]
        return _table([{**row, **(row.pop("metrics", None) or {})} for row in rows], "run")

    def compare(self, *runs: Run | str) -> list[pd.DataFrame]:
        """A table for each protocol: numbers of different ones are never ranked together."""
        asked = [run.id if isinstance(run, Run) else run for run in runs]
        groups = self.call("runs.compare", runs=asked)["groups"]
        return [_table([{**row, **(row.pop("metrics", None) or {})} for row in group["runs"]], "run") for group in groups]

    def sql(self, query: str, limit: int | None = None) -> pd.DataFrame:
        """One SELECT over documented views, which ``sql("")`` of :meth:`call` lists."""
        answer = self.call("workspace.sql", sql=query, limit=limit)
        return pd.DataFrame(answer["rows"], columns=answer["columns"])


def _absolute(value: Any) -> Any:
    """Paths mean the folder of this process, not of the engine; a list of them each."""
    if isinstance(value, str | os.PathLike):
        return os.path.abspath(value)
    return [_absolute(each) for each in value] if isinstance(value, list | tuple) else value


def _table(rows: list[dict[str, Any]], index: str) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(index) if rows else pd.DataFrame()

"""A job of the engine: what it says while it works, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from typing import Any

from ._engine import Engine
from ._errors import PylonError, error_of

_Event = tuple[str, dict[str, Any]]


class Job:
    """A verb that takes a while; ``started`` is what its call answered."""

    def __init__(self, engine: Engine, verb: str, given: dict[str, Any]) -> None:
        """Start it; raises PylonError where it is refused."""
        self._engine = engine
        self._events: Queue[_Event] = Queue()
        self._end: _Event | None = None
        # listened to before the call, as a short job may end before its answer is here
        self._stop = engine.listen(lambda event, payload: self._events.put((event, payload)))
        try:
            self.started: dict[str, Any] = engine.call(verb, given)
        except BaseException:
            self._stop()
            raise
        self.id: str = self.started["job"]

    def events(self) -> Iterator[_Event]:
        """Its events as they come, until it ends."""
        while self._end is None:
            event, payload = self._events.get()
            if event == "gone" or (event == "job.finished" and payload.get("job") == self.id):
                self._end = (event, payload)
                self._stop()
            elif payload.get("job") == self.id:
                yield event, payload

    def wait(self) -> Any:
        """Its result; raises PylonError where it failed, Cancelled where it was cancelled. Ctrl-C cancels it."""
        try:
            for _ in self.events():
                pass
        except KeyboardInterrupt:
            self.cancel()
            raise
        assert self._end is not None
        event, payload = self._end
        if event == "gone":
            raise PylonError("unavailable", "The engine is gone.")
        if payload["error"] is not None:
            raise error_of(payload["error"])
        return payload["result"]

    def cancel(self) -> None:
        """Ask it to stop: a training keeps a checkpoint."""
        self._engine.call("jobs.cancel", {"job": self.id})

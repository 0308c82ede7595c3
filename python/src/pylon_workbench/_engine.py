"""An engine of Pylon as a child process, and calls to it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Queue
from typing import Any

from ._errors import PylonError, error_of
from ._wire import read_message, write_message

_VERSION = 1
_PATIENCE_SECONDS = 60

Listener = Callable[[str, dict[str, Any]], None]


def _command(asked: Sequence[str] | None) -> list[str]:
    if asked is not None:
        return list(asked)
    named = os.environ.get("PYLON_COMMAND", "")
    if named:
        return shlex.split(named)
    found = shutil.which("pylon")
    if found is None:
        raise PylonError("unavailable", 'There is no "pylon" on the PATH: install it, set PYLON_COMMAND, or pass command=[…].')
    return [found]


class Engine:
    """One engine: calls are answered in whatever order, events go to all listeners, in a thread of its own."""

    def __init__(self, home: str | os.PathLike[str] | None, command: Sequence[str] | None) -> None:
        """Start it; raises PylonError where it does not come up."""
        argv = [*_command(command), "pipe", *([] if home is None else ["--home", str(Path(home).absolute())])]
        try:
            # a session of its own: Ctrl-C in a terminal or a notebook is for Python, which then says what is to be stopped
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            raise PylonError("unavailable", f"{argv[0]} does not start: {error}.") from error
        self._lock = threading.Lock()
        self._waiting: dict[int, Queue[dict[str, Any] | None]] = {}
        self._listeners: list[Listener] = []
        self._next = 1
        self._gone = False
        try:
            hello = self._read()
        except EOFError:
            code = self._process.wait()
            raise PylonError("unavailable", f"{shlex.join(argv)} ended with {code} before it said hello.") from None
        if hello.get("kind") == "failure":
            self._process.wait()
            raise error_of(hello["error"])
        if hello.get("version") != _VERSION:
            self.close()
            raise PylonError("unavailable", f"Pylon {hello.get('pylon')} speaks another version of the pipe: take its own client.")
        self.pylon: str = hello["pylon"]
        self.home: str = hello["home"]
        self._reader = threading.Thread(target=self._listen, name="pylon", daemon=True)
        self._reader.start()

    def call(self, verb: str, given: dict[str, Any]) -> Any:
        """The answer to a call. What is None is left out, as the contract knows defaults."""
        answer: Queue[dict[str, Any] | None] = Queue(maxsize=1)
        with self._lock:
            if self._gone:
                raise PylonError("unavailable", "The engine is gone.")
            number, self._next = self._next, self._next + 1
            self._waiting[number] = answer
            message = {key: value for key, value in given.items() if value is not None}
            try:
                assert self._process.stdin is not None
                write_message(self._process.stdin, {"kind": "call", "id": number, "verb": verb, "input": message})
            except OSError as error:
                del self._waiting[number]
                raise PylonError("unavailable", "The engine is gone.") from error
        got = answer.get()
        if got is None:
            raise PylonError("unavailable", "The engine is gone.")
        if got["kind"] == "failure":
            raise error_of(got["error"])
        return got["value"]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear all events as (name, payload); returns what stops it. ``("gone", {})`` is the last."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def close(self) -> None:
        """Let it stop its jobs, with their checkpoints, and end."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        message = read_message(self._process.stdout)
        return message if isinstance(message, dict) else {}

    def _listen(self) -> None:
        while True:
            try:
                message = self._read()
            except (EOFError, OSError, ValueError):
                break
            if message.get("kind") == "event":
                self._tell(message["event"], message["payload"])
                continue
            with self._lock:
                answer = self._waiting.pop(message.get("id") or 0, None)
            if answer is not None:
                answer.put(message)
        with self._lock:
            self._gone = True
            waiting, self._waiting = list(self._waiting.values()), {}
        for answer in waiting:
            answer.put(None)
        self._tell("gone", {})

    def _tell(self, event: str, payload: dict[str, Any]) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event, payload)

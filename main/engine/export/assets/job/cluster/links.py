"""How a worker asks a shard: over a socket, or as an actor of Ray. Whatever else holds tables (TorchRec on GPUs) takes this place."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener, wait
from typing import Any, Protocol

Address = tuple[str, int]


class Link(Protocol):
    """To one shard."""

    def ask(self, method: str, *args: Any) -> Callable[[], Any]:
        """Sends a question; the answer is there when what comes back is called. One question at a time."""
        ...


class SocketLink:
    """To a shard that `serve` answers for."""

    def __init__(self, address: Address, key: bytes) -> None:
        self.connection = Client(address, authkey=key)

    def ask(self, method: str, *args: Any) -> Callable[[], Any]:
        self.connection.send((method, args))

        def answer() -> Any:
            found = self.connection.recv()
            if isinstance(found, Exception):
                raise found
            return found

        return answer


def serve(shard: Any, listener: Listener, workers: int) -> None:
    """Answers `workers` connections, a question at a time, until all have closed."""
    open_: list[Connection] = [listener.accept() for _ in range(workers)]
    while open_:
        for connection in wait(open_):
            assert isinstance(connection, Connection)
            try:
                method, args = connection.recv()
            except (EOFError, ConnectionError):
                open_.remove(connection)
                continue
            try:
                connection.send(getattr(shard, method)(*args))
            except (BrokenPipeError, ConnectionError):
                open_.remove(connection)
            except Exception as error:  # it is the worker's to tell
                connection.send(error)


class RayLink:
    """To a shard that is an actor of Ray."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor

    def ask(self, method: str, *args: Any) -> Callable[[], Any]:
        import ray

        found = getattr(self.actor, method).remote(*args)
        return lambda: ray.get(found)

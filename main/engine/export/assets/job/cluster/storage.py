"""Where a job's files lie: in its folder, or in an object storage that every node reaches and of which it keeps what it reads."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pyarrow.fs import FileSelector, FileSystem, FileType, copy_files

from .errors import JobError

INPUTS = ("job.json", "passes", "interactions", "record")
OUTPUTS = ("metrics.jsonl", "result")
NO_JOB = "{} holds no job.json: send the job there first, with --storage and --send."


class Storage:
    """`uri`: s3://BUCKET/PATH, or whatever else pyarrow.fs opens; None where `job` is the one folder for all. Credentials are those of the
    machine (environment, role), and are never part of it."""

    def __init__(self, job: Path, uri: str | None) -> None:
        """@raises JobError for an address that holds a secret, or that pyarrow does not open"""
        self.job, self.remote = job, None
        self.uri = None if uri is None else uri.split("?")[0].rstrip("/")
        if uri is None:
            return
        if "@" in urlsplit(uri).netloc:
            raise JobError("--storage holds a secret: give it by the environment (AWS_ACCESS_KEY_ID …) or the machine's role.")
        try:
            self.remote, self.root = FileSystem.from_uri(uri)
        except (OSError, ValueError) as error:
            raise JobError(f"--storage {uri} cannot be opened: {error}") from error
        if self.root.strip("/") == "":
            raise JobError(f"--storage {uri} names no place: s3://BUCKET/PATH.")

    def get(self, path: Path, again: bool = False) -> Path:
        """A file of the job, fetched unless it is here. `again`: it may have changed."""
        if self.remote is not None and (again or not path.exists()) and self.has(path):
            with self.reached("read"):
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
                os.close(handle)
                copy_files(self.place(path), part, source_filesystem=self.remote)
                os.replace(part, path)
        return path

    def read(self, path: Path) -> bytes | None:
        """What a file holds there; None where there is none, or no storage."""
        if self.remote is None or not self.has(path):
            return None
        with self.reached("read"), self.remote.open_input_stream(self.place(path)) as stream:
            return bytes(stream.read())

    def get_all(self, folder: Path, again: bool = False) -> Path:
        """Every file below a folder of the job."""
        for path in self.below(folder):
            self.get(path, again)
        return folder

    def put(self, path: Path) -> None:
        """A file that was written here."""
        if self.remote is not None:
            place = self.place(path)
            with self.reached("written"):
                if self.remote.type_name == "local":  # an object storage has no folders
                    self.remote.create_dir(place.rsplit("/", 1)[0])
                copy_files(str(path), place, destination_filesystem=self.remote)

    def write(self, path: Path, content: bytes) -> None:
        """A small file there, and not here."""
        if self.remote is not None:
            with self.reached("written"), self.remote.open_output_stream(self.place(path)) as stream:
                stream.write(content)

    def delete(self, path: Path) -> None:
        """A file there."""
        if self.remote is not None and self.has(path):
            with self.reached("written"):
                self.remote.delete_file(self.place(path))

    def remove(self, folder: Path) -> None:
        """A folder there."""
        if self.remote is not None and self.below(folder):
            with self.reached("written"):
                self.remote.delete_dir(self.place(folder))

    def has(self, path: Path) -> bool:
        """Whether there is such a file."""
        if self.remote is None:
            return path.exists()
        with self.reached("read"):
            return bool(self.remote.get_file_info(self.place(path)).type == FileType.File)

    def below(self, folder: Path) -> list[Path]:
        """The files below a folder, in the order of their names."""
        if self.remote is None:
            return sorted(path for path in folder.rglob("*") if path.is_file())
        with self.reached("read"):
            found = self.remote.get_file_info(FileSelector(self.place(folder), allow_not_found=True, recursive=True))
        return sorted(self.job / each.path[len(self.root) :].lstrip("/") for each in found if each.type == FileType.File)

    @contextmanager
    def reached(self, what: str) -> Iterator[None]:
        """@raises JobError naming the storage, where it does not answer or refuses"""
        try:
            yield
        except OSError as error:
            raise JobError(f"{self.uri} cannot be {what} ({error}): is the address right, and may these credentials do it?") from error

    def place(self, path: Path) -> str:
        """Where a file of the job lies there."""
        return f"{self.root.rstrip('/')}/{path.relative_to(self.job).as_posix()}"


def cache_of(uri: str) -> Path:
    """The folder of a machine that holds what is read of a job in a storage, the same on every node. @raises JobError: no job"""
    storage = Storage(Path(tempfile.gettempdir()), uri)
    manifest = storage.job / "job.json"
    described = storage.read(manifest)
    if described is None:
        raise JobError(NO_JOB.format(uri))
    digest = hashlib.sha256(uri.encode() + described).hexdigest()
    return storage.job / f"two-tower-job-{digest[:16]}"


def send(job: Path, uri: str) -> int:
    """The data of a job's folder to a storage. @returns how many files. @raises JobError where another job lies there, whose checkpoints
    and result would be taken for this one's"""
    storage, sent = Storage(job, uri), 0
    if storage.read(job / "job.json") not in (None, (job / "job.json").read_bytes()):
        raise JobError(f"{uri} holds another job: give another address, or remove all that is there.")
    for name in INPUTS:
        for path in [job / name] if (job / name).is_file() else Storage(job, None).below(job / name):
            storage.put(path)
            sent += 1
    return sent


def fetch(job: Path, uri: str) -> bool:
    """What has come of a job into its folder. @returns whether it has ended. @raises JobError where no job is there"""
    storage = Storage(job, uri)
    if not storage.has(job / "job.json"):
        raise JobError(NO_JOB.format(uri))
    # looked for first: a result that is there has all its lines before it
    ended = storage.has(job / "result" / "result.json")
    for name in OUTPUTS:
        for path in [job / name] if storage.has(job / name) else storage.below(job / name):
            if path.name != "result.json":
                storage.get(path, again=True)
    if ended:
        storage.get(job / "result" / "result.json", again=True)
    return ended

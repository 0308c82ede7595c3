"""Messages of Pylon's contract as frames on a pipe, as ``main/contract/wire.ts`` and ``main/hosts/pipe-frames.ts`` have them."""

from __future__ import annotations

import json
import math
import struct
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_HEAD = struct.Struct("<BI")
_TEXT, _BINARY = 0, 1
_TYPES: dict[str, Any] = {
    "i8": np.int8,
    "u8": np.uint8,
    "u8c": np.uint8,
    "i16": np.int16,
    "u16": np.uint16,
    "i32": np.int32,
    "u32": np.uint32,
    "f32": np.float32,
    "f64": np.float64,
    "i64": np.int64,
    "u64": np.uint64,
}
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "undefined": None}


def write_message(pipe: IO[bytes], message: Any) -> None:
    """Send a message: what JSON can say, and floats that are not finite."""
    body = json.dumps(_packed(message), allow_nan=False).encode()
    pipe.write(_HEAD.pack(_TEXT, len(body)) + body)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> Any:
    """The next message, typed arrays as NumPy's; raises EOFError where the pipe has ended."""
    kind, length = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    body = _exactly(pipe, length)
    if kind == _TEXT:
        return _unpacked(json.loads(body), [])
    if kind != _BINARY:
        raise ValueError(f"What came through the pipe is no frame: its kind is {kind}.")
    (size,) = struct.unpack_from("<I", body)
    header = json.loads(body[4 : 4 + size])
    at = _padded(4 + size)
    arrays = []
    for name, count in header["arrays"]:
        arrays.append(np.frombuffer(body[at : at + count], dtype=np.dtype(_TYPES[name]).newbyteorder("<")).astype(_TYPES[name]))
        at += _padded(count)
    return _unpacked(header["message"], arrays)


def _padded(size: int) -> int:
    return (size + 7) // 8 * 8


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = pipe.read(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


def _packed(value: Any) -> Any:
    """With tags for what JSON cannot say; NumPy's scalars and arrays as Python's."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return {"$": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, dict):
        packed = {str(key): _packed(inner) for key, inner in value.items()}
        return {"$": packed} if "$" in packed else packed
    if isinstance(value, list | tuple):
        return [_packed(inner) for inner in value]
    return value


def _unpacked(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_unpacked(inner, arrays) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: _unpacked(inner, arrays) for key, inner in value.items()}
    tag = value["$"]
    if isinstance(tag, dict):
        return {key: _unpacked(inner, arrays) for key, inner in tag.items()}
    return _SPECIAL[tag] if isinstance(tag, str) else arrays[tag]

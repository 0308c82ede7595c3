"""MurmurHash3 x86_32 (Austin Appleby, public domain) of a string's UTF-8 bytes: which row of a hashed table a value has."""

_MASK = 0xFFFFFFFF


def _scramble(block: int) -> int:
    k = (block * 0xCC9E2D51) & _MASK
    k = ((k << 15) | (k >> 17)) & _MASK
    return (k * 0x1B873593) & _MASK


def murmur3(text: str, seed: int = 0) -> int:
    """The unsigned hash of 32 bits. A lone surrogate counts as U+FFFD."""
    data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() if _has_surrogate(text) else text.encode()
    h, body = seed & _MASK, len(data) & ~3
    for i in range(0, body, 4):
        h ^= _scramble(int.from_bytes(data[i : i + 4], "little"))
        h = ((h << 13) | (h >> 19)) & _MASK
        h = (h * 5 + 0xE6546B64) & _MASK
    if body < len(data):
        h ^= _scramble(int.from_bytes(data[body:], "little"))
    h ^= len(data)
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _MASK
    return h ^ (h >> 16)


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


def hash_row(text: str, buckets: int, seed: int = 0) -> int:
    """Row 1 … buckets of a hashed table; row 0 stays the unknown one."""
    return 1 + murmur3(text, seed) % buckets

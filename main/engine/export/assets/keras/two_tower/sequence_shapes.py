"""The weights of a history encoder by their names in weights.safetensors, for the layout of its history in encoders.json."""

from .data import AGE_CODES


def shapes(bag):
    """Shape by short name."""
    sequence, dim = bag["sequence"], bag["dim"]
    encoder = sequence["encoder"]
    rows = {"position": sequence["length"], "age": AGE_CODES, "event": sequence["events"] + 1}
    return {**{name: (rows[name], dim) for name in sequence["inputs"]}, **KINDS[encoder["kind"]](encoder, dim)}


def width(bag):
    """Of the encoded history."""
    encoder = bag["sequence"]["encoder"]
    return {"gru": encoder.get("hidden"), "short-long": 2 * bag["dim"]}.get(encoder["kind"], bag["dim"])


def attention(encoder, dim, prefix=""):
    hidden = encoder["hidden"]
    return {f"{prefix}kernel": (dim, hidden), f"{prefix}bias": (hidden,), f"{prefix}query": (hidden, 1)}


def gru(encoder, dim):
    hidden = encoder["hidden"]
    return {"input": (dim, 3 * hidden), "state": (hidden, 3 * hidden), "bias": (3 * hidden,)}


def self_attention(encoder, dim):
    found, inner = {}, encoder["feedForward"] * dim
    for at in (f"layer{layer}." for layer in range(encoder["layers"])):
        found |= {f"{at}{part}.{name}": (dim,) for part in ("attention", "inner") for name in ("gain", "offset")}
        found |= {f"{at}attention.{name}": (dim, dim) for name in ("query", "key", "value", "output")}
        found |= {f"{at}inner.kernel": (dim, inner), f"{at}inner.bias": (inner,), f"{at}outer.kernel": (inner, dim), f"{at}outer.bias": (dim,)}
    return {**found, "norm.gain": (dim,), "norm.offset": (dim,)}


KINDS = {
    "mean": lambda encoder, dim: {},
    "recency": lambda encoder, dim: {},
    "attention": attention,
    "short-long": lambda encoder, dim: attention(encoder, dim, "short."),
    "gru": gru,
    "self-attention": self_attention,
}

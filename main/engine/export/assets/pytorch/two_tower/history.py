"""History encoders: from the embeddings of a user's earlier items to one vector.

Each takes x [n × length × dim], the most recent item first, and how many of those places are filled [n]; an empty history is zeros.
"""

import torch
from torch import Tensor, nn

from .data import Json
from .norm import LayerNorm


def filled(x: Tensor, lengths: Tensor) -> Tensor:
    """1.0 where a place is filled, [n × length]."""
    places: Tensor = torch.arange(x.shape[1], device=x.device)
    mask: Tensor = torch.lt(places, lengths[:, None]).to(x.dtype)
    return mask


def oldest_first(x: Tensor, lengths: Tensor) -> Tensor:
    """The same items in the order they came, empty places after them."""
    places = (lengths[:, None].sub(1) - torch.arange(x.shape[1], device=x.device)).clamp(min=0)
    return torch.gather(x, 1, places[:, :, None].expand(-1, -1, x.shape[2]))


def last_filled(x: Tensor, lengths: Tensor) -> Tensor:
    """What stands at the last filled place, [n × dim]."""
    place = lengths.sub(1).clamp(min=0)[:, None, None].expand(-1, 1, x.shape[2])
    last: Tensor = torch.gather(x, 1, place)[:, 0].mul(lengths.clamp(max=1)[:, None])
    return last


def weighted_mean(x: Tensor, weight: Tensor) -> Tensor:
    mean: Tensor = x.mul(weight[:, :, None]).sum(1).div(weight.sum(1, keepdim=True).clamp(min=1e-9))
    return mean


class Mean(nn.Module):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return weighted_mean(x, filled(x, lengths))


class Recency(nn.Module):
    """A mean in which an item weighs half as much as one `half_life` places more recent."""

    decay: Tensor

    def __init__(self, length: int, half_life: float) -> None:
        super().__init__()
        self.register_buffer("decay", 2.0 ** (-torch.arange(length) / half_life), persistent=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return weighted_mean(x, filled(x, lengths) * self.decay)


class Attention(nn.Module):
    """Additive attention: a mean by softmax(query · tanh(x · kernel + bias))."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.key = nn.Linear(dim, hidden)
        self.query = nn.Linear(hidden, 1, bias=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        mask = filled(x, lengths)
        scores = self.query(torch.tanh(self.key(x)))[:, :, 0] + (mask - 1) * 1e9  # its share is exactly 0, and what is empty stays finite
        share = torch.softmax(scores, 1) * mask
        mean: Tensor = x.mul(share[:, :, None]).sum(1)
        return mean


class ShortLong(nn.Module):
    """Attention over the most recent items, beside the mean of all."""

    def __init__(self, dim: int, hidden: int, short: int) -> None:
        super().__init__()
        self.attention = Attention(dim, hidden)
        self.short = short

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        recent = self.attention(x[:, : self.short], lengths.clamp(max=self.short))
        return torch.cat([recent, weighted_mean(x, filled(x, lengths))], 1)


class GRU(nn.Module):
    """The state after the most recent item. Pylon's GRU has one bias, so the second one of nn.GRU stays 0."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.gru = nn.GRU(dim, hidden, batch_first=True)  # type: ignore[no-untyped-call, unused-ignore]
        for name, bias in self.gru.named_parameters():
            if name == "bias_hh_l0":
                freeze_at_zero(bias)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        states, _ = self.gru(oldest_first(x, lengths))
        return last_filled(states, lengths)


class Transformer(nn.Module):
    """Pre-norm layers in which an item reads itself and older ones; the most recent item's output. The attention has no biases."""

    later: Tensor

    def __init__(self, dim: int, length: int, heads: int, layers: int, feed_forward: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(dim, heads, feed_forward, dropout=0.0, batch_first=True, norm_first=True) for _ in range(layers)
        )
        for layer in self.layers:
            layer.norm1, layer.norm2 = LayerNorm(dim), LayerNorm(dim)
        self.norm = LayerNorm(dim)
        for name, bias in self.layers.named_parameters():
            if name.endswith(("in_proj_bias", "out_proj.bias")):
                freeze_at_zero(bias)
        self.register_buffer("later", torch.full((length, length), float("-inf")).triu(1), persistent=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        # empty places come last, so no item reads one
        x = oldest_first(x, lengths)
        for layer in self.layers:
            x = layer(x, self.later)
        return last_filled(self.norm(x), lengths)


def freeze_at_zero(bias: Tensor) -> None:
    with torch.no_grad():
        bias.zero_()
    bias.requires_grad_(False)


def history_encoder(sequence: Json, dim: int) -> tuple[nn.Module, int]:
    """The encoder of a history in encoders.json, and the width of what it gives."""
    spec, length = sequence["encoder"], sequence["length"]
    kind = spec["kind"]
    if kind == "mean":
        return Mean(), dim
    if kind == "recency":
        return Recency(length, spec["halfLife"]), dim
    if kind == "attention":
        return Attention(dim, spec["hidden"]), dim
    if kind == "short-long":
        return ShortLong(dim, spec["hidden"], min(spec["short"], length)), 2 * dim
    if kind == "gru":
        return GRU(dim, spec["hidden"]), spec["hidden"]
    if kind == "self-attention":
        return Transformer(dim, length, spec["heads"], spec["layers"], spec["feedForward"] * dim), dim
    raise ValueError(f"encoders.json has a history encoder {kind!r}, which this project does not know.")

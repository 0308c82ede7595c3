"""The two towers: embeddings of the features, pooled or encoded and laid side by side, then an MLP."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from history import HistoryEncoder
from sequence_shapes import width

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh, "silu": F.silu, "linear": lambda x: x}


class Dense(nn.Module):
    """x · kernel [in × out] + bias."""

    def __init__(self, width, out):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(width, out))
        self.bias = nn.Parameter(torch.zeros(out))
        nn.init.xavier_uniform_(self.kernel)

    def forward(self, x):
        return x @ self.kernel + self.bias


class Hidden(nn.Module):
    def __init__(self, width, out, spec):
        super().__init__()
        self.linear = Dense(width, out)
        self.norm = nn.LayerNorm(out, eps=1e-5) if spec["layerNorm"] else None
        self.activation = ACTIVATIONS[spec["activation"]]
        self.dropout = nn.Dropout(spec["dropout"])
        self.residual = spec["residual"] and width == out

    def forward(self, x):
        h = self.linear(x)
        if self.norm is not None:
            h = self.norm(h)
        h = self.dropout(self.activation(h))
        return h + x if self.residual else h


class Tower(nn.Module):
    def __init__(self, spec, width, normalise, embedding_dropout):
        super().__init__()
        widths = [width, *spec["hidden"]]
        self.dropout = nn.Dropout(embedding_dropout)
        self.hidden = nn.ModuleList(Hidden(a, b, spec) for a, b in zip(widths, widths[1:]))
        self.output = None if spec["output"] is None else Dense(widths[-1], spec["output"])
        self.normalise = normalise

    def forward(self, blocks):
        x = self.dropout(torch.cat(blocks, dim=1))
        for layer in self.hidden:
            x = layer(x)
        if self.output is not None:
            x = self.output(x)
        return x * torch.rsqrt((x * x).sum(1, keepdim=True) + 1e-12) if self.normalise else x


class TwoTower(nn.Module):
    """Both towers and the tables they read; a table may be read by both (a history that shares the items' ids)."""

    def __init__(self, spec, encoders):
        super().__init__()
        self.spec, self.layouts = spec, {side: encoders[f"{side}Layout"] for side in ("user", "item")}
        self.tables = nn.ModuleDict({key(t["name"]): nn.Embedding(t["rows"], t["dim"], sparse=True) for t in encoders["tables"]})
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=spec["training"]["embeddingSd"])
        cosine, dropout = spec["match"]["kind"] == "cosine", spec["training"]["embeddingDropout"]
        self.user = Tower(spec["user"], self._width("user"), cosine, dropout)
        self.item = Tower(spec["item"], self._width("item"), cosine, dropout)
        encoded = [bag for bag in self.layouts["user"]["contextBags"] if "sequence" in bag]
        self.encoders = nn.ModuleDict({bag["feature"]: HistoryEncoder(bag) for bag in encoded})
        temperature = spec["match"]["temperature"]
        self.log_temperature = nn.Parameter(torch.tensor(np.log(temperature["initial"]), dtype=torch.float32)) if temperature["kind"] == "learned" else None

    def _width(self, side):
        layout = self.layouts[side]
        return layout["denseWidth"] + layout["contextDenseWidth"] + sum(width(bag) if "sequence" in bag else bag["dim"] for bag in [*layout["bags"], *layout["contextBags"]])

    def temperature(self):
        temperature = self.spec["match"]["temperature"]
        if self.log_temperature is None:
            return temperature["value"]
        return torch.clamp(torch.exp(self.log_temperature), min=temperature["minimum"])

    def pooled(self, table, indices, begins):
        """The mean of each bag's rows; an empty bag is zeros."""
        weight = self.tables[key(table)].weight
        return F.embedding_bag(torch.from_numpy(indices.astype(np.int64)), weight, torch.from_numpy(begins[:-1].astype(np.int64)), mode="mean", sparse=True)

    def moment(self, moment):
        """A history or a clock at the example's moment: encoded from its rows one by one, or their mean."""
        if "sequence" not in moment.bag:
            return self.pooled(moment.bag["table"], moment.indices, moment.begins)
        encoder, (rows, places) = self.encoders[moment.bag["feature"]], moment.padded()
        at, shape = (torch.from_numpy(rows), torch.from_numpy(places)), (len(moment.begins) - 1, encoder.length)
        laid = lambda values: torch.zeros(*shape, *values.shape[1:], dtype=values.dtype).index_put(at, values)
        x = F.embedding(torch.from_numpy(moment.indices), self.tables[key(moment.bag["table"])].weight, sparse=True)
        return encoder(laid(x), laid(torch.ones(len(rows))), laid(torch.from_numpy(moment.ages)), laid(torch.from_numpy(moment.events)))

    def embed_users(self, data, users, context, hide=None):
        ages, moments = context
        return self.user([*self._entity_blocks(data.users, users, torch.from_numpy(ages), hide), *[self.moment(each) for each in moments]])

    def embed_items(self, data, items, hide=None):
        return self.item(self._entity_blocks(data.items, items, None, hide))

    def _entity_blocks(self, side, entities, context, hide):
        blocks = [torch.from_numpy(side.dense[entities])] if side.dense.shape[1] > 0 else []
        if context is not None and context.shape[1] > 0:
            blocks.append(context)
        for bag in side.bags:
            indices, begins = bag.of(entities)
            if hide is not None and bag.unknown_rate > 0:  # now and then an id is unknown, so that new entities have a trained row
                indices = np.where(hide.random(len(indices)) < bag.unknown_rate, 0, indices)
            blocks.append(self.pooled(bag.table, indices, begins))
        return blocks

    # ---- the weights, under the names of weights.safetensors

    def named(self):
        """Every trained tensor by its name in the file."""
        named = {f"table:{name}": self.tables[key(name)].weight for name in map(unkey, self.tables)}
        for side in ("user", "item"):
            tower = getattr(self, side)
            for i, layer in enumerate(tower.hidden):
                named[f"dense:{side}.hidden{i}.kernel"], named[f"dense:{side}.hidden{i}.bias"] = layer.linear.kernel, layer.linear.bias
                if layer.norm is not None:
                    named[f"dense:{side}.hidden{i}.gain"], named[f"dense:{side}.hidden{i}.offset"] = layer.norm.weight, layer.norm.bias
            if tower.output is not None:
                named[f"dense:{side}.output.kernel"], named[f"dense:{side}.output.bias"] = tower.output.kernel, tower.output.bias
        for feature, encoder in self.encoders.items():
            named |= {f"dense:user.sequence.{feature}.{unkey(name)}": weight for name, weight in encoder.weights.items()}
        if self.log_temperature is not None:
            named["dense:log_temperature"] = self.log_temperature
        return named

    def load(self, tensors):
        named = self.named()
        if set(named) != set(tensors):
            raise ValueError(f"weights and model differ: {sorted(set(named) ^ set(tensors))}")
        with torch.no_grad():
            for name, parameter in named.items():
                parameter.copy_(torch.from_numpy(tensors[name]).reshape(parameter.shape))


def key(table):
    """A module's name may hold no dot."""
    return table.replace(".", "/")


def unkey(name):
    return name.replace("/", ".")

"""The two towers put together: what each reads and how it is laid side by side, their loss, and every weight by its name."""

import numpy as np

from .history import HistoryEncoder
from .losses import batch_loss
from .sequence_shapes import width
from .tensors import Module, assign, at_least, concat, exp, freeze, look_up, mean_of_bags, modules, parameter, parameters, run, scale_of, scatter, tables, tensor
from .towers import Tower


class Model(Module):
    """Both towers and the tables they read; a table may be read by both (a history that shares the items' ids)."""

    def __init__(self, spec, encoders):
        super().__init__()
        self.spec, self.layouts = spec, {side: encoders[f"{side}Layout"] for side in ("user", "item")}
        training, match = spec["training"], spec["match"]
        self.tables = tables({t["name"]: np.random.normal(0, training["embeddingSd"], (t["rows"], t["dim"])) for t in encoders["tables"]})
        self.fixed = {t["name"] for t in encoders["tables"] if t.get("fixed")}  # what items contain, which no step changes
        for name in self.fixed:
            freeze(parameter(self.tables, name))
        self.user, self.item = [Tower(spec[side], self._width(side), match["kind"] == "cosine", training["embeddingDropout"]) for side in ("user", "item")]
        self.encoders = modules({bag["feature"]: HistoryEncoder(bag) for bag in self.layouts["user"]["contextBags"] if "sequence" in bag})
        learned = match["temperature"]["kind"] == "learned"
        self.learned = parameters({"log_temperature": np.log(match["temperature"]["initial"])} if learned else {})

    def _width(self, side):
        layout = self.layouts[side]
        return layout["denseWidth"] + layout["contextDenseWidth"] + sum(width(bag) if "sequence" in bag else bag["dim"] for bag in [*layout["bags"], *layout["contextBags"]])

    def trained_tables(self):
        return [table for name, table in self.tables.items() if plain(name) not in self.fixed]

    def temperature(self):
        temperature = self.spec["match"]["temperature"]
        if temperature["kind"] != "learned":
            return temperature["value"]
        return at_least(exp(parameter(self.learned, "log_temperature")), temperature["minimum"])

    def moment(self, moment):
        """A history or a clock at the example's moment: encoded from its rows one by one, or their mean."""
        table = parameter(self.tables, moment.bag["table"])
        if "sequence" not in moment.bag:
            return mean_of_bags(table, moment.indices, moment.begins)
        encoder, places = self.encoders[moment.bag["feature"]], np.stack(moment.padded(), axis=1)
        laid = lambda values: scatter(tensor(places), values, (len(moment.begins) - 1, encoder.length, *values.shape[1:]))
        mask = laid(tensor(np.ones(len(places), np.float32)))
        return encoder.encode(laid(look_up(table, moment.indices)), mask, laid(tensor(moment.ages)), laid(tensor(moment.events)))

    def embed_users(self, data, users, context, hide=None, training=False):
        ages, moments = context
        blocks = [*self._entity_blocks(data.users, users, ages, hide), *[self.moment(each) for each in moments]]
        return run(self.user, concat(blocks, 1), training)

    def embed_items(self, data, items, hide=None, training=False):
        return run(self.item, concat(self._entity_blocks(data.items, items, None, hide), 1), training)

    def _entity_blocks(self, side, entities, context, hide):
        blocks = [tensor(side.dense[entities])] if side.dense.shape[1] > 0 else []
        if context is not None and context.shape[1] > 0:
            blocks.append(tensor(context))
        for bag in side.bags:
            indices, begins = bag.of(entities)
            if hide is not None and bag.unknown_rate > 0:  # now and then an id is unknown, so that new entities have a trained row
                indices = np.where(hide.random(len(indices)) < bag.unknown_rate, 0, indices)
            blocks.append(mean_of_bags(parameter(self.tables, bag.table), indices, begins))
        return blocks

    def embed(self, data, side, rows, last_part):
        return self.embed_items(data, rows) if side == "item" else self.embed_users(data, rows, data.context_of(rows, last_part))

    def loss(self, data, positions, batch, hide=None, training=False):
        """The mean loss of a batch; with `hide`, a generator, some ids are hidden."""
        users = self.embed_users(data, data.user[positions], data.context_at(positions), hide, training)
        return batch_loss(self.spec, users, self.embed_items(data, batch.items, hide, training), batch, self.temperature())

    def named(self):
        """Every trained tensor by its name in weights.safetensors."""
        named = {f"table:{plain(name)}": table for name, table in self.tables.items()}
        for side, tower in (("user", self.user), ("item", self.item)):
            for i, layer in enumerate(tower.hidden):
                named[f"dense:{side}.hidden{i}.kernel"], named[f"dense:{side}.hidden{i}.bias"] = layer.linear.kernel, layer.linear.bias
                if layer.norm is not None:
                    named[f"dense:{side}.hidden{i}.gain"], named[f"dense:{side}.hidden{i}.offset"] = scale_of(layer.norm)
            if tower.last is not None:
                named[f"dense:{side}.output.kernel"], named[f"dense:{side}.output.bias"] = tower.last.kernel, tower.last.bias
        for feature, encoder in self.encoders.items():
            named |= {f"dense:user.sequence.{feature}.{plain(name)}": weight for name, weight in encoder.weights.items()}
        return named | {f"dense:{name}": weight for name, weight in self.learned.items()}

    def dense(self):
        """Every trained tensor that is no table."""
        return [weight for name, weight in self.named().items() if name.startswith("dense:")]

    def load(self, tensors):
        named = self.named()
        if set(named) != set(tensors):
            raise ValueError(f"weights and model differ: {sorted(set(named) ^ set(tensors))}")
        for name, weight in named.items():
            assign(weight, tensors[name].reshape(tuple(weight.shape)))


def plain(name):
    """A name as it is where a framework lets a name hold no dot."""
    return name.replace("/", ".")

"""The two towers: embeddings of the features, pooled or encoded and laid side by side, then an MLP of Keras layers."""

import keras
import numpy as np
import tensorflow as tf

from history import HistoryEncoder
from sequence_shapes import width


class Hidden(keras.layers.Layer):
    def __init__(self, out, spec, residual, **kwargs):
        super().__init__(**kwargs)
        self.linear = keras.layers.Dense(out)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5) if spec["layerNorm"] else None
        self.activation = (lambda x: keras.activations.gelu(x, approximate=False)) if spec["activation"] == "gelu" else keras.activations.get(spec["activation"])
        self.dropout = keras.layers.Dropout(spec["dropout"])
        self.residual = residual

    def build(self, shape):
        self.linear.build(shape)
        if self.norm is not None:
            self.norm.build((None, self.linear.units))
        self.built = True

    def call(self, x, training=False):
        h = self.linear(x)
        if self.norm is not None:
            h = self.norm(h)
        h = self.dropout(self.activation(h), training=training)
        return h + x if self.residual else h


class Tower(keras.layers.Layer):
    def __init__(self, spec, width, normalise, embedding_dropout, **kwargs):
        super().__init__(**kwargs)
        widths = [width, *spec["hidden"]]
        self.dropout = keras.layers.Dropout(embedding_dropout)
        self.hidden = [Hidden(b, spec, spec["residual"] and a == b) for a, b in zip(widths, widths[1:])]
        self.output_layer = None if spec["output"] is None else keras.layers.Dense(spec["output"])
        self.normalise, self.widths = normalise, widths

    def build(self, shape):
        for layer, width in zip(self.hidden, self.widths):
            layer.build((None, width))
        if self.output_layer is not None:
            self.output_layer.build((None, self.widths[-1]))
        self.built = True

    def call(self, x, training=False):
        x = self.dropout(x, training=training)
        for layer in self.hidden:
            x = layer(x, training=training)
        if self.output_layer is not None:
            x = self.output_layer(x)
        return x * tf.math.rsqrt(tf.reduce_sum(x * x, axis=1, keepdims=True) + 1e-12) if self.normalise else x


class TwoTower:
    """Both towers and the tables they read; a table may be read by both (a history that shares the items' ids)."""

    def __init__(self, spec, encoders):
        self.spec, self.layouts = spec, {side: encoders[f"{side}Layout"] for side in ("user", "item")}
        sd = spec["training"]["embeddingSd"]
        self.tables = {t["name"]: tf.Variable(tf.random.normal([t["rows"], t["dim"]], stddev=sd), name=t["name"].replace(".", "_")) for t in encoders["tables"]}
        cosine, dropout = spec["match"]["kind"] == "cosine", spec["training"]["embeddingDropout"]
        self.user = Tower(spec["user"], self._width("user"), cosine, dropout)
        self.item = Tower(spec["item"], self._width("item"), cosine, dropout)
        for side in ("user", "item"):
            getattr(self, side).build((None, self._width(side)))
        self.encoders = {bag["feature"]: HistoryEncoder(bag) for bag in self.layouts["user"]["contextBags"] if "sequence" in bag}
        temperature = spec["match"]["temperature"]
        self.log_temperature = keras.Variable(np.log(temperature["initial"]), dtype="float32") if temperature["kind"] == "learned" else None

    def _width(self, side):
        layout = self.layouts[side]
        return layout["denseWidth"] + layout["contextDenseWidth"] + sum(width(bag) if "sequence" in bag else bag["dim"] for bag in [*layout["bags"], *layout["contextBags"]])

    def temperature(self):
        temperature = self.spec["match"]["temperature"]
        if self.log_temperature is None:
            return temperature["value"]
        return tf.maximum(tf.exp(self.log_temperature.value), temperature["minimum"])

    def pooled(self, table, indices, begins):
        """The mean of each bag's rows; an empty bag is zeros."""
        lengths = np.diff(begins)
        rows = tf.gather(self.tables[table], indices.astype(np.int64))
        owners = np.repeat(np.arange(len(lengths)), lengths)
        sums = tf.math.unsorted_segment_sum(rows, owners, len(lengths))
        return sums / np.maximum(lengths, 1).astype(np.float32)[:, None]

    def moment(self, moment):
        """A history or a clock at the example's moment: encoded from its rows one by one, or their mean."""
        if "sequence" not in moment.bag:
            return self.pooled(moment.bag["table"], moment.indices, moment.begins)
        encoder, (rows, places) = self.encoders[moment.bag["feature"]], moment.padded()
        at, shape = np.stack([rows, places], axis=1), (len(moment.begins) - 1, encoder.length)
        laid = lambda values: tf.scatter_nd(at, values, (*shape, *values.shape[1:]))
        x = tf.gather(self.tables[moment.bag["table"]], moment.indices)
        return encoder(laid(x), laid(tf.ones(len(rows))), laid(tf.constant(moment.ages)), laid(tf.constant(moment.events)))

    def embed_users(self, data, users, context, hide=None, training=False):
        ages, moments = context
        blocks = [*self._entity_blocks(data.users, users, ages, hide), *[self.moment(each) for each in moments]]
        return self.user(tf.concat(blocks, axis=1), training=training)

    def embed_items(self, data, items, hide=None, training=False):
        return self.item(tf.concat(self._entity_blocks(data.items, items, None, hide), axis=1), training=training)

    def _entity_blocks(self, side, entities, context, hide):
        blocks = [tf.constant(side.dense[entities])] if side.dense.shape[1] > 0 else []
        if context is not None and context.shape[1] > 0:
            blocks.append(tf.constant(context))
        for bag in side.bags:
            indices, begins = bag.of(entities)
            if hide is not None and bag.unknown_rate > 0:  # now and then an id is unknown, so that new entities have a trained row
                indices = np.where(hide.random(len(indices)) < bag.unknown_rate, 0, indices)
            blocks.append(self.pooled(bag.table, indices, begins))
        return blocks

    # ---- the weights, under the names of weights.safetensors

    def named(self):
        """Every trained variable by its name in the file."""
        named = {f"table:{name}": table for name, table in self.tables.items()}
        for side in ("user", "item"):
            tower = getattr(self, side)
            for i, layer in enumerate(tower.hidden):
                named[f"dense:{side}.hidden{i}.kernel"], named[f"dense:{side}.hidden{i}.bias"] = layer.linear.kernel, layer.linear.bias
                if layer.norm is not None:
                    named[f"dense:{side}.hidden{i}.gain"], named[f"dense:{side}.hidden{i}.offset"] = layer.norm.gamma, layer.norm.beta
            if tower.output_layer is not None:
                named[f"dense:{side}.output.kernel"], named[f"dense:{side}.output.bias"] = tower.output_layer.kernel, tower.output_layer.bias
        for feature, encoder in self.encoders.items():
            named |= {f"dense:user.sequence.{feature}.{name}": variable for name, variable in encoder.weights.items()}
        if self.log_temperature is not None:
            named["dense:log_temperature"] = self.log_temperature
        return named

    def load(self, tensors):
        named = self.named()
        if set(named) != set(tensors):
            raise ValueError(f"weights and model differ: {sorted(set(named) ^ set(tensors))}")
        for name, variable in named.items():
            variable.assign(tensors[name].reshape(tuple(variable.shape)))

    def dense_variables(self):
        return [variable for name, variable in self.named().items() if name.startswith("dense:")]

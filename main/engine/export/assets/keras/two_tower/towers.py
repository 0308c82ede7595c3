"""A tower: an MLP of Keras layers over the features that are laid side by side."""

import keras
import tensorflow as tf


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
        self.last = None if spec["output"] is None else keras.layers.Dense(spec["output"])
        self.normalise, self.widths = normalise, widths
        self.build((None, width))

    def build(self, shape):
        for layer, width in zip(self.hidden, self.widths):
            layer.build((None, width))
        if self.last is not None:
            self.last.build((None, self.widths[-1]))
        self.built = True

    def call(self, x, training=False):
        x = self.dropout(x, training=training)
        for layer in self.hidden:
            x = layer(x, training=training)
        if self.last is not None:
            x = self.last(x)
        return x * tf.math.rsqrt(tf.reduce_sum(x * x, axis=1, keepdims=True) + 1e-12) if self.normalise else x

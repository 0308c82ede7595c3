"""What model.py, losses.py and history.py are written in, by TensorFlow; axes are given by place, as in NumPy."""

import keras
import numpy as np
import tensorflow as tf
from tensorflow import atan, concat, exp, gather, reshape, sigmoid, tanh, where, zeros
from tensorflow import convert_to_tensor as tensor
from tensorflow import gather as look_up
from tensorflow import maximum as at_least
from tensorflow import reduce_logsumexp as logsumexp
from tensorflow import reduce_mean as average
from tensorflow import reduce_min as lowest
from tensorflow import reduce_sum as total
from tensorflow import scatter_nd as scatter
from tensorflow import transpose as permute
from tensorflow.math import log, rsqrt, softplus
from tensorflow.nn import relu, softmax

Module, modules = object, dict


def parameters(arrays):
    """Trained tensors by name."""
    return {name: keras.Variable(np.float32(array), dtype="float32") for name, array in arrays.items()}


def tables(arrays):
    return {name: tf.Variable(np.float32(array), name=name.replace(".", "_")) for name, array in arrays.items()}


def parameter(of, name):
    return tensor(of[name].value) if isinstance(of[name], keras.Variable) else of[name]


def freeze(weight):
    """Nothing to do: a step asks for the gradients of what it trains alone."""


def assign(weight, array):
    weight.assign(array)


def top(x, k):
    """The k largest of each row, without a gradient."""
    return tf.math.top_k(tf.stop_gradient(x), k).values


def scale_of(norm):
    return norm.gamma, norm.beta


def run(tower, x, training):
    return tower(x, training=training)


def mean_of_bags(table, indices, begins):
    """The mean of each bag's rows; an empty bag is zeros."""
    lengths = np.diff(begins)
    rows = gather(table, indices.astype(np.int64))
    owners = np.repeat(np.arange(len(lengths)), lengths)
    return tf.math.unsorted_segment_sum(rows, owners, len(lengths)) / np.maximum(lengths, 1).astype(np.float32)[:, None]

"""The two towers put together as a Keras model: what each reads stands in spec.json (its MLP) and encoders.json (its features and their
tables), and a step of training updates only the table rows of its batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from .backend import Tensor, Variable, gradients, rows_of
from .data import Json
from .losses import batch_loss
from .optimizers import RowOptimizer, dense_optimizer
from .towers import Tower


@keras.saving.register_keras_serializable("two_tower")
class TwoTower(keras.Model):
    """A tower of users and one of items; a table may be read by both (a history that shares the items' ids)."""

    def __init__(self, spec: Json, encoders: Json, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.shapes = {name: encoders[name] for name in ("tables", "userLayout", "itemLayout")}  # of the encoders all that the towers need
        start = keras.initializers.RandomNormal(stddev=spec["training"]["embeddingSd"])
        self.tables = {
            table["name"]: self.add_weight(
                name=table["name"].replace(".", "_"),
                shape=(table["rows"], table["dim"]),
                initializer=start,
                trainable=not table.get("fixed", False),
            )
            for table in encoders["tables"]
        }
        self.user_tower = Tower("user", spec, encoders, self.tables, name="user_tower")
        self.item_tower = Tower("item", spec, encoders, self.tables, name="item_tower")
        match = spec["match"]["temperature"]
        self.learned = match["kind"] == "learned"
        value = float(np.log(match["initial"] if self.learned else match["value"]))
        self.log_temperature = self.add_weight(
            name="log_temperature", shape=(), initializer=keras.initializers.Constant(value), trainable=self.learned
        )
        self.least_temperature: float = match.get("minimum", 0.0)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.built = True

    def get_config(self) -> Json:
        return {"spec": self.spec, "encoders": self.shapes}

    def call(self, inputs: dict[str, Any], training: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Vectors of users and of items, and the temperature that scores are divided by."""
        return self.user_tower(inputs["users"], training=training), self.item_tower(inputs["items"], training=training), self.temperature()

    def temperature(self) -> Tensor:
        return ops.maximum(ops.exp(self.log_temperature), self.least_temperature)

    # ---- training

    def compile_training(self) -> None:
        """With the optimizers of the spec, which begin anew."""
        training = self.spec["training"]
        self.trained_tables: list[Variable] = [table for table in self.tables.values() if table.trainable]
        tables = {id(table) for table in self.trained_tables}
        self.dense: list[Variable] = [weight for weight in self.trainable_variables if id(weight) not in tables]
        self.row_optimizer = RowOptimizer(training["tables"], self.trained_tables)
        optimizer = dense_optimizer(training["dense"])
        optimizer.build(self.dense)
        self.compile(optimizer=optimizer, jit_compile=False)

    def loss_of(self, batch: dict[str, Any], training: bool = False) -> Tensor:
        """The mean loss of a batch of loader.py."""
        batch = keras.tree.map_structure(ops.convert_to_tensor, batch)
        users, items, temperature = self(batch, training=training)
        return batch_loss(self.spec, users, items, temperature, batch)

    def train_step(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Trains on a batch; the mean loss before, over the epoch."""
        training, count = self.spec["training"], len(self.trained_tables)
        loss, found = gradients(self, lambda: self.loss_of(batch, True), [*self.trained_tables, *self.dense])
        rows = [None if each is None else rows_of(each) for each in found[:count]]
        rows = [
            None if each is None else (each[0], each[1] + training["l2"] * ops.take(table, each[0], axis=0))
            for each, table in zip(rows, self.trained_tables)
        ]
        dense = [(each, weight) for each, weight in zip(found[count:], self.dense) if each is not None]
        if training["clipNorm"] is not None:
            lengths = [ops.sum(ops.square(each)) for each in [*[row[1] for row in rows if row is not None], *[each for each, _ in dense]]]
            factor = ops.minimum(1.0, training["clipNorm"] / ops.sqrt(sum(lengths)))
            rows = [None if each is None else (each[0], each[1] * factor) for each in rows]
            dense = [(each * factor, weight) for each, weight in dense]
        self.row_optimizer.apply(rows)
        if dense:
            self.optimizer.apply([each for each, _ in dense], [weight for _, weight in dense])
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    @property
    def metrics(self) -> list[Any]:
        return [self.loss_tracker]

    def rates(self, factor: float) -> None:
        """Learning rates are those of the spec times a factor."""
        training = self.spec["training"]
        self.row_optimizer.learning_rate.assign(training["tables"]["learningRate"] * factor)
        self.optimizer.learning_rate = training["dense"]["learningRate"] * factor

    # ---- weights

    def named(self) -> dict[str, Variable]:
        """Every tensor by its name in weights.safetensors; of layers that were added to this code by their order."""
        found = {f"table:{name}": table for name, table in self.tables.items()}
        for side, tower in (("user", self.user_tower), ("item", self.item_tower)):
            for i, block in enumerate(tower.hidden):
                at = f"dense:{side}.hidden{i}"
                found |= {f"{at}.kernel": block.linear.kernel, f"{at}.bias": block.linear.bias}
                if block.norm is not None:
                    found |= {f"{at}.gain": block.norm.gamma, f"{at}.offset": block.norm.beta}
            if tower.last is not None:
                found |= {f"dense:{side}.output.kernel": tower.last.kernel, f"dense:{side}.output.bias": tower.last.bias}
            for history in tower.histories.values():
                found |= {f"dense:{side}.sequence.{history.feature}.{name}": weight for name, weight in history.named.items()}
        found |= {"dense:log_temperature": self.log_temperature} if self.learned else {}
        known = {id(weight) for weight in [*found.values(), self.log_temperature]}
        added = [weight for weight in self.weights if id(weight) not in known]
        return found | {f"added:{i}.{weight.name}": weight for i, weight in enumerate(added)}

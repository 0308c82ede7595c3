"""The two towers put together. What each reads stands in spec.json (its MLP) and encoders.json (its features and their tables)."""

import math

import torch
from torch import Tensor, nn

from .data import Json
from .towers import Bag, Dense, History, Tower


class TwoTower(nn.Module):
    """A tower of users and one of items; a table may be read by both (a history that shares the items' ids).

    `sparse`: gradients of tables hold the rows of the batch alone, which saves most of the time of a step.
    """

    def __init__(self, spec: Json, encoders: Json, sparse: bool = True) -> None:
        super().__init__()
        training, match = spec["training"], spec["match"]
        self.table_names = {
            table["name"]: nn.Parameter(torch.randn(table["rows"], table["dim"]) * training["embeddingSd"], not table.get("fixed", False))
            for table in encoders["tables"]
        }
        normalise, dropout = match["kind"] == "cosine", training["embeddingDropout"]
        self.user_tower = Tower(*self.inputs("user", encoders, sparse), spec["user"], dropout, normalise)
        self.item_tower = Tower(*self.inputs("item", encoders, sparse), spec["item"], dropout, normalise)
        temperature = match["temperature"]
        self.least_temperature: float = temperature.get("minimum", 0.0)
        start = torch.tensor(math.log(temperature["initial"] if temperature["kind"] == "learned" else temperature["value"]))
        self.log_temperature = nn.Parameter(start, temperature["kind"] == "learned")

    def inputs(self, side: str, encoders: Json, sparse: bool) -> tuple[list[tuple[str, nn.Module]], int]:
        """What a tower reads by name, and the width of it all side by side."""
        layout = encoders[f"{side}Layout"]
        inputs: list[tuple[str, nn.Module]] = []
        width: int = layout["denseWidth"] + layout["contextDenseWidth"]
        if width > 0:
            inputs.append(("dense", Dense("dense")))
        for bag in [*layout["bags"], *layout["contextBags"]]:
            name, weight = input_name(side, bag), self.table_names[bag["table"]]
            # what items contain is fixed, and is not looked up for its gradient
            rows_alone = sparse and weight.requires_grad
            if "sequence" in bag:
                history = History(name, weight, bag["sequence"], rows_alone)
                inputs.append((name, history))
                width += history.width
            else:
                inputs.append((name, Bag(name, weight, rows_alone)))
                width += bag["dim"]
        return inputs, width

    def forward(self, users: dict[str, Tensor], items: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Vectors of users and of items, and the temperature that scores are divided by."""
        return self.user_tower(users), self.item_tower(items), self.temperature()

    def temperature(self) -> Tensor:
        temperature: Tensor = self.log_temperature.exp().clamp(min=self.least_temperature)
        return temperature

    def tables(self) -> list[nn.Parameter]:
        """Embedding tables that are trained."""
        return [table for table in self.table_names.values() if table.requires_grad]

    def weights(self) -> list[nn.Parameter]:
        """All else that is trained."""
        tables = {id(table) for table in self.table_names.values()}
        return [weight for weight in self.parameters() if weight.requires_grad and id(weight) not in tables]


def input_name(side: str, bag: Json) -> str:
    """Of a bag or history in a layout: `genre`, `place.cell0`; of one with a table of the other side the feature's."""
    table: str = bag["table"]
    feature: str = bag["feature"]
    return feature if "sequence" in bag or not table.startswith(f"{side}.") else table[len(side) + 1 :]

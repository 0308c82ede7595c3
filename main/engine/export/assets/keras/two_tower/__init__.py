"""A two-tower model for retrieval: users and items become vectors, and the items nearest a user are what it is shown."""

from .data import Data
from .model import TwoTower

__all__ = ["Data", "TwoTower"]

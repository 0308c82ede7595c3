"""Pylon's workbench for two-tower retrieval, from Python."""

from ._errors import Cancelled, PylonError
from .run import Run
from .workspace import Workspace, open

__all__ = ["Cancelled", "PylonError", "Run", "Workspace", "open"]

"""Model Census: a true, current and complete record of the world's AI models.

``modelcensus.open(url)`` opens a census for programs: see ``modelcensus.library``. Types: ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from modelcensus.version import __version__ as __version__

_ROOMS = {"Library": "library", "Usage": "core.catalog.cost", "open": "library"}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: the command line imports this package too, and starts without the database.
    if name not in _ROOMS:
        raise AttributeError(f"module 'modelcensus' has no attribute '{name}'")
    return getattr(import_module(f"modelcensus.{_ROOMS[name]}"), name)

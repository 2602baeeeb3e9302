"""pygal, loaded when the first chart is drawn: it takes a tenth of a second."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


@cache
def pygal() -> Any:
    """The library. It ships no types.

    It leaves an import hook for maps behind, in a form that Python 3.11 warns of at every import that finds nothing,
    and that Python 3.12 no longer asks. No map is drawn here.
    """
    import pygal as library  # type: ignore[import-untyped]

    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "PluginImportFixer"]
    return library

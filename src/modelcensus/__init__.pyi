from modelcensus.core.catalog.cost import Usage as Usage
from modelcensus.library import Library as Library
from modelcensus.library import open as open  # noqa: A004  # modelcensus.open reads like open()

__version__: str

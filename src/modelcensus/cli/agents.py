"""mcp: the catalog as tools for agents on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.core.catalog.model import Tier


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(epilog=options.examples("modelcensus mcp", "modelcensus mcp --tier free"))(mcp)


def mcp(
    ctx: typer.Context,
    tier: Annotated[Tier, typer.Option("--tier", help="Whose models are shown.")] = Tier.ENTERPRISE,
) -> None:
    """Serve the catalog to an agent as tools, over standard input and output (Model Context Protocol).

    An agent's program starts this by itself; see docs/howto/mcp.md. A running server has the same tools at /mcp.
    """
    # Imported here: the SDK takes most of a second to load, and no other command needs it.
    from modelcensus.mcp_server.tools import tools_on
    from modelcensus.operations.catalog.names import Names
    from modelcensus.operations.catalog.public import PublicCatalog
    from modelcensus.operations.catalog.shelf import Shelf

    access = loaded(ctx).settings.access
    with opened(ctx, create=False) as census:
        tools_on(PublicCatalog(census, access, Shelf(census, access), Names(census)), tier).run("stdio")

"""The command line: parse, call one operation, render.

Commands import what is heavy (SQLAlchemy, httpx2, Rich's tables, plotext) inside their functions, because
``modelcensus --help`` and shell completion must not pay a second of start-up for it. That is the only reason for
imports in functions in this package.
"""

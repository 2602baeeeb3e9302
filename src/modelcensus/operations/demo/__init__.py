"""Weeks of changing catalogs in a minute: invented models, a real local upstream that misbehaves, a real census."""

from __future__ import annotations

from modelcensus.operations.demo.feed import DemoDay, DemoSummary
from modelcensus.operations.demo.mischief import MISCHIEFS, Mischief
from modelcensus.operations.demo.play import Demo, open_demo

__all__ = ["MISCHIEFS", "Demo", "DemoDay", "DemoSummary", "Mischief", "open_demo"]

"""`dora-metrics demo`: an invented web shop through all the steps, always the same."""

from __future__ import annotations

from dora_metrics.demo.walk import AS_OF, DemoResult, run_demo

__all__ = ["AS_OF", "DemoResult", "run_demo"]

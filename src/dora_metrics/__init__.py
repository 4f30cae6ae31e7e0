"""DORA metrics from the history that is already there."""

from __future__ import annotations

__version__ = "0.1.0"

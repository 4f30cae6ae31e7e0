"""How records are declared that there are hundreds of thousands of."""

from __future__ import annotations

import sys
from collections.abc import Mapping

SLIM: Mapping[str, bool] = {"slots": True} if sys.version_info >= (3, 10) else {}
"""For `dataclass`: no room for attributes that are not declared, 64 bytes less a record; Python 3.9 cannot."""

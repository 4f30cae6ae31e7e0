"""How much CPU `calculate_results` needs on a million changes, besides imports and reading: target 1 s.

    python benchmarks/calculate_million.py [CHANGES]

Ten years, a hundred thousand deployments, a few per cent of changes never deployed. Same numbers on every run.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone

import numpy as np
import pandas as pd

from dora_metrics import calculate_results

START = datetime(2015, 1, 1, tzinfo=timezone.utc)
AS_OF = datetime(2025, 1, 1, tzinfo=timezone.utc)
SECONDS = int((AS_OF - START).total_seconds())
WAITING_SHARE = 0.03
FAILED_SHARE = 0.1
RESTORED_SHARE = 0.98
BOT_SHARE = 0.2
GRAINS = ("all", "yearly", "monthly", "weekly", "daily")
SEED = 20_250_101


def to_times(seconds: np.ndarray) -> pd.Series:
    """Unix seconds as UTC times, NaT for NaN."""
    instants = np.where(np.isnan(seconds), np.iinfo(np.int64).min, seconds + START.timestamp()).astype("int64")
    return pd.Series(instants.view("datetime64[s]")).dt.tz_localize("UTC")


def make_deployments(count: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    deployed = np.sort(rng.integers(0, SECONDS, count)).astype("float64")
    kinds = rng.choice(["normal", "hotfix", "rollback", "redeploy"], count, p=[0.9, 0.05, 0.03, 0.02])
    kinds[0] = "initial"
    failed = (rng.random(count) < FAILED_SHARE) & np.isin(kinds, ["normal", "hotfix"])
    restored = np.where(
        failed & (rng.random(count) < RESTORED_SHARE), deployed + rng.exponential(20_000, count).round(), np.nan
    )
    frame = pd.DataFrame(
        {
            "deployed_at": to_times(deployed),
            "kind": pd.Categorical(kinds),
            "failed": failed,
            "failure_provenance": pd.Categorical(np.where(failed, "inferred", "")),
            "began_at": to_times(np.where(failed, deployed, np.nan)),
            "restored_at": to_times(restored),
            "recovery_hours": (restored - deployed) / 3600,
        }
    )
    return frame, deployed


def make_changes(count: int, deployed: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    merged = np.sort(rng.integers(0, SECONDS, count)).astype("float64")
    started = merged - rng.exponential(200_000, count).round()
    place = deployed.searchsorted(merged)
    undeployed = (place == deployed.size) | (rng.random(count) < WAITING_SHARE)
    delivered = np.where(undeployed, np.nan, deployed[np.minimum(place, deployed.size - 1)])
    left_out = rng.choice(["", "negative", "carrier"], count, p=[0.98, 0.01, 0.01])
    return pd.DataFrame(
        {
            "started_at": to_times(started),
            "ready_at": to_times(merged - 5_000),
            "merged_at": to_times(merged),
            "deployed_at": to_times(delivered),
            "lead_time_hours": ((delivered - started) / 3600).round(6),
            "is_bot": rng.random(count) < BOT_SHARE,
            "left_out": pd.Categorical(left_out),
        }
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(SEED)
    deployments, deployed = make_deployments(max(count // 10, 1), rng)
    changes = make_changes(count, deployed, rng)
    incidents = pd.DataFrame({"started_at": to_times(np.array([np.nan])), "attribution": ["unattributed"]})
    calculate_results(
        changes[:10],
        deployments[:10],
        incidents,
        as_of=AS_OF,
        grain="all",
        timezone="UTC",
        fiscal_start_month=1,
        repositories=("acme/shop",),
    )  # the imports
    for grain in GRAINS:
        before = time.process_time()
        results = calculate_results(
            changes,
            deployments,
            incidents,
            as_of=AS_OF,
            grain=grain,
            timezone="Europe/Berlin",
            fiscal_start_month=1,
            repositories=("acme/shop",),
        )
        print(f"{grain:8} {len(results.periods):5} periods  {time.process_time() - before:6.2f} s CPU")


if __name__ == "__main__":
    main()

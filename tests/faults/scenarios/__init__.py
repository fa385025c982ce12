"""What is broken, by what it is that breaks. Importing this registers all scenarios."""

from tests.faults.scenarios import (
    clocks,
    crashes,
    crowds,
    databases,
    decisions,
    networks,
    redis_outages,
    repetitions,
    restarts,
    stale_workers,
    takeovers,
    watching,
)

__all__ = [
    "clocks",
    "crashes",
    "crowds",
    "databases",
    "decisions",
    "networks",
    "redis_outages",
    "repetitions",
    "restarts",
    "stale_workers",
    "takeovers",
    "watching",
]

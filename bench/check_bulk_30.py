"""The same as `check_bulk`, where three in ten are suppressed."""

from bench.check_bulk import measure_many_hits as measure

__all__ = ["measure"]

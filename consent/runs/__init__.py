"""Mail runs: print jobs of post, scrubbed and stamped; what of them may still arrive, and what can still be pulled."""

from consent.runs.due import StillDue, may_still_arrive

__all__ = ["StillDue", "may_still_arrive"]

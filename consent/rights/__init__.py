"""What people ask for about their data: a copy, an end of its use or its sharing, its erasure (docs/RIGHTS.md)."""

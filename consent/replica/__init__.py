"""Checks answered by a streaming replica of the database, which must prove first that it lacks nothing (adr/0014)."""

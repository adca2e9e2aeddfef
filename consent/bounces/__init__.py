"""Bounces: whose they are, which of them are proved, and how many make an address a dead one (docs/BOUNCES.md)."""

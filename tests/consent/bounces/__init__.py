"""Bounces: whose, how sure, how many."""

"""Scrubs: files of addresses, each row of which gets its verdict, and is asked about again before the send."""

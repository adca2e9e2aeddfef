"""Addresses in normal form: one address is one text, and so one key, however it was written. Pure, without Django."""

"""Sending letters of our own: where to (`where.py`), as what (`message.py`), how (`smtp.py`, `files.py`, Anymail)."""

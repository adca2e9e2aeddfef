"""Tables as people and systems export them, as bytes: unpacked, cut into records, written with new cells."""

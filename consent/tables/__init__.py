"""Tables as people and systems export them, as bytes: unpacked, told apart, cut into records, written with new cells."""

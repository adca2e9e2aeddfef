"""A filter over all keys that anything is known of: most of what senders ask about is not among them (adr/0012)."""

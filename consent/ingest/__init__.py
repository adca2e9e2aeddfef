"""Mail that lies somewhere (files, mailboxes at a server) → the inbox."""

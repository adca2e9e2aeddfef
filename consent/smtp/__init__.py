"""The listener for mail, SMTP (RFC 5321) and LMTP (RFC 2033): answers 250 only after the commit."""

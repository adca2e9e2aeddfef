"""Why something that is asked, and can be read, is not done. What cannot be read is `consent.statement.Rejected`."""


class Different(Exception):
    """The request was made before, with another content."""


class TooLate(Exception):
    """What is asked can no longer be done; the text says why."""

"""What every normaliser raises for text that is no address."""


class InvalidAddress(ValueError):
    """Text of which no key can be made.

    `code` is short, stable and snake_case, for programs; `detail` is an English sentence for people. Neither repeats
    the address, so that both may be logged.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

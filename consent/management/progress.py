"""A line of progress on a terminal; nothing where no person looks on."""

from pathlib import Path

from django.core.management.base import OutputWrapper

_WIDTH = 30


class Progress:
    """`total` is how much there is to do, 0 if nobody knows."""

    def __init__(self, stream: OutputWrapper, total: int = 0) -> None:
        self._stream = stream
        self._total = total
        self._shown = False

    def show(self, done: int, words: str) -> None:
        """Draw the line anew."""
        if self._stream.isatty():
            self._stream.write(f"\r{self._bar(done)}{words}", str, "")
            self._stream.flush()
            self._shown = True

    def end(self) -> None:
        """Leave the line as it is, and begin another one."""
        if self._shown:
            self._stream.write("")
            self._shown = False

    def _bar(self, done: int) -> str:
        if not self._total:
            return ""
        part = min(done / self._total, 1.0)
        return f"[{'#' * round(part * _WIDTH):<{_WIDTH}}] {part:4.0%}  "


def lines_of(file: Path) -> int:
    """How many lines a file has, for the bar; 0 for what cannot be read."""
    try:
        with file.open("rb") as opened:
            return sum(block.count(b"\n") for block in iter(lambda: opened.read(1 << 20), b""))
    except OSError:
        return 0

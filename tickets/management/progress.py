"""A bar that shows how far a long command has come."""

from django.core.management.base import OutputWrapper

WIDTH = 30


class Progress:
    """A bar that is drawn over itself on a terminal; elsewhere one line at the end of it."""

    def __init__(self, out: OutputWrapper, what: str) -> None:
        self._out = out
        self._what = what
        self._is_live = out.isatty()

    def show(self, done: int, whole: int) -> None:
        """Say that `done` of `whole` steps are done."""
        if self._is_live:
            full = WIDTH * done // whole
            bar = "#" * full + "." * (WIDTH - full)
            self._out.write(f"\r{self._what} [{bar}] {done}/{whole}", ending="")
            self._out.flush()
        elif done == whole:
            self._out.write(f"{self._what}: {done} steps done")

    def end(self) -> None:
        """Leave the bar's line, whether it is full or not."""
        if self._is_live:
            self._out.write("")

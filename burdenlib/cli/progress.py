"""Progress of what takes more than a second: a bar in a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from burdenlib.words import Language, Words

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["COVERING", "FILLING", "JUDGING", "LOADING", "MUTATING", "READING", "TESTING", "WRITING", "Waiting"]

LOADING = Words("读取政策文件", "loading policies")
READING = Words("读取任务", "reading tasks")
JUDGING = Words("判定任务", "judging tasks")
AUDITING = Words("审计表格", "auditing rows")
WRITING = Words("写出结果", "writing results")
TESTING = Words("判定示例", "judging examples")
COVERING = Words("统计覆盖情况", "counting what examples exercise")
FILLING = Words("补写示例", "looking for examples")
MUTATING = Words("检验变异", "examining mutants")

_LEFT = Words("还需", "left")


class Waiting:
    """Shows on standard error how far something is, once it takes long; `paced` with the rate and the time left."""

    def __init__(
        self, what: Words, language: Language, *, delay: float = 1.0, every: float = 10.0, paced: bool = False
    ) -> None:
        self.text, self.left = what.pick(language), _LEFT.pick(language)
        self.every = every
        self.paced = paced
        self.done, self.total = 0, 0
        self.bar: Progress | None = None
        self.stopped = False
        self.lock = threading.Lock()
        self.started = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.timer = self._later(delay if self.is_terminal else every)

    def __enter__(self) -> Callable[[int, int], None]:
        self.timer.start()
        return self.update

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with self.lock:
            self.stopped = True
            self.timer.cancel()
            if self.bar is not None:
                self.bar.stop()

    def update(self, done: int, total: int = 0) -> None:
        """Say how much is done, and of how much (0: nobody knows)."""
        self.done, self.total = done, total
        if (bar := self.bar) is not None:
            bar.update(bar.task_ids[0], completed=done, total=total or None, rate=self._rate())

    def _later(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._show)
        timer.daemon = True
        return timer

    def _show(self) -> None:
        with self.lock:
            if self.stopped:
                return
            if self.is_terminal:
                self._show_bar()
            else:
                of = f"/{self.total:,}" if self.total else ""
                seconds = time.monotonic() - self.started
                sys.stderr.write(f"{self.text}: {self.done:,}{of} ({seconds:.0f} s{self._pace(seconds)})\n")
                sys.stderr.flush()
                self.timer = self._later(self.every)
                self.timer.start()

    def _rate(self) -> str:
        """How many are done in a second."""
        seconds = time.monotonic() - self.started
        return f"{self.done / seconds:,.0f}/s" if self.done and self.paced else ""

    def _pace(self, seconds: float) -> str:
        """The rate, and how many seconds are left at that rate if anybody knows how much there is."""
        if not self.done or not self.paced:
            return ""
        left = max(self.total - self.done, 0) * seconds / self.done
        return f", {self._rate()}" + (f", {self.left} {left:.0f} s" if left >= 1 else "")

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        bar.add_task(self.text, completed=self.done, total=self.total or None, rate=self._rate())
        bar.start()
        self.bar = bar

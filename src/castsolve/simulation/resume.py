"""Checkpoints of a run: written while it goes on, taken up when it was killed."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import numpy as np

from ..errors import ResultsError
from ..geometry import Grid
from ..results import read_checkpoint, write_checkpoint

__all__ = ["Keeper", "Kept", "fingerprint"]


class Kept(Protocol):
    """A run that can be written down."""

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold to go on to the same bits."""


def fingerprint(grid: Grid, *settings: Any) -> str:
    """Return a checksum of a grid and of whatever else makes a run this one; lists are looked into."""
    digest = hashlib.sha256()
    for array in (*grid.nodes, grid.region, grid.walls.area, grid.walls.low, grid.walls.high, grid.cut_volume):
        digest.update(np.ascontiguousarray(array).tobytes())
    for setting in settings:
        for entry in setting if isinstance(setting, list) else [setting]:
            if isinstance(entry, np.ndarray):
                digest.update(np.ascontiguousarray(entry).tobytes())
            else:
                digest.update(json.dumps(str(entry)).encode())
    return digest.hexdigest()


@dataclass(slots=True)
class Keeper:
    """Keeps the checkpoint file of one run.

    Parameters
    ----------
    path : Path
        The file.
    resume : bool
        Whether an existing file is taken up.
    every : float
        Seconds of work between two checkpoints.
    """

    path: Path
    resume: bool = False
    every: float = 30.0
    _last: float = field(default_factory=time.monotonic)
    _identity: str = ""
    _stopping: bool = False

    @classmethod
    def of(cls, path: str | Path | None, resume: bool, every: float) -> Keeper | None:
        """Return a keeper, or None where no checkpoint is wanted.

        Raises
        ------
        ResultsError
            If the folder of the file does not exist: better now than after the first stretch of work.
        """
        if path is None:
            return None
        folder = Path(path).parent
        if not folder.is_dir():
            raise ResultsError(f"a checkpoint in {folder} cannot be written: the folder does not exist; make the folder first")
        return cls(Path(path), resume, every)

    def identify(self, grid: Grid, *settings: Any) -> None:
        """Note what the run is, so that a checkpoint of another one is not taken up."""
        self._identity = fingerprint(grid, *settings)

    def load(self) -> dict[str, Any] | None:
        """Return the state of an existing checkpoint, or None.

        Raises
        ------
        ResultsError
            If the file belongs to another run or is damaged.
        """
        if not self.resume or not self.path.exists():
            return None
        arrays, state = read_checkpoint(self.path)
        if state.get("identity") != self._identity:
            raise ResultsError(
                f"the checkpoint {self.path} belongs to another run (other casting, voxel or settings); remove it or give another "
                "place"
            )
        return {**state, **arrays}

    def watching(self, progress: Callable[[Any], None] | None) -> Callable[[Any], None]:
        """Return a progress function that stops the run with a checkpoint where the given one was interrupted."""

        def told(state: Any) -> None:
            try:
                if progress is not None:
                    progress(state)
            except KeyboardInterrupt:
                self._stopping = True

        return told

    def offer(self, run: Kept) -> None:
        """Write a checkpoint if it is time, or if the run shall stop; then stop it."""
        if self._stopping:
            self.write(run)
            raise KeyboardInterrupt
        if time.monotonic() - self._last >= self.every:
            self.write(run)

    def write(self, run: Kept) -> None:
        """Write a checkpoint now."""
        state = run.state()
        arrays = {k: v for k, v in state.items() if isinstance(v, np.ndarray)}
        plain = {k: v for k, v in state.items() if not isinstance(v, np.ndarray)}
        write_checkpoint(self.path, arrays, {**plain, "identity": self._identity})
        self._last = time.monotonic()

    @contextmanager
    def deferring_interrupts(self) -> Iterator[None]:
        """Let Ctrl-C wait for the end of a step: in the middle of one, fields and books do not belong together.

        A second Ctrl-C stops at once; the checkpoint before it stays.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def stop(number: int, frame: FrameType | None) -> None:
            if self._stopping:
                raise KeyboardInterrupt
            self._stopping = True

        signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def finish(self) -> None:
        """Remove the checkpoint of a run that is done."""
        self.path.unlink(missing_ok=True)

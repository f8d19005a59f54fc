"""The number of threads that a computation may use."""

from __future__ import annotations

import operator

from . import _kernels
from .errors import InputError

__all__ = ["allowed_threads"]


def allowed_threads(threads: int | None = None) -> int:
    """Return the number asked for, else that of OMP_NUM_THREADS, else that of the CPUs this process may run on.

    Parameters
    ----------
    threads : int, optional
        At least 1.

    Raises
    ------
    InputError
        If it is no whole number from 1 on.
    """
    if threads is None:
        return int(_kernels.thread_count(None))
    refusal = f"threads = {threads!r} must be a whole number from 1 on; leave it out to use all that are allowed"
    try:
        count = operator.index(threads)
    except TypeError:
        raise InputError(refusal) from None
    if count < 1 or isinstance(threads, bool):
        raise InputError(refusal)
    return int(_kernels.thread_count(count))

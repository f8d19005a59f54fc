"""What was built and what runs here, for a report of trouble."""

from __future__ import annotations

import os
import platform
import sys

__all__ = ["diagnosis"]

_NEEDS = ("numpy", "scipy", "meshio", "pyvista", "vtk", "pint", "pydantic", "typer", "rich", "h5py")


def diagnosis() -> str:
    """Return a table of what was built, threads, instruction set, renderer and versions."""
    from .. import __version__, _kernels

    built = _kernels.build_info()
    openmp = "yes" if built["openmp"] else "no: one thread only; install an OpenMP compiler and build again"
    clones = "yes, the processor chooses" if built["clones"] else "no, one version for all processors"
    checks = "yes (a slow build for tests)" if built["checked"] else "no"
    rows = [
        ("castsolve", __version__),
        ("installed in", os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
        ("Python", f"{platform.python_version()} ({sys.executable})"),
        ("system", platform.platform()),
        ("compiler", str(built["compiler"])),
        ("OpenMP", openmp),
        ("clones for processors", clones),
        ("instructions in use", str(built.get("lanes", "unknown"))),
        ("bounds checks", checks),
        ("threads", f"{_kernels.thread_count(None)} of {os.cpu_count()} processors"),
        ("pictures", _renderer()),
        *((name, _version(name)) for name in _NEEDS),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)


def _renderer() -> str:
    from ..view import probe

    state = probe()
    return f"{'yes' if state.ok else 'no'}: {state.why}" if state.why else ("yes" if state.ok else "no")


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "missing; install castsolve again"

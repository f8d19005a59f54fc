"""Benchmarks: sizes that can be thinned for a smoke run, and the facts of the machine in every record."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

# The cases and twins stand beside the benchmarks.
sys.path.insert(0, str(Path(__file__).resolve().parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thin", action="store_true", help="small sizes: does each benchmark still run?")


@pytest.fixture(scope="session")
def thin(request: pytest.FixtureRequest) -> bool:
    """Return whether small sizes are asked for; figures of a thin run mean nothing."""
    return bool(request.config.getoption("--thin"))


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    import castsolve
    from castsolve import _kernels

    machine_info["castsolve"] = castsolve.__version__
    machine_info["kernels"] = _kernels.build_info()
    machine_info["cpus_allowed"] = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine_info["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "unset")

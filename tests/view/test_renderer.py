"""The renderer is tried in a child, so that its death is a sentence and not a crash."""

from __future__ import annotations

import subprocess
import sys

import pytest

from castsolve.errors import ViewError
from castsolve.results import Results
from castsolve.view import casting, cooling_curves, isosurface, probe, renderer, section


@pytest.fixture
def _forget() -> None:
    renderer._probe.cache_clear()
    yield  # type: ignore[misc]
    renderer._probe.cache_clear()


def test_probe_says_what_or_why() -> None:
    state = probe()
    assert bool(state) is state.ok
    assert ("made with vtk" in state.why) if state.ok else ("apt-get install" in state.why)
    assert probe() is state, "found out once"


@pytest.mark.usefixtures("_forget")
@pytest.mark.parametrize("child", ["import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "raise SystemExit(3)"])
def test_a_dying_child_is_one_sentence(monkeypatch: pytest.MonkeyPatch, result: Results, child: str) -> None:
    monkeypatch.setattr(renderer, "_CHILD", child)
    state = probe()
    assert not state.ok
    assert "signal 11" in state.why or "code 3" in state.why
    for make in (section, isosurface, casting, cooling_curves):
        with pytest.raises(ViewError, match=r"no picture can be made: VTK has no renderer here.*apt-get install"):
            make(result)


def test_a_broken_display_falls_back_or_is_refused() -> None:
    code = (
        "from castsolve.view import probe, RendererState\n"
        "state = probe()\n"
        "assert isinstance(state, RendererState) and state.why\n"
        "print('lived')"
    )
    environment = {"DISPLAY": ":987", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=200)
    assert done.stdout.strip() == "lived", done.stderr


def test_importing_view_loads_no_pyvista() -> None:
    code = "import sys, castsolve.view; print({'pyvista', 'vtkmodules', 'scipy', 'matplotlib', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

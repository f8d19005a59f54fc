"""Whether pictures can be made here, found out in a subprocess.

VTK ends the whole process where neither EGL nor OSMesa nor an X server can be loaded. So a child renders a few pixels
first; if it dies, the parent says why in one sentence and lives on.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import dataclass, field

from ..errors import ViewError

__all__ = ["RendererState", "has_screen", "probe", "require_renderer"]

_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"
_CHILD = """
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow, vtkRenderer
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(8, 8)
renderer = vtkRenderer()
renderer.SetBackground(1.0, 0.0, 0.0)
window.AddRenderer(renderer)
window.Render()
pixels = vtkUnsignedCharArray()
window.GetRGBACharPixelData(0, 0, 7, 7, 0, pixels)
print("pixel", pixels.GetValue(0), window.GetClassName())
"""
_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class RendererState:
    """Whether pictures can be made.

    Attributes
    ----------
    ok : bool
    why : str
        What renders, or why nothing does and what to do.
    window : str
        The VTK window class that worked, "" for VTK's own choice.
    """

    ok: bool
    why: str = field(kw_only=True)
    window: str = field(default="", kw_only=True)

    def __bool__(self) -> bool:
        return self.ok


def has_screen() -> bool:
    """Return whether a window could be opened for a person to look at."""
    if sys.platform.startswith(("win", "darwin")):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def probe() -> RendererState:
    """Return whether pictures can be made here, and with what; found out once a process and display."""
    return _probe(os.environ.get("DISPLAY", ""))


@functools.lru_cache(maxsize=4)
def _probe(display: str) -> RendererState:
    chosen = os.environ.get(_VARIABLE, "")
    if not sys.executable:
        return RendererState(False, why="the renderer cannot be tried because there is no Python to start")
    if chosen:
        windows = [chosen]
    elif sys.platform.startswith(("win", "darwin")):
        windows = [""]
    elif display:
        windows = ["", "vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"]
    else:
        windows = ["vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow"]
    reasons = []
    for window in windows:
        name, reason = _attempt(window)
        if name:
            return RendererState(True, why=f"off-screen pictures are made with {name}", window=window)
        reasons.append(reason)
    return RendererState(
        False,
        why=f"VTK has no renderer here ({reasons[-1]}); install one, for example with "
        "apt-get install libegl1 libgl1-mesa-dri or apt-get install libosmesa6, or run under xvfb-run",
    )


def _attempt(window: str) -> tuple[str, str]:
    """Return the class that rendered in a child, or "" and what went wrong."""
    environment = dict(os.environ)
    if window:
        environment[_VARIABLE] = window
    try:
        done = subprocess.run([sys.executable, "-c", _CHILD], env=environment, capture_output=True, text=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        return "", f"the trial did not end within {_TIMEOUT:.0f} s"
    except OSError as error:
        return "", f"the trial could not be started: {error}"
    words = done.stdout.split()
    if done.returncode == 0 and words[:2] == ["pixel", "255"]:
        return words[2], ""
    if done.returncode < 0:
        return "", f"the trial was ended by signal {-done.returncode}"
    if "No module named" in done.stderr:
        return "", done.stderr.strip().splitlines()[-1]
    return "", f"the trial ended with code {done.returncode}"


def require_renderer() -> None:
    """Set VTK up for what the trial found, or refuse.

    Raises
    ------
    ViewError
        If nothing renders here.
    """
    state = probe()
    if not state.ok:
        raise ViewError(f"no picture can be made: {state.why}")
    if state.window:
        os.environ.setdefault(_VARIABLE, state.window)

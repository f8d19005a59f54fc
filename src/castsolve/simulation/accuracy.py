"""How exact a run shall be: named choices of scheme, clock and limit on bend for freezing, and of the steps of a filling."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import InputError, unknown_name

__all__ = ["ACCURACIES", "FILL_ACCURACIES", "FlowSteps", "Steps", "flow_steps_for", "steps_for"]


@dataclass(frozen=True, slots=True)
class Steps:
    """What rules the steps of a run.

    Attributes
    ----------
    scheme : {"rkl2", "rkl1", "euler"}
        As in `HeatProblem.run`.
    theta : float
        Step over the time since the last event.
    bend : float
        Bend of a step above which the next one is shortened.
    """

    scheme: str = "rkl2"
    theta: float = 0.1
    bend: float = 0.15


# Errors of local solidification times: docs/theory/time-stepping.md.
ACCURACIES = {"usual": Steps(), "quick": Steps("rkl1", 0.1, 0.25)}


def steps_for(accuracy: str, scheme: str | None = None, theta: float | None = None) -> Steps:
    """Return what rules the steps of a run: those of an accuracy by name, "usual" also with a scheme and a theta of one's own.

    Raises
    ------
    InputError
        For an unknown name, and for a scheme or theta beside any other accuracy than "usual".
    """
    if accuracy not in ACCURACIES:
        raise InputError(unknown_name("accuracy", str(accuracy), ACCURACIES))
    steps = ACCURACIES[accuracy]
    own = {name: value for name, value in (("scheme", scheme), ("theta", theta)) if value is not None}
    if own and accuracy != "usual":
        raise InputError(f'accuracy = "{accuracy}" sets {" and ".join(own)} itself; give one or the other')
    return Steps(scheme or steps.scheme, steps.theta if theta is None else theta, steps.bend)


@dataclass(frozen=True, slots=True)
class FlowSteps:
    """What limits the steps of a filling.

    Attributes
    ----------
    near : float
        Voxels that metal near the surface may cross in a step. Up to half a voxel what moves into a voxel finds room, for from half
        full on its pressure sees to that; beyond it more is handed on to the neighbours.
    deep : float
        Voxels that metal far from any surface may cross in a step.
    flying : float
        Voxels that drops apart from the liquid may cross; where infinite they do not count, and fall by one voxel a step at most.
    surface : float
        Step over the time in which gravity crosses a voxel, where the metal near the surface does not get faster.
    """

    near: float = 0.5
    deep: float = 3.0
    flying: float = 0.95
    surface: float = 0.5


# Fill times and damping: docs/theory/filling.md.
FILL_ACCURACIES = {"usual": FlowSteps(), "quick": FlowSteps(near=0.7, deep=6.0, flying=math.inf)}


def flow_steps_for(accuracy: str) -> FlowSteps:
    """Return what limits the steps of a filling of an accuracy by name.

    Raises
    ------
    InputError
        For an unknown name.
    """
    if accuracy not in FILL_ACCURACIES:
        raise InputError(unknown_name("accuracy", str(accuracy), FILL_ACCURACIES))
    return FILL_ACCURACIES[accuracy]

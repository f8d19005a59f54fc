"""How exact the times of freezing of a run shall be: named choices of scheme, clock and limit on bend."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, unknown_name

__all__ = ["ACCURACIES", "Steps", "steps_for"]


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

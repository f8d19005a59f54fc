"""What is not yet solid at a moment: the feed paths that are still open, inside the translucent casting."""

from __future__ import annotations

import numpy as np

from ..errors import ViewError
from ..results import Results
from ..units import quantity
from .picture import Picture
from .solid import isosurface
from .style import printed_unit
from .words import heading

__all__ = ["unfrozen"]

# The moment shown where none is asked for: this share of the metal has still to pass.
_LEFT = 0.1


def unfrozen(
    result: Results,
    time: float | str | None = None,
    *,
    field: str | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
) -> Picture:
    """Return a picture of the metal that has not passed a fraction solid at a time.

    What hangs together can still be fed through itself; what stands apart from every riser is an isolated pool.

    Parameters
    ----------
    result : Results
    time : float or str, optional
        Since the pour, in s or as text ("4 min"). Default: when a tenth of the metal has still to pass.
    field : str, optional
        The times that tell: "critical_time" (of ``critical_fraction_solid=`` in `solidify`), "coherency_time",
        "macro_feeding_time", "feeding_time" or "solidification_time". Default: the first of critical, macro-feeding and
        solidification time that the result holds.
    title : str, optional
    size : tuple of int
        Pixels.

    Raises
    ------
    ViewError
        If nothing renders here, the field is no time, or all metal had passed at that time.
    """
    name = field or next(
        (n for n in ("critical_time", "macro_feeding_time", "solidification_time") if n in result), "solidification_time"
    )
    info = result.info(name)
    if info.unit != "s":
        raise ViewError(f'"{name}" is no time ({info.unit or "a pure number"}); use for example "solidification_time"')
    times = result[name][result.metal]
    if time is None:
        if not np.isfinite(times).any():
            raise ViewError(f'no metal has reached "{name}" in this run; let it run longer')
        moment = float(np.quantile(times[np.isfinite(times)], 1.0 - _LEFT))
    else:
        moment = quantity(time, "time", "time")
    display = result.display(name)

    def said(seconds: float) -> str:
        return f"{float(display.of(seconds)):.3g} {printed_unit(display.unit)}"

    share = result.facts.get("critical_fraction_solid") if name == "critical_time" else None
    passed = f'"{name}"' if share is None else f"fraction solid {share:.3g}"
    # Metal that had not passed when the run ended is unfrozen at any moment of it.
    never = not np.isfinite(times).all()
    first, last = (float(t) for t in (np.nanmin(times), np.nanmax(times))) if np.isfinite(times).any() else (moment, moment)
    if moment >= last and not never:
        raise ViewError(f"all metal has reached {passed} by {said(last)}; ask for an earlier time than {said(moment)}")
    told = title or heading(result, info, f"{'' if share is None else passed + ' '}not yet reached at {said(moment)}")
    held = np.where(result.metal & ~np.isfinite(result[name]), max(last, moment) * 1.001 + 1e-6, result[name])
    # Before the first of it has passed all metal is shown.
    shown = max(moment, first + 1e-6 * (float(np.nanmax(held[result.metal])) - first))
    return isosurface(result.with_field(name, held.astype(np.float32)), name, shown, side="above", title=told, size=size)

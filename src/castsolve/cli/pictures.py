"""The pictures that a run leaves: sections, the casting from outside, cooling curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..defects import Verdicts
from ..errors import ViewError
from ..results import Results

__all__ = ["draw_pictures", "require_pictures"]

_SECTIONS = ("solidification_time", "niyama", "temperature", "fill_time")


def require_pictures() -> None:
    """Refuse where nothing renders, with the reason."""
    from ..view import probe

    state = probe()
    if not state.ok:
        raise ViewError(f"no pictures can be drawn here: {state.why}")


def draw_pictures(
    result: Results, folder: Path, *, fields: Sequence[str] | None = None, judged: Verdicts | None = None
) -> list[Path]:
    """Draw sections of some fields, the casting from outside and through, and the cooling curves; return the files.

    Parameters
    ----------
    result : Results
        A finished run.
    folder : Path
        Made where missing.
    fields : sequence of str, optional
        Fields to draw; an unknown one is refused. Default: solidification time, Niyama, temperature, and after a filling the fill
        time.
    judged : Verdicts, optional
        Findings to mark.
    """
    from .. import view
    from ..defects import niyama

    if "thermal_gradient" in result and "cooling_rate" in result:
        result = result.with_field("niyama", niyama(result))
    wanted = list(fields) if fields else [name for name in _SECTIONS if name in result]
    files = [view.section(result, name, verdicts=judged).save(folder / f"section-{name}.png") for name in wanted]
    if not fields:
        files.append(view.casting(result, wanted[0]).save(folder / f"casting-{wanted[0]}.png"))
        suspect = view.suspects(result)
        if suspect or judged is not None:
            files.append(view.xray(result, suspect, verdicts=judged).save(folder / "x-ray.png"))
        if result.probes:
            files.append(view.cooling_curves(result).save(folder / "cooling-curves.png"))
    return files

"""The job card of a casting, as text and as facts for a result file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..units import mm, to_degC
from .gating_weight import GATING_ROLES
from .rigging import METAL

if TYPE_CHECKING:
    from .body import Body
    from .process import Casting

__all__ = ["casting_facts", "casting_summary"]


def casting_facts(casting: Casting) -> dict[str, Any]:
    """Return plain values that a result file can hold, in SI."""
    lo, hi = casting.flask
    return {
        "name": casting.name,
        "part": casting.part.name,
        "process": casting.process,
        "alloy": casting.alloy.name,
        "mould": casting.mould.name,
        "coating": casting.coating,
        "pour_temperature": casting.pour_temperature,
        "pour_time": casting.pour_time,
        "mould_temperature": casting.mould_temperature,
        "flask": [lo.tolist(), hi.tolist()],
        "symmetry": [plane.side for plane in casting.planes],
        "gravity": casting.gravity.tolist(),
        "more_parts": [part.name for part in casting.more_parts],
        "deep_sides": sorted(casting.deep_sides),
        "openings": [
            {"name": o.name, "role": o.role, "place": o.at.point.tolist(), "normal": o.at.normal.tolist(), "area": o.area}
            for o in casting.openings
        ],
        "stock": [
            {"part": part.name, "thickness": piece.thickness, "place": piece.at.point.tolist(), "normal": piece.at.normal.tolist()}
            for part in casting.parts
            for piece in part.stock
        ],
    }


def casting_summary(casting: Casting) -> str:
    """Return the job card: alloy, mould, masses, moduli, rigging, mould box, warnings."""
    alloy, lo, hi = casting.alloy, *casting.flask
    pour = to_degC(casting.pour_temperature)
    superheat = casting.pour_temperature - alloy.liquidus.value
    density = float(alloy.density_at(298.15))
    rows = [
        ("casting", f"{casting.name} ({casting.process})"),
        ("alloy", f"{alloy.name}, poured at {pour:.0f} degC, {superheat:.0f} K above the liquidus"),
        ("mould", f"{casting.mould.name} at {to_degC(casting.mould_temperature):.0f} degC{_coating(casting)}"),
        ("mould box", f"{' x '.join(f'{edge / mm:.4g}' for edge in hi - lo)} mm"),
    ]
    metal = [body for body in casting.bodies if body.role in METAL]
    rows += [(body.name, _metal_row(body, density)) for body in metal]
    rows += [(body.name, _insert_row(body, casting)) for body in casting.bodies if body not in metal]
    # The basin of a die that turns runs empty into the cavity.
    stays = [body for body in metal if body.role != "basin" or getattr(casting, "tilt", None) is None]
    total = sum(body.surface.volume for body in stays)
    if len(metal) > 1:
        share = sum(body.surface.volume for body in stays if body.role in ("part", "stock")) / total
        told = "" if any(body.role in GATING_ROLES for body in metal) else ", without gating"
        rows.append(("casting yield", f"about {100 * share:.0f} % of {total * density:.4g} kg poured{told}"))
    if casting.planes:
        cuts = ", ".join(f"{plane.letter} = {plane.coordinate / mm:.4g} mm" for plane in casting.planes)
        rows.append(("symmetry", f"1/{casting.symmetry_factor} of the casting, cut at {cuts}"))
    rows += [("warning", text) for text in casting.warnings]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)


def _coating(casting: Casting) -> str:
    return f", coating {casting.coating}" if casting.coating else ""


def _metal_row(body: Body, density: float) -> str:
    volume, area = body.surface.volume, body.surface.area
    return f"{volume * 1e6:.4g} cm3, {volume * density:.4g} kg, modulus {100 * volume / area:.3g} cm (whole surface)"


def _insert_row(body: Body, casting: Casting) -> str:
    material = "metal of the furnace" if body.role == "riser tube" else body.material_name
    if material is None:
        # A piece of a die may be of another steel than the die.
        material = casting.piece_region(body.name).material.name if body.role == "die" else casting.mould.name
    size = " x ".join(f"{edge / mm:.4g}" for edge in body.surface.size)
    return f"{material}, {size} mm"

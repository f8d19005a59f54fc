"""What pictures say: headings, and the places worth a mark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..results import FieldInfo, Place, Results

__all__ = ["SEPARATOR", "heading", "marked_places", "told_run"]


SEPARATOR = "   ·   "


def told_run(result: Results) -> list[str]:
    """Return the casting, the alloy and mould, and the voxel size, as far as they are recorded."""
    told = []
    casting, alloy = result.facts.get("casting"), result.facts.get("alloy")
    process: Mapping[str, object] = casting if isinstance(casting, Mapping) else {}
    if process.get("name"):
        told.append(str(process["name"]))
    if isinstance(alloy, Mapping) and alloy.get("name"):
        mould = process.get("mould")
        told.append(f"{alloy['name']} in {mould}" if isinstance(mould, str) else str(alloy["name"]))
    told.append(f"voxel {result.frame.voxel * 1e3:.3g} mm")
    return told


def heading(result: Results, info: FieldInfo, detail: str) -> str:
    """Return the two lines over a picture: what is shown, and of what run."""
    return f"{info.title[:1].upper()}{info.title[1:]}\n" + SEPARATOR.join([detail, *told_run(result)])


def marked_places(result: Results) -> tuple[tuple[str, Place], ...]:
    """Return the places that froze last: of all metal, and of the part where that is another one (it comes last)."""
    if "solidification_time" not in result or not np.isfinite(result["solidification_time"]).any():
        return ()
    last = result.peak("solidification_time")
    if "part" not in result.frame.body_roles or "body" not in result:
        return (("last to freeze", last),)
    part = result.where(role="part") & np.isfinite(result["solidification_time"])
    if not part.any():
        return (("last to freeze", last),)
    own = result.peak("solidification_time", where=part)
    if own.index == last.index:
        return (("last to freeze", last),)
    return (("last to freeze", last), ("last in the part", own))

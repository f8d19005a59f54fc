"""The demonstration casting: a flanged gate-valve body of cast steel, made by the script beside it.

300 mm over the pipe flanges, 200 mm across them, 80 mm bore, walls of 15 to 25 mm; hollow, 3537 cm3, which is 27.8 kg
in WCB. The valve axis is x, the bonnet looks up (z), the pipe axis lies in the parting plane z = 0. It is cast with
blank flanges (bolt holes are drilled later), with a feed pad behind the left flange, and with a lid over the bonnet
bore on which a riser stands; pad and lid are machined away.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["valve_body_path"]


def valve_body_path() -> Path:
    """Return the path of the valve body, an STL file in millimetres."""
    return Path(str(files(__name__).joinpath("valve-body.stl")))

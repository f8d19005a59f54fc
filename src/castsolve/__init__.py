"""castsolve simulates how a casting fills, freezes and cools, and tells where it will be defective.

>>> import castsolve as cs
>>> from castsolve.units import degC, mm
>>> block = cs.Part.box((40*mm, 40*mm, 80*mm))
>>> casting = cs.SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720))

then ``cs.solidify(casting, voxel=2*mm)`` and ``cs.verdicts(result)``. Names are loaded when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    # geometry
    "Part",
    "Anchor",
    # casting
    "SandCasting",
    "ShellMouldCasting",
    "InvestmentCasting",
    "CoolingChannel",
    "Thermostat",
    "Die",
    "DiePiece",
    "Platens",
    "MachineCycle",
    "Spray",
    "GravityDieCasting",
    "Tilt",
    "LowPressureCasting",
    "PressureDieCasting",
    "ShotSleeve",
    "Biscuit",
    "RiserTube",
    "Riser",
    "Neck",
    "Sleeve",
    "Breaker",
    "Topping",
    "Chill",
    "Basin",
    "Sprue",
    "Well",
    "Runner",
    "Gate",
    "GatingDesign",
    "Filter",
    "Vent",
    "Overflow",
    "Core",
    "Ambient",
    "PourRate",
    "PouringHead",
    "PressureCurve",
    "PlungerCurve",
    "TiltPour",
    "pattern_of",
    "read_case",
    # materials
    "Alloy",
    "MouldMaterial",
    "Interface",
    # simulation and results
    "fill",
    "simulate",
    "solidify",
    "run_cycles",
    "Results",
    "load",
    "compare",
    "verdicts",
    # rooms
    "casting",
    "defects",
    "feeding",
    "geometry",
    "materials",
    "results",
    "simulation",
    "study",
    "units",
    "view",
    # errors
    "CastsolveError",
    "InputError",
    "GeometryError",
    "MaterialError",
    "ResultsError",
    "SolveError",
    "BalanceError",
    "ViewError",
    "__version__",
]

# Where each name is; a name without a module of its own is a room.
_HOMES = {
    "Part": "geometry",
    "Anchor": "geometry",
    "SandCasting": "casting",
    "ShellMouldCasting": "casting",
    "InvestmentCasting": "casting",
    "CoolingChannel": "casting",
    "Biscuit": "casting",
    "Die": "casting",
    "DiePiece": "casting",
    "LowPressureCasting": "casting",
    "MachineCycle": "casting",
    "Platens": "casting",
    "PressureDieCasting": "casting",
    "RiserTube": "casting",
    "ShotSleeve": "casting",
    "Spray": "casting",
    "Thermostat": "casting",
    "Tilt": "casting",
    "GravityDieCasting": "casting",
    "Riser": "casting",
    "Neck": "casting",
    "Sleeve": "casting",
    "Chill": "casting",
    "Gate": "casting",
    "Core": "casting",
    "Breaker": "casting",
    "Topping": "casting",
    "Basin": "casting",
    "Sprue": "casting",
    "Well": "casting",
    "Runner": "casting",
    "GatingDesign": "casting",
    "Filter": "casting",
    "Vent": "casting",
    "Overflow": "casting",
    "PourRate": "casting",
    "PouringHead": "casting",
    "PressureCurve": "casting",
    "PlungerCurve": "casting",
    "TiltPour": "casting",
    "pattern_of": "casting",
    "Ambient": "casting",
    "read_case": "casting.case",
    "Alloy": "materials",
    "MouldMaterial": "materials",
    "Interface": "materials",
    "fill": "simulation",
    "simulate": "simulation",
    "solidify": "simulation",
    "run_cycles": "simulation",
    "Results": "results",
    "load": "results",
    "compare": "results",
    "verdicts": "defects",
    "CastsolveError": "errors",
    "InputError": "errors",
    "GeometryError": "errors",
    "MaterialError": "errors",
    "ResultsError": "errors",
    "SolveError": "errors",
    "BalanceError": "errors",
    "ViewError": "errors",
}
_ROOMS = (
    "analytic", "casting", "defects", "demo", "feeding", "geometry", "materials", "results", "simulation", "study", "units", "view",
)  # fmt: skip

if TYPE_CHECKING:
    from . import casting, defects, feeding, geometry, materials, results, simulation, study, units, view
    from .casting import (
        Ambient,
        Basin,
        Biscuit,
        Breaker,
        Chill,
        CoolingChannel,
        Core,
        Die,
        DiePiece,
        Filter,
        Gate,
        GatingDesign,
        GravityDieCasting,
        InvestmentCasting,
        LowPressureCasting,
        MachineCycle,
        Neck,
        Overflow,
        Platens,
        PlungerCurve,
        PouringHead,
        PourRate,
        PressureCurve,
        PressureDieCasting,
        Riser,
        RiserTube,
        Runner,
        SandCasting,
        ShellMouldCasting,
        ShotSleeve,
        Sleeve,
        Spray,
        Sprue,
        Thermostat,
        Tilt,
        TiltPour,
        Topping,
        Vent,
        Well,
        pattern_of,
    )
    from .casting.case import read_case
    from .defects import verdicts
    from .errors import (
        BalanceError,
        CastsolveError,
        GeometryError,
        InputError,
        MaterialError,
        ResultsError,
        SolveError,
        ViewError,
    )
    from .geometry import Anchor, Part
    from .materials import Alloy, Interface, MouldMaterial
    from .results import Results, compare, load
    from .simulation.cycles import run_cycles
    from .simulation.fill import fill
    from .simulation.simulate import simulate
    from .simulation.solidify import solidify


def __getattr__(name: str) -> Any:
    import importlib

    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _ROOMS:
        value = importlib.import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module 'castsolve' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

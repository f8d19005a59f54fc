"""What a shot takes in metal, energy and water: the sheet that a production planner asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import materials
from ..errors import InputError, ResultsError
from ..results import Display, Results
from ..simulation import CycleResults
from ..units import Number, quantity
from .figures import Property, Sheet, SheetLine, carried, heat_to, melting, of_run, of_user, usual_furnace

__all__ = ["Plant", "production_sheet"]

_KG, _MJ, _KWH = Display("kg"), Display("MJ", 1e-6), Display("kWh/kg", 1.0 / 3.6e6)
_PERCENT, _LITRE, _HOURLY = Display("%", 100.0), Display("litre", 1e3), Display("1/h", 3600.0)
_KG_HOUR, _SECOND, _PLAIN, _KILO = Display("kg/h", 3600.0), Display("s"), Display(""), Display("kJ", 1e-3)
# Chapters of the sheet in their order, by the start of their name.
_GROUPS = ("metal", "output", "energy", "for a kilogram", "heat", "water")


@dataclass(frozen=True, slots=True)
class Plant:
    """What the foundry around the machine is like.

    Parameters
    ----------
    furnace : str, optional
        In which the metal is melted: "gas-reverberatory", "stack", "gas-crucible", "electric-reverberatory" for aluminium,
        "induction", "cupola", "arc" for iron and steel. Default: the usual one of the family.
    holding_power : power, optional
        Mean power that the holding or dosing furnace of this machine takes, also while it stands.
    machine_power : power, optional
        Mean power of the machine's drives, pumps and robots while it runs.
    availability : float
        Share of the time that the machine makes castings, 0 to 1.
    scrap : float
        Share of the castings that is rejected and melted again, 0 to below 1.
    shift : time
        Length of a shift. Default: 8 h.
    """

    furnace: str | None = None
    holding_power: Number | None = field(default=None, kw_only=True)
    machine_power: Number | None = field(default=None, kw_only=True)
    availability: float = field(default=1.0, kw_only=True)
    scrap: float = field(default=0.0, kw_only=True)
    shift: Number = field(default=28800.0, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("holding_power", "machine_power"):
            if (given := getattr(self, name)) is not None:
                watts = quantity(given, "power", name)
                if watts < 0.0:
                    raise InputError(f"{name} = {watts:g} W must not be below 0 W")
                object.__setattr__(self, name, watts)
        object.__setattr__(self, "shift", quantity(self.shift, "time", "shift"))
        if not 0.0 < self.availability <= 1.0 or not 0.0 <= self.scrap < 1.0:
            raise InputError(
                f"availability = {self.availability:g} must lie in (0, 1] and scrap = {self.scrap:g} in [0, 1); write 0.05 for 5 %"
            )
        if not self.shift > 0.0:  # type: ignore[operator]
            raise InputError(f"shift = {self.shift:g} s must be above 0 s")


class _Lines:
    """Collects the lines of a sheet."""

    def __init__(self) -> None:
        self.lines: list[SheetLine] = []

    def add(self, group: str, name: str, figure: Property, display: Display, *, factor: bool = False) -> Property:
        self.lines.append(SheetLine(name, figure=figure, display=display, group=group, factor=factor))
        return figure


def production_sheet(run: CycleResults | Results, plant: Plant | None = None, *, cycle_time: Number | None = None) -> Sheet:
    """Return metal, output, energy and water of a shot (or of a mould) and of a kilogram of good casting.

    Parameters
    ----------
    run : CycleResults or Results
        A cycled die, or one solidified casting.
    plant : Plant, optional
        Default: the usual furnace, always available, no scrap; powers that are not given are not counted.
    cycle_time : time, optional
        Seconds from casting to casting, for a `Results` (see `line_schedule`). A cycle knows its own.

    Returns
    -------
    Sheet
        Each figure with its range, its sources and their evidence. Melting: poured mass times the heat of the alloy from 25 degC
        to the pour, over the efficiency of the furnace, the loss melted too.

    Raises
    ------
    ResultsError
        If the run kept no masses.
    """
    plant = Plant() if plant is None else plant
    cycle = run if isinstance(run, CycleResults) else None
    result = run.result if isinstance(run, CycleResults) else run
    seconds = cycle.cycle_time if cycle is not None else None if cycle_time is None else quantity(cycle_time, "time", "cycle_time")
    lines = _Lines()
    notes: list[str] = []
    good, _poured, melted = _metal(lines, result, plant)
    energy = [_melting(lines, result, plant, melted)]
    if seconds is not None:
        _output(lines, plant, seconds, good, melted)
        energy += _machine(lines, notes, plant, of_run(seconds, "s"))
    else:
        notes.append("output, holding and drives: give cycle_time")
    if cycle is not None:
        energy += _die(lines, cycle)
        _water(lines, cycle)
    total = lines.add("energy of a shot", "all that is counted", carried(lambda *e: sum(e), "J", *energy), _MJ)
    per_kg = carried(lambda e, m: e / m, "J/kg", total, good)
    lines.add("for a kilogram of good casting", "energy", per_kg, _KWH)
    lines.add("for a kilogram of good casting", "metal melted", carried(lambda m, g: m / g, "1", melted, good), Display("kg/kg"))
    name = result.facts.get("casting", {}).get("name", "casting")
    ordered = sorted(lines.lines, key=lambda line: next(n for n, g in enumerate(_GROUPS) if line.group.startswith(g)))
    cited = _alloy(result).references
    return Sheet(f"production sheet of {name}", lines=tuple(ordered), notes=tuple(notes), cited=cited)


def _metal(lines: _Lines, result: Results, plant: Plant) -> tuple[Property, Property, Property]:
    """Add the metal of a shot; return the mass of good castings, of the metal poured and of that melted (kg)."""
    masses = result.facts.get("masses")
    if not isinstance(masses, Mapping) or "poured" not in masses:
        raise ResultsError("this result kept no masses, so nothing can be said of its metal; solve the casting again")
    group, scrap = "metal of a shot", of_user(plant.scrap, "1")
    poured = lines.add(group, "poured", of_run(float(masses["poured"]), "kg"), _KG)
    castings = of_run(float(masses["poured"]) * float(masses["casting_yield"]), "kg")
    lines.add(group, "castings", castings, _KG)
    good = lines.add(group, "good castings", carried(lambda m, s: m * (1.0 - s), "kg", castings, scrap), _KG)
    lines.add(group, "casting yield", of_run(float(masses["casting_yield"]), "1"), _PERCENT)
    furnace = _furnace(result, plant)
    _, loss = melting(furnace, _family(result))
    lines.add(group, f"melt loss, {furnace}", loss, _PERCENT, factor=True)
    melted = lines.add(group, "melted", carried(lambda m, x: m / (1.0 - x), "kg", poured, loss), _KG)
    lines.add(group, "remelted", carried(lambda p, g: p - g, "kg", poured, good), _KG)
    lines.add(group, "lost as dross", carried(lambda m, x: m * x / (1.0 - x), "kg", poured, loss), _KG)
    lines.add(group, "new metal", carried(lambda m, x, g: m * x / (1.0 - x) + g, "kg", poured, loss, good), _KG)
    return good, poured, melted


def _melting(lines: _Lines, result: Results, plant: Plant, melted: Property) -> Property:
    furnace = _furnace(result, plant)
    efficiency, _ = melting(furnace, _family(result))
    alloy = _alloy(result)
    pour = float(result.facts["casting"]["pour_temperature"])
    heat = heat_to(alloy, pour)
    lines.add("energy of a shot", "heat of the alloy from 25 degC", heat, Display("kJ/kg", 1e-3), factor=True)
    lines.add("energy of a shot", f"efficiency, {furnace}", efficiency, _PERCENT, factor=True)
    found = carried(lambda m, h, e: m * h / e, "J", melted, heat, efficiency)
    return lines.add("energy of a shot", "melting", found, _MJ)


def _machine(lines: _Lines, notes: list[str], plant: Plant, seconds: Property) -> list[Property]:
    """Add holding and drives; what is not given is not counted."""
    found, share = [], of_user(plant.availability, "1")
    if plant.holding_power is None:
        notes.append("holding: give holding_power")
    else:
        power = of_user(float(plant.holding_power), "W")  # type: ignore[arg-type]
        found.append(lines.add("energy of a shot", "holding", carried(lambda p, t, a: p * t / a, "J", power, seconds, share), _MJ))
    if plant.machine_power is None:
        notes.append("drives: give machine_power")
    else:
        power = of_user(float(plant.machine_power), "W")  # type: ignore[arg-type]
        found.append(lines.add("energy of a shot", "drives", carried(lambda p, t: p * t, "J", power, seconds), _MJ))
    return found


def _output(lines: _Lines, plant: Plant, seconds: float, good: Property, melted: Property) -> None:
    group = f"output at {plant.availability * 100:g} % availability"
    time, share = of_run(seconds, "s"), of_user(plant.availability, "1")
    scrap, shift = of_user(plant.scrap, "1"), of_user(float(plant.shift), "s")  # type: ignore[arg-type]
    lines.add(group, "cycle time", time, _SECOND)
    lines.add(group, "shots an hour", carried(lambda t, a: a / t, "1/s", time, share), _HOURLY)
    lines.add(group, "shots a shift", carried(lambda t, a, s: a * s / t, "1", time, share, shift), _PLAIN)
    without = carried(lambda t, a, s, x: a * s / t * (1.0 - x), "1", time, share, shift, scrap)
    lines.add(group, "good shots a shift", without, _PLAIN)
    lines.add(group, "good castings", carried(lambda g, t, a: g * a / t, "kg/s", good, time, share), _KG_HOUR)
    lines.add(group, "melt needed", carried(lambda m, t, a: m * a / t, "kg/s", melted, time, share), _KG_HOUR)


def _die(lines: _Lines, cycle: CycleResults) -> list[Property]:
    """Add what the die is given by heating channels; the heat that it is rid of costs nothing but water."""
    given = [-c.power * cycle.cycle_time for c in cycle.channels if c.power < 0.0]
    for taker, heat in cycle.heat.items():
        if taker not in ("metal", "die"):
            lines.add("heat of a shot out of the die", taker, of_run(heat, "J"), _KILO)
    return [lines.add("energy of a shot", "heating of the die", of_run(sum(given), "J"), _MJ)] if given else []


def _water(lines: _Lines, cycle: CycleResults) -> None:
    kept: Mapping[str, Any] = cycle.result.facts["cycle"]
    for row in kept["channels"]:
        through = of_run(float(row["flow"]) * float(row["open_time"]), "m3")
        lines.add("water and oil of a shot", f"through {row['name']} ({row['medium']})", through, _LITRE)
    if kept["spray"] is not None:
        s = kept["spray"]
        lines.add("water and oil of a shot", "sprayed on the cavity", of_run(s["flux"] * s["area"] * s["duration"], "kg"), _KG)


def _alloy(result: Results) -> materials.Alloy:
    return materials.alloy(str(result.facts["alloy"]["name"]))


def _family(result: Results) -> str:
    return str(result.facts["alloy"]["family"])


def _furnace(result: Results, plant: Plant) -> str:
    return usual_furnace(_family(result)) if plant.furnace is None else plant.furnace

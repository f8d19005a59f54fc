"""The heat problem of every stage of a machine's cycle, on one grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import ChannelLeg, DieCasting, Inlet, Layout, MachineCycle
from ..errors import InputError
from ..geometry import Grid
from ..materials import Interface, reservoir
from .absent import Absent, empty_basins
from .boundary import Contact, Faces, Side
from .cycle_channels import Line
from .cycle_fill import FlowFill
from .cycling import CycleStage
from .exposed import Exposed
from .freezing import freezing_levels
from .fronts import front_masks
from .heat_problem import HeatProblem
from .parting import PartingFaces
from .solidify import ejection_of, faces_of
from .valve import Valve, Valved
from .watch import Level, Watch

__all__ = ["StageMaker"]

# An empty bore, pieces of an open die, and a coefficient that no flow of heat notices (W/m2/K).
_APART = 1e-3
# Regions that keep their temperature; families of cores that leave with the casting and are made anew.
_KEPT = ("channel", "surroundings", "riser tube")
_LOST = ("sand", "shell")

Contacts = Mapping[tuple[int, int], Contact | float]


class StageMaker:
    """Makes the stages of a machine's cycle.

    Parameters
    ----------
    casting : DieCasting
    layout : Layout
        With the legs of the channels.
    grid : Grid
    legs : mapping of int to ChannelLeg
        By region.
    lines : sequence of Line
    machine : MachineCycle
    dtype, threads
        As in `HeatProblem`.
    flow : bool
        Whether the cavity is filled by the flow solver.
    inlet : Inlet or sequence of Inlet, optional
        Of that filling.
    """

    def __init__(
        self, casting: DieCasting, layout: Layout, grid: Grid, legs: Mapping[int, ChannelLeg], lines: Sequence[Line],
        machine: MachineCycle, dtype: str, threads: int | None, flow: bool = False, inlet: Inlet | Sequence[Inlet] | None = None,
    ) -> None:  # fmt: skip
        self.flow, self.inlet, self.lines, self.threads = flow, inlet, lines, threads
        self.casting, self.layout, self.grid, self.legs, self.machine = casting, layout, grid, legs, machine
        self.valves = {r: line.valve for line in lines for r in line.regions if line.valve is not None}
        self.options: dict[str, Any] = {"dtype": dtype, "threads": threads, "turn": True}
        self.curves = [r.material.heat for r in layout.regions]
        self.lost = [n for n, r in enumerate(layout.regions) if r.role == "core" and r.material.family in _LOST]
        self.steel = [n for n, r in enumerate(layout.regions) if n and r.role not in _KEPT and n not in self.lost]
        self.base = faces_of(layout, grid)
        self.group = self._groups()
        self.parting = self._parting()
        # A filling by flow tells what stays in a basin; without, all of it runs out.
        basins = None if flow else empty_basins(casting, grid)
        self.absent = None if basins is None else Absent(basins, layout.ambient.temperature)
        self._films: dict[tuple[int, int], Exposed] = {}
        self._empty: dict[Any, HeatProblem] = {}

    def all(self) -> list[CycleStage]:
        """Return the stages in their order."""
        m, air = self.machine, self.layout.ambient.temperature
        filling = [] if self.flow else self._filling()
        closed = self._closed(full=not filling and not self.flow)
        stages = [*filling, closed]
        if self.flow:
            stages = [self._flowing(closed.problem), closed]
        if m.open:
            stages.append(self._opening(float(m.open)))  # type: ignore[arg-type]
        stages.append(self._open("eject", m.eject, air, m.air_htc))
        if m.spray is not None:
            stages.append(self._open("spray", m.spray.duration, m.spray.temperature, None))
        if m.blow:
            stages.append(self._open("blow", m.blow, air, m.blow_htc))
        stages.append(self._open("close", m.close, air, m.air_htc))
        shut = [("dose", m.dose), ("wait", m.wait)]
        stages += [self._open(name, time, air, m.air_htc, apart=False) for name, time in shut if time]
        # New cores are laid in before the metal comes.
        cores = {n: self.layout.regions[n].initial_temperature for n in self.lost}
        return [replace(stages[0], set_to={**stages[0].set_to, **cores}), *stages[1:]]

    # -- contacts -------------------------------------------------------------------------------------------------

    def _faces(self, stage: str, contacts: Contacts) -> Faces:
        """Return the die's sides with contacts; the coefficient of a bore is known by the temperature of its wall."""
        made: dict[tuple[int, int], Contact | float] = {**self.base.contacts, **contacts}
        for pair in made:
            number = next((n for n in pair if n in self.legs), None)
            if number is not None and max(pair) < len(self.curves):
                other = pair[1] if pair[0] == number else pair[0]
                film = self._film(number, other) if self.legs[number].channel.flows_in(stage) else None
                made[pair] = Contact(_APART) if film is None else Contact(film, of_second=pair[1] == other)
        return replace(self.base, contacts=made)

    def _film(self, number: int, other: int) -> Exposed | Valved:
        """Return the film between a leg and what is around it, by the temperature of the wall."""
        if (number, other) not in self._films:
            interface = self.layout.contacts[min(number, other), max(number, other)]
            inlet = self.legs[number].channel.inlet_temperature
            self._films[number, other] = Exposed.of(interface, self.grid, other, number, self.curves[other], inlet)
        film, valve = self._films[number, other], self.valves.get(number)
        return film if valve is None else Valved(film, valve)

    def _in_stage(self, stage: str) -> list[Valve]:
        found = {id(v): v for v in self.valves.values() if v.channel.flows_in(stage)}
        return list(found.values())

    def _set_to(self, **regions: float) -> dict[int, float]:
        """Return the temperatures that a stage starts with: of the cavity, and of the medium in the bores."""
        kept = {n: leg.channel.inlet_temperature for n, leg in self.legs.items()}
        return {**kept, **{int(name.removeprefix("region_")): T for name, T in regions.items()}}

    def _apart(self) -> dict[tuple[int, int], Contact | float]:
        """Halves and slides of the open die do not touch each other, nor a core, nor the furnace; inserts stay in their half."""
        own = [n for n, r in enumerate(self.layout.regions) if n and r.role not in ("channel", "surroundings")]
        return {(a, b): _APART for n, a in enumerate(own) for b in own[n + 1 :] if self.group[a] != self.group[b]}

    def _groups(self) -> list[int]:
        """Return which regions move together when the die opens: -1 and -2 are its halves with their inserts."""
        groups = list(range(len(self.layout.regions)))
        for n in self.steel:
            name = self.layout.regions[n].name
            if self.casting.stays_with_casting(name):
                groups[n] = -1
            elif not self.casting.is_slide(name):
                groups[n] = -2
        return groups

    def _parting(self) -> PartingFaces:
        """Return the faces that the open die shows to the air around it."""
        air, group = self.layout.ambient, np.array([*self.group, 10**6])
        steel = np.array(self.steel)

        def apart(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
            return np.isin(a, steel) & np.isin(b, steel) & (group[a] != group[b])

        side = Side.convective(air.htc, air.temperature, emissivity=air.emissivity)
        return PartingFaces(self.grid, apart, steel=self.steel, curves=self.curves, air=side)

    def _cavity(self, contact: Contact | float, cavity: int = 0) -> dict[tuple[int, int], Contact | float]:
        """What is in the empty cavity touches every wall alike."""
        others = [n for n in range(1, len(self.curves)) if n not in self.legs]
        return {(min(cavity, n), max(cavity, n)): contact if n in self.steel else _APART for n in others}

    # -- stages with metal ----------------------------------------------------------------------------------------

    def _filling(self) -> list[CycleStage]:
        """Return the steps of a front that moves through the cavity; none for a cavity that is full at once."""
        steps = self.machine.fill_steps
        if not self.casting.fill_times([1.0] * steps, self.machine.fill):  # type: ignore[arg-type]
            return []
        masks = front_masks(self.casting, self.grid, steps, None if self.absent is None else self.absent.where)
        times = self.casting.fill_times([self._highest(m) for m in masks], self.machine.fill)  # type: ignore[arg-type]
        air, cavity = self.layout.ambient.temperature, len(self.curves)
        stages, begun, before = [], 0.0, np.zeros(self.grid.shape, bool)
        for number, (mask, end) in enumerate(zip(masks, times, strict=True), start=1):
            name, partly = f"fill {number}", number < len(masks)
            if partly and not (mask & ~before).any():
                continue
            grid, curves, walls = self.grid, self.curves, {}
            if partly:
                region = self.grid.region.copy()
                region[(region == 0) & ~mask] = cavity
                grid, curves = replace(self.grid, region=region), [*self.curves, reservoir()]
                walls = {**self._cavity(self.machine.air_htc, cavity), **{(n, cavity): _APART for n in (0, *self.legs)}}
            problem = HeatProblem(grid, curves, self._faces(name, walls), **self.options)
            set_to = self._set_to(**({f"region_{cavity}": air} if partly else {}))
            stages.append(
                CycleStage(
                    name, problem=problem, duration=end - begun, set_to=set_to, valves=self._in_stage(name),
                    arriving=((mask & ~before), self.layout.pour_temperature), absent=None if partly else self.absent,
                )
            )  # fmt: skip
            begun, before = end, mask
        return stages

    def _flowing(self, closed: HeatProblem) -> CycleStage:
        """The flow solver fills the closed die."""
        faces = self._faces("fill", {})
        pour = FlowFill(
            self.casting, self.layout, self.grid, faces, inlet=self.inlet, lines=self.lines, threads=self.threads
        )  # fmt: skip
        return CycleStage("fill", problem=closed, duration=None, set_to=self._set_to(), pour=pour)

    def _highest(self, mask: NDArray[np.bool_]) -> float:
        """Height of the highest metal against gravity (m)."""
        up = -self.layout.gravity / np.linalg.norm(self.layout.gravity)
        places = np.nonzero(mask)
        return float(sum(up[a] * self.grid.centres(a)[places[a]] for a in range(3)).max(initial=-np.inf))

    def _closed(self, *, full: bool) -> CycleStage:
        """The full, closed die; metal that was not there before arrives at its start."""
        alloy, dwell = self.layout.alloy, self.machine.dwell
        levels = list(freezing_levels(alloy))
        given = self.machine.ejection_temperature
        levels.append(Level("stop", temperature=ejection_of(alloy, None if given is None else float(given))))  # type: ignore[arg-type]
        problem = HeatProblem(
            self.grid, self.curves, self._faces("dwell", {}), watch=Watch(0, tuple(levels)), events=self.layout.events,
            **self.options,
        )  # fmt: skip
        duration = None if dwell == "ejectable" else float(dwell)  # type: ignore[arg-type]
        poured = {"region_0": self.layout.pour_temperature} if full else {}
        return CycleStage(
            "dwell", problem=problem, duration=duration, set_to=self._set_to(**poured), valves=self._in_stage("dwell"),
            absent=self.absent,
        )

    def _opening(self, duration: float) -> CycleStage:
        """The die is open and the casting still lies in the moving half."""
        regions = self.layout.regions
        leaves = [n for n in self.steel if not self.casting.stays_with_casting(regions[n].name)]
        if self.casting.die is None or len(leaves) == len(self.steel):
            raise InputError(
                f"open = {duration:g} s needs a die with halves, to know where the casting stays; give die=Die(...), or leave "
                "open out"
            )
        walls = {**self._apart(), **{(0, n): float(self.machine.air_htc) for n in leaves}}
        loses = self.parting or None
        problem = HeatProblem(self.grid, self.curves, self._faces("open", walls), loses, **self.options)
        return CycleStage(
            "open", problem=problem, duration=duration, set_to=self._set_to(), valves=self._in_stage("open"), parting=loses,
            absent=self.absent,
        )

    # -- stages without -------------------------------------------------------------------------------------------

    def _open(self, name: str, duration: Any, temperature: Any, htc: float | None, *, apart: bool = True) -> CycleStage:
        """A stage with an empty cavity; without a coefficient it is the spray, known by the temperature of the die."""
        medium = float(temperature)
        if not math.isfinite(medium):
            raise InputError(f"the air or spray of the stage {name} needs a temperature")
        flowing = tuple(n for n, leg in self.legs.items() if leg.channel.flows_in(name))
        loses = (self.parting or None) if apart else None
        key = (htc, apart, flowing)
        if key not in self._empty:
            walls = {**(self._apart() if apart else {}), **self._cavity(_APART if htc is None else htc)}
            if htc is None:
                assert self.machine.spray is not None
                wet = Interface("spray", "die", htc=self.machine.spray.coefficient_rows(), over="temperature")
                walls |= {
                    (0, n): Contact(Exposed.of(wet, self.grid, n, 0, self.curves[n], medium), of_second=True) for n in self.steel
                }
            curves = [reservoir(), *self.curves[1:]]
            self._empty[key] = HeatProblem(self.grid, curves, self._faces(name, walls), loses, **self.options)
        return CycleStage(
            name, problem=self._empty[key], duration=float(duration), set_to=self._set_to(region_0=medium), holds_metal=False,
            valves=self._in_stage(name), parting=loses,
        )  # fmt: skip

"""Write docs/validation/filling.md: ``python docs/validation/make_fill_page.py`` (about a quarter of an hour).

The cases are those of the tests in `tests/flow`, run once more; what stands on the page is what they gave then.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "flow"))

import flow_cases as flow  # noqa: E402
import heat_cases as heat  # noqa: E402
from test_broken import altered, clipped_volume, leaking_donor, momentum_from_the_wall  # noqa: E402
from test_exact import FINE_PIPES, PIPES, SLOTS, missed  # noqa: E402

from castsolve.errors import BalanceError  # noqa: E402
from castsolve.simulation.flow_air import Air  # noqa: E402

HEAD = """# Validation of the filling

Made by `make_fill_page.py` from the cases of the tests in `tests/flow`, which `pytest` and `pytest -m slow` judge by the same
gates; a gate that is missed here is marked there, with its reason in [Filling](../theory/filling.md). "Best known" is what the best
codes reach in the case, where that is published: in dam breaks (Martin and Moyce 1952, Kleefsman et al. 2005) the codes that print
such runs, for the lid the spectral solution, in advection the scheme that is named (gathered by Xie and Xiao for THINC/QQ). Real
parts take longer; they are in [Filling](../theory/filling.md#what-was-measured).

"""


@dataclass(frozen=True)
class Row:
    """An error, its gate and the best that is known; a share of the exact figure where `relative`."""

    quantity: str
    error: float
    gate: float
    best: str = ""
    relative: bool = True

    def line(self) -> str:
        """Return the row of the table."""

        def shown(value: float, sign: str = "") -> str:
            return f"{100 * value:{sign}.2g} %" if self.relative else f"{value:.2g}"

        verdict = "passes" if abs(self.error) <= self.gate else "**missed**"
        return f"| {self.quantity} | {shown(self.error, '+')} | {shown(self.gate)} | {self.best} | {verdict} |"


def size(quantity: str, value: float, gate: float, best: str = "") -> Row:
    """A row of something that should be none."""
    return Row(quantity, float(value), gate, best, relative=False)


def ratios(quantity: str, found: Iterable[float], exact: Iterable[float], gate: float, best: str = "") -> list[Row]:
    """A row for each of some figures; `quantity` holds a place {} for their number when there are several."""
    pairs = list(zip(found, exact, strict=True))
    return [Row(quantity.format(i + 1), float(f) / float(e) - 1.0, gate, best) for i, (f, e) in enumerate(pairs)]


def worst(rows: Sequence[Row], quantity: str) -> Row:
    """Of several rows the one with the largest error."""
    most = max(rows, key=lambda row: abs(row.error))
    return Row(quantity, most.error, most.gate, most.best, most.relative)


def rest() -> list[Row]:
    root = math.sqrt(flow.G)
    aligned = max(flow.rest(math.radians(a)).history["speed"][1:].max() for a in (0, 10, 17, 30, 45, 90))
    askew = max(flow.rotated_rest(a).history["speed"][1:].max() for a in (0, 10, 17, 30, 45)) / root
    places = [(17, 40, 0.3), (30, 16, 0.52), (30, 16, 0.615), (12, 16, 0.377), (45, 16, 0.52), (10, 40, 0.3)]
    speeds = [flow.rotated_rest(a, n=n, level=level, until=0.6).history["speed"][1:] for a, n, level in places]
    return [
        size("box along the grid, gravity at 0 to 90 degrees: largest speed (m/s)", aligned, 1e-9, "1e-12"),
        size("box askew, 0 to 45 degrees: largest speed over √(gL)", askew, 1e-8),
        size("box askew, columns that end early, surfaces through centres of voxels (6)", max(map(max, speeds)) / root, 5e-3),
    ]


def slosh(n: int) -> list[Row]:
    _, ratio, factor = flow.sloshing(n)
    return [Row("period", ratio - 1.0, 2e-3), Row("amplitude a period", factor - 1.0, 2e-3)]


def slides(runs: Iterable[tuple[object, float, float]]) -> list[Row]:
    rows = [(Row("", way - 1.0, 0.03), Row("", speed - 1.0, 0.03)) for _, way, speed in runs]
    return [worst([r[0] for r in rows], "way, worst"), worst([r[1] for r in rows], "speed, worst")]


def pipe_head() -> list[Row]:
    _, front = flow.pipe_from_head()
    rows = ratios("front at 0.{} s", front, [0.225275, 0.464183], 0.02, "0.5 to 1 %")
    _, dry = flow.pipe_from_head(slug=0.0)
    return rows + ratios("from an empty pipe: speed", [dry[1] - dry[0]], [0.1 * math.sqrt(2 * flow.G * 0.3)], 0.02)


def martin_moyce(n: int) -> list[Row]:
    front, height, shift = flow.martin_moyce(flow.dam_break(n), n)
    return [
        Row(f"front, root mean square (shifted by {shift * 1e3:.0f} ms)", front, 0.08, "5 %"),
        Row("height, root mean square", height, 0.05, "3 %"),
    ]


def kleefsman(fine: int) -> list[Row]:
    run, (time, second, fourth, *pressures) = flow.kleefsman(fine)
    at, measured_second, measured_fourth = np.array(flow.KLEEFSMAN).T
    apart = [
        np.abs(np.interp(at, time, found) - measured).mean() / 0.55
        for found, measured in ((second, measured_second), (fourth, measured_fourth))
    ]
    arrival = np.interp(0.03, second, time) / np.interp(0.03, measured_second, at)
    late = (time > 0.39) & (time < 0.5)
    peaks = [p[late].max() / peak for p, (_, peak) in zip(pressures, flow.KLEEFSMAN_PEAKS, strict=True)]
    return [
        Row("height H2, mean, of the depth", apart[0], 0.05, "3 %"), Row("height H4, mean, of the depth", apart[1], 0.05, "3 %"),
        Row("arrival at H2", arrival - 1.0, 0.05, "2 %"),
        *(Row(f"peak of P{i + 1}", peak - 1.0, 0.25, "15 %") for i, peak in enumerate(peaks)),
        size("metal ledger", run.ledger.worst, 1e-12),
    ]  # fmt: skip


def lid(n: int, reynolds: float, gate: float, **options: float) -> list[Row]:
    _, z, u = flow.lid(n, reynolds=reynolds, **options)
    table = flow.GHIA if reynolds == 100.0 else flow.GHIA_1000
    return [Row("largest error of the speed on the middle line, of the lid's", missed(table, z, u), gate, "0.1 %")]


def moved(run: tuple[np.ndarray, np.ndarray, float], scale: float, gate: float, best: str) -> list[Row]:
    start, end, _ = run
    return [
        size("Σ abs(f - f₀)", np.abs(end - start).sum() * scale, gate, best),
        size("volume", abs(end.sum() / start.sum() - 1.0), 1e-12, "1e-15"),
    ]


def spring() -> list[Row]:
    rows = []
    for stiffness in (0.2, 0.5, 1.0, 2.0, 5.0, 50.0):
        _, determinant = flow.gas_spring(stiffness)
        rows += ratios("", [math.sqrt(determinant)], [1.0 / math.sqrt(1.0 + stiffness**2)], 2e-3)
    return [worst(rows, "damping a step, ω dt from 0.2 to 50, worst")]


def pockets() -> list[Row]:
    rows = []
    for name, exponent in (("isothermal", 1.0), ("adiabatic", 1.4)):
        run, level, exact = flow.pressed(Air(exponent=exponent, atmosphere=2e4))
        rows += ratios(f"{name}: level", [level], [exact], 2e-4)
        rows.append(size(f"{name}: ledger of the air", abs(run.air.held / run.air.start - 1.0), 1e-13))
    run, volume, exact = flow.dead_end()
    rows += ratios("dead end in three dimensions: volume of its air", [volume], [exact], 0.01)
    return [*rows, size("the same: ledger of the air", run.air.defect, 1e-11)]


def plate_above() -> list[Row]:
    _, times, exact = flow.plate("top", levels=(0.01, 0.04))
    return ratios("time between two levels, until the splash is back", [times[1] - times[0]], [exact[1] - exact[0]], 0.02, "1 %")


def plate_below(air: bool) -> list[Row]:
    if not air:
        _, times, exact = flow.plate("bottom")
        return ratios("level {}, against the formula", times, exact, 0.02, "1 % (three dimensions, round mouth)")
    _, times, exact = flow.plate("bottom", levels=(0.05, 0.10, 0.15), tall=0.4, air=True)
    return ratios("level {}, against interFoam on the same voxels", times / exact, [0.98, 0.94, 1.02], 0.02)


def torricelli() -> list[Row]:
    _, times, exact = flow.torricelli()
    return ratios("time to level {} of 3/4, 1/2", times, exact, 0.02, "0.5 to 1 %")


def u_tube() -> list[Row]:
    _, period, exact = flow.u_tube()
    return ratios("period", [period], [exact], 5e-3, "0.1 %")


def openings() -> list[Row]:
    slots = [Row("", flow.mouth(n, share, off)[1] - 1.0, 0.05) for n, share in SLOTS for off in (0.0, 0.3, 0.6, 0.9)]
    slivers, holes = [], []
    for share in (0.01, 0.03):
        slivers += ratios("", *flow.crevices(share)[1:], 0.05)
    for share in (1e-7, 1e-4):
        holes += ratios("", *flow.pinholes(share)[1:], 0.01)
    return [
        worst(slots, "slots of 1 to 2.6 voxels, sharp edges anywhere (40): flow, against von Mises, Borda, Carnot"),
        worst(slivers, "slivers of 0.01 and 0.03 of a voxel behind whole ones: speed"),
        worst(holes, "holes of 1e-7 and 1e-4 of a face: speed"),
    ]


def drops() -> list[Row]:
    run, pressure, capillary_number = flow.static_drop(40, until=0.5)
    _, ratio = flow.swinging_drop(40)
    full = 2 * 0.07 / (1000 * 9.81 * 0.004)
    rises = []
    for angle in (45, 60, 90, 120, 135):
        _, rise, exact = flow.capillary(angle)
        rises.append(Row("", (rise - exact) / full, 0.01))
    return [
        *ratios("drop at rest: Laplace's pressure", [pressure], [1.0], 0.01),
        size("the same: capillary number", capillary_number, 1e-3),
        *ratios("oval drop: Rayleigh's period", [ratio], [1.0], 0.05),
        worst(rises, "liquid between plates, 45 to 135 degrees: Jurin's rise, worst"),
        size("ledger", run.ledger.worst, 1e-12),
    ]


def cooling() -> list[Row]:
    rows = []
    for voxels, gate in ((1, 0.25), (2, 0.13)):
        found, run = heat.plug_flow(voxels)
        apart = max(abs(f - e) for f, e in zip(found, heat.PLUG.values(), strict=True))
        rows.append(size(f"plug flow between cold walls {voxels} voxel(s) apart: temperature (K), of 108 K lost", apart, gate))
    for coherency in (0.2, 0.35):
        length, time = heat.fluidity_formula(coherency)
        found, run = heat.fluidity(coherency)
        first = found[int(np.argmax(found[:, 3] >= coherency))]
        rows += ratios(f"fluidity to a fraction solid of {coherency}: time at the tip", [first[0]], [time], 0.01)
        rows += ratios("the same: length of Flemings", [found[-1, 1]], [length], 0.03)
        rows.append(size("the same: energy ledger", run.heat.ledger.worst, 1e-11))
    seeps = [Row("", heat.seep_into_void(k, deep, n)[1] - 1.0, 0.01) for k in (1e-12, 1e-11) for deep in (2, 9) for n in (100, 400)]
    rows.append(worst(seeps, "voids in mush that a pressure closes (8): rate, against Darcy"))
    run, _, other = heat.plate_at_rest(30.0, 0.05)
    apart = np.abs(run.heat.temperature - other.temperature)
    rows.append(size("plate that freezes at rest: temperature (K), against the heat problem", apart[:20].max(), 0.02))
    return rows


def splashes() -> list[Row]:
    problem, fill, until = flow.drop(32, air=Air())
    run = problem.run(fill, until=2 * until)
    problem, fill, until = heat.splash()
    hot = problem.run(fill, until=until)
    return [
        size("metal, whole splash with air", run.ledger.worst, 1e-12), size("air", run.air.defect, 1e-11),
        size("metal, splash with heat", hot.ledger.worst, 1e-12), size("energy", hot.heat.ledger.worst, 1e-11),
    ]  # fmt: skip


def broken() -> list[str]:
    """What versions that are wrong on purpose do: lines of text."""

    def found(alteration: Callable[..., object]) -> str:
        problem, fill, until = flow.drop(24)
        try:
            problem.run(fill, until=until, progress=altered(advect=alteration))
        except BalanceError:
            return "stopped by the ledger"
        return "**not found**"

    _, front = flow.pipe_from_head(progress=altered(momentum=momentum_from_the_wall))
    _, _, factor = flow.sloshing(32, progress=lambda run: run.stepper.sweep.tune(slope=0.0))
    _, stairs, _ = flow.pipe(17, 5, stairs=True)
    told = [
        ("a millionth of the largest flux is lost", found(leaking_donor)),
        ("overfill is clipped", found(clipped_volume)),
        ("upwind momentum", f"a slosh loses {100 * (1 - factor):.2g} % a period (gate 0.2 %)"),
        ("an inlet brings no momentum", f"the front is {100 * (1 - front[1] / 0.464183):.2g} % behind (gate 2 %)"),
        ("staircase openings", f"a slug in a pipe at 17 degrees goes {100 * (1 - stairs):.2g} % less far (gate 3 %)"),
    ]
    return [f"| {name} | {what} |" for name, what in told]


# Gates and the best that is known for 32, 64 and 128 voxels.
VORTEX = {32: (3.61e-2, "Youngs 3.61e-2"), 64: (1.00e-2, "EMFPA 6.58e-3"), 128: (2.16e-3, "EMFPA 1.07e-3")}


def vortex(n: int, courant: float) -> list[Row]:
    youngs, best = VORTEX[n]
    return moved(flow.vortex(n, courant=courant), 1 / n**2, youngs if courant == 1.0 else 1.2 * youngs, best)


def disc() -> list[Row]:
    run = flow.slotted_disc()
    return moved(run, 1 / run[0].sum(), 1.2 * 1.09e-2, "EMFPA 8.74e-3")


CASES: list[tuple[str, Callable[[], list[Row]]]] = [
    ("Liquid at rest", rest),
    ("Sloshing, 32 voxels", lambda: slosh(32)),
    ("Sloshing, 64 voxels", lambda: slosh(64)),
    ("U-tube", u_tube),
    ("Pipe filled from a head", pipe_head),
    ("Tank that drains: Torricelli with inertia", torricelli),
    ("Slug in a channel at 0, 17, 45 degrees, 5 voxels", lambda: slides(flow.channel(a, 5) for a in (0, 17, 45))),
    ("Slug in a channel at 0, 17, 45 degrees, 10 voxels", lambda: slides(flow.channel(a, 10) for a in (0, 17, 45))),
    ("Slug in a round pipe, 5 voxels", lambda: slides(flow.pipe(a, n, turned=t) for a, n, t in PIPES)),
    ("Slug in a round pipe, 10 voxels, and 5 turned", lambda: slides(flow.pipe(a, n, turned=t) for a, n, t in FINE_PIPES)),
    ("Narrow openings", openings),
    ("Plate from a gate above", plate_above),
    ("Plate from a gate below, a slice with air, eddies and walls", lambda: plate_below(True)),
    ("The same without them", lambda: plate_below(False)),
    ("Martin and Moyce, 10 voxels", lambda: martin_moyce(10)),
    ("Martin and Moyce, 16 voxels", lambda: martin_moyce(16)),
    ("Kleefsman, 4 voxels in the box", lambda: kleefsman(1)),
    ("Kleefsman, 8 voxels in the box", lambda: kleefsman(2)),
    ("Lid, Re 100, 24 voxels", lambda: lid(24, 100.0, 0.01, until=12.0)),
    ("Lid, Re 1000, 65 voxels, steps of half a voxel", lambda: lid(64, 1000.0, 0.02, until=40.0, deep=0.5)),
    ("Lid, Re 1000, 129 voxels, steps of half a voxel", lambda: lid(128, 1000.0, 0.01, until=40.0, deep=0.5)),
    *((f"Reversed vortex, {n} voxels, Courant 1 as published", functools.partial(vortex, n, 1.0)) for n in VORTEX),
    *((f"Reversed vortex, {n} voxels, Courant 0.5 as in a filling", functools.partial(vortex, n, 0.5)) for n in VORTEX),
    ("Slotted disc, 200 voxels", disc),
    ("Deformed sphere, 32 voxels", lambda: moved(flow.deformation(32), 1 / 32**3, 1.2 * 7.47e-3, "LVIRA 6.92e-3")),
    ("Deformed sphere, 64 voxels", lambda: moved(flow.deformation(64), 1 / 64**3, 1.2 * 2.77e-3, "LVIRA 2.43e-3")),
    ("Gas spring", spring),
    ("Trapped air", pockets),
    ("Surface tension", drops),
    ("Heat on the way", cooling),
    ("Ledgers of a splash", splashes),
]


def main() -> None:
    """Run the cases and write the page."""
    lines, rows = [], []
    for name, case in CASES:
        found = case()
        rows += found
        lines += [f"| **{name}** | | | | |", *(row.line() for row in found)]
        print(name, *(row.line() for row in found), sep="\n  ", flush=True)
    held = sum(abs(row.error) <= row.gate for row in rows)
    text = HEAD + f"{len(CASES)} cases, {len(rows)} comparisons, {held} within their gates.\n\n"
    text += "| case | error | gate | best known | |\n| --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n\n"
    text += "Versions that are wrong on purpose:\n\n| what is wrong | what comes of it |\n| --- | --- |\n"
    text += "\n".join(broken()) + "\n"
    (HERE / "filling.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

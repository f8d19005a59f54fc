"""What a run notes down besides its fields: history, thermocouples, and the facts that make it repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ..casting import METAL
from ..geometry import Grid
from ..materials import Alloy, GraphiteBalance, MouldMaterial, sources, worst_quality
from ..results import Probe
from .heat_run import HeatRun
from .release import HeatRelease

if TYPE_CHECKING:
    from ..casting import Casting, Layout, Region
    from .solidify import Plan

__all__ = ["facts_of", "history_of", "probes_of", "setting_facts"]

Array = NDArray[Any]


def history_of(run: HeatRun) -> dict[str, Array]:
    """Return the history of a run, one entry a step, in SI."""
    rows = run.history
    hottest = rows["region_hottest"]
    heat_out = rows["heat_freed"] - rows["heat_in"]
    return {
        "time": rows["time"], "step": rows["step_length"], "stages": rows["stages"], "hottest_metal": hottest[:, 0],
        "hottest_mould": hottest[:, -1], "outer_temperature": rows["outer_temperature"],
        "heat_out": heat_out, "metal_heat": rows["region_enthalpy"][:, 0], "defect": rows["defect"],
        "voxels_left": rows["left"],
    }  # fmt: skip


def probes_of(grid: Grid, run: HeatRun) -> dict[str, Probe]:
    """Return the virtual thermocouples of a run, each at the centre of the voxel that holds its point."""
    found = {}
    for (name, (times, T)), index in zip(run.probes.items(), run.probe_voxels, strict=True):
        place = tuple(float(grid.centres(a)[i]) for a, i in enumerate(index))
        body = grid.body_names[grid.body[tuple(index)]]
        found[name] = Probe(name, place=place, times=times, temperatures=T, body=body)  # type: ignore[arg-type]
    return found


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("castsolve")
    except PackageNotFoundError:
        return "unknown"


def _alloy_facts(alloy: Alloy, mould: MouldMaterial) -> dict[str, Any]:
    balance = GraphiteBalance.of(alloy, mould)
    return {
        "name": alloy.name, "family": alloy.family, "liquidus": alloy.liquidus.value, "solidus": alloy.solidus.value,
        "latent_heat": alloy.latent_heat.value, "coherency": alloy.coherency.value,
        "macro_feeding_limit": alloy.macro_feeding_limit.value, "feeding_limit": alloy.feeding_limit.value,
        "shrinkage": alloy.shrinkage.value, "liquid_contraction": alloy.liquid_contraction.value,
        "density_at_liquidus": alloy.density_at_liquidus, "heat_curve": alloy.heat.facts(),
        "composition": {name: share.value for name, share in alloy.composition.items()},
        **(
            {}
            if alloy.family != "iron"
            else {"graphite_balance": {} if balance is None else balance.facts(), "inoculation": alloy.practice.inoculation}
        ),
    }  # fmt: skip


def _mould_facts(region: Region) -> dict[str, Any]:
    """Return of a mould what Chvorinov's rule asks for."""
    material = region.material
    if region.role != "mould" or not isinstance(material, MouldMaterial):
        return {}
    return {"insulating": material.insulating, "heat_curve": material.heat.facts()}


def setting_facts(casting: Casting, layout: Layout, grid: Grid) -> dict[str, Any]:
    """Return what a result file keeps of the casting on its grid, whatever was solved: plain values in SI."""
    alloy = layout.alloy
    copies = int(casting.symmetry_factor)
    used = [*(r.material for r in layout.regions), *layout.contacts.values()]
    bodies: list[dict[str, Any]] = [
        {"name": b.name, "role": b.role, "region": layout.regions[b.region].name, "volume": float(v),
         "surface_volume": float(b.surface.volume), "area": float(b.surface.area)}
        for b, v in zip(layout.bodies, grid.body_volume, strict=False)
    ]  # fmt: skip
    return {
        "castsolve": _version(),
        "casting": casting.facts(),
        "alloy": _alloy_facts(alloy, casting.mould),
        "regions": [
            {"name": r.name, "role": r.role, "material": r.material.name, "initial_temperature": r.initial_temperature,
             "volume": grid.region_volume(i), **_mould_facts(r)}
            for i, r in enumerate(layout.regions)
        ],
        "bodies": bodies,
        "contacts": [
            {"between": [layout.regions[i].name, layout.regions[j].name], "htc": str(c), "area": grid.wall_area(i, j)}
            for (i, j), c in layout.contacts.items() if grid.wall_area(i, j) > 0
        ],
        "symmetry_factor": copies,
        "symmetry_sides": sorted(layout.symmetry_sides),
        "masses": _masses(bodies, float(alloy.density_at(298.15)) * copies),
        "sources": [str(c) for c in sources(used)],
        "worst_quality": worst_quality(used),
    }  # fmt: skip


def _masses(bodies: Sequence[dict[str, Any]], density: float) -> dict[str, float]:
    """Masses of the metal by role, of all of it, and the yield: as if all places held cold, sound metal."""
    masses: dict[str, float] = {}
    for b in bodies:
        if b["role"] in METAL:
            masses[b["role"]] = masses.get(b["role"], 0.0) + b["volume"] * density
    poured = sum(masses.values())
    if "part" in masses and poured > 0:
        kept = masses["part"] + masses.get("stock", 0.0)
        masses = {**masses, "poured": poured, "casting_yield": kept / poured}
    return masses


def facts_of(ready: Plan, run: HeatRun, warnings: Sequence[str]) -> dict[str, Any]:
    """Return what a result file keeps of a run: plain values in SI."""
    from .solidify import shakeout_of

    casting, layout = ready.casting, ready.layout
    copies = int(casting.symmetry_factor)
    rulings = Counter(r[3] for r in run.history_rows[1:])
    curve = layout.alloy.heat
    critical = next((float(curve.fraction_solid_at(lv.enthalpy_of(curve))) for lv in run.levels if lv.name == "critical"), None)
    return {
        **setting_facts(casting, layout, ready.grid),
        "shakeout_temperature": ready.stop_temperature or shakeout_of(layout.alloy, None),
        **({} if critical is None else {"critical_fraction_solid": critical}),
        "energy": {
            "heat_out": (run.freed_rows[-1] - run.ledger.heat_in - run.ledger.drained) * copies,
            **({"heat_drained": run.ledger.drained * copies} if run.stepper.level_drop is not None else {}),
            **({"heat_released": run.freed_rows[-1] * copies} if isinstance(run.problem.source, HeatRelease) else {}),
            "defect": run.ledger.worst, "limit": run.ledger.limit,
        },
        "clock": {
            "end_time": run.time, "steps": run.steps, "stages": run.stages,
            "explicit_step": ready.problem.explicit_step(), "threads": ready.problem.threads, "precision": ready.problem.dtype,
            "scheme": run.clock.scheme.name, "theta": run.clock.theta, "bend": run.clock.bend,
        },
        "limits": dict(rulings.most_common()),
        "warnings": list(dict.fromkeys(warnings)) + _held(ready),
    }  # fmt: skip


def _held(ready: Plan) -> list[str]:
    """Say where a material's table was left and its end held."""
    found = []
    hottest = float(ready.initial.max())
    for region in ready.layout.regions:
        curve = region.material.heat
        if region.role != "metal" and hottest > curve.temperature_high:
            found.append(
                f"the data of {region.material.name} end at {curve.temperature_high - 273.15:.0f} degC; hotter, its last values "
                "are held (an estimate)"
            )
    return list(dict.fromkeys(found))

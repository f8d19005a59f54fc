"""A ball that freezes in sand, in one dimension: its fronts along the radius, and the level that falls inside them.

Nothing of the grids, the stepper or the march is used, only the material data. The metal that still feeds is the ball inside the
front of the macro-feeding limit; its surface is flat, a disc of the ball at the level h; what contracts is taken from that disc::

    dh/dt = - draw / (rho pi (R(t)^2 - h^2)),     h <= R(t)
"""

from __future__ import annotations

import itertools

import numpy as np

from castsolve.materials import Alloy, HeatCurve, Interface

STEP = 0.1  # s; explicit, a third of what stability allows at shells of 2 mm
SHELLS = 20
SAND = 0.13  # outer radius of the sand (m): heat has not come that far


def fronts(radius: float, *, alloy: Alloy, mould: HeatCurve, contact: Interface, pour: float, cold: float = 298.15):
    """Return the radii of the shells' middles (m), their volumes, and when each passes liquidus and macro-feeding limit (s)."""
    step = radius / SHELLS
    faces = np.concatenate([np.linspace(0.0, radius, SHELLS + 1), np.arange(radius + step, SAND, step)])
    volume, area = 4.0 / 3.0 * np.pi * np.diff(faces**3), 4.0 * np.pi * faces[1:-1] ** 2
    curves = ((alloy.heat, slice(0, SHELLS)), (mould, slice(SHELLS, None)))
    heat = np.where(np.arange(volume.size) < SHELLS, alloy.heat.at_temperature(pour), mould.at_temperature(cold))
    levels = [float(alloy.heat.enthalpy_at_fraction_solid(f)) for f in (0.0, alloy.macro_feeding_limit.value)]
    when, time = np.full((2, SHELLS), np.nan), 0.0
    temperature, conductivity = np.empty_like(heat), np.empty_like(heat)
    at, coefficient = np.array(contact.htc).T
    while np.isnan(when).any():
        for curve, place in curves:
            temperature[place] = curve.temperature_at(heat[place])
            conductivity[place] = curve.conductivity_at(heat[place])
        half = 0.5 * step / conductivity
        resistance = half[:-1] + half[1:]
        resistance[SHELLS - 1] += 1.0 / np.interp(temperature[SHELLS - 1], at, coefficient)
        flow = area * -np.diff(temperature) / resistance
        before = heat[:SHELLS].copy()
        heat[:-1] -= STEP * flow / volume[:-1]
        heat[1:] += STEP * flow / volume[1:]
        for n, level in enumerate(levels):
            now = (heat[:SHELLS] <= level) & np.isnan(when[n])
            when[n, now] = time + STEP * (before[now] - level) / (before - heat[:SHELLS])[now]
        time += STEP
    return 0.5 * (faces[1:] + faces[:-1])[:SHELLS], volume[:SHELLS], when


def cavity(radius: float, middle, volume, when, *, densities) -> tuple[float, float]:
    """Return the volume of the cavity (m3) and the height of its middle over the ball's centre (m)."""
    early, late = when
    times = np.linspace(0.0, late.max(), 2001)

    def density(t: float):
        liquid = np.where(
            t < early,
            densities.poured + (densities.liquid - densities.poured) * t / early,
            densities.liquid + (densities.limit - densities.liquid) * np.clip((t - early) / (late - early), 0.0, 1.0),
        )
        return np.where(t >= late, densities.solid, liquid)

    level, void, moment = radius, 0.0, 0.0
    for a, b in itertools.pairwise(times):
        front = float(np.interp(b, late[::-1], middle[::-1], left=radius, right=0.0))
        full = 0.5 * (1.0 + np.clip(level / middle, -1.0, 1.0))  # share of each shell that lies below the level
        draw = float((full * volume * (density(b) - density(a))).sum()) / densities.liquid
        level = min(level, front)
        while draw > 0.0 and level > -front:
            disc = np.pi * max(front**2 - level**2, (0.2e-3) ** 2)
            fall = min(draw / disc, 5e-5)
            void, moment = void + disc * fall, moment + disc * fall * (level - 0.5 * fall)
            draw, level = draw - disc * fall, level - fall
    return void, moment / void

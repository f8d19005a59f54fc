"""How long a high-pressure die may take to fill before too much of the metal has frozen on the way."""

from __future__ import annotations

from ..errors import InputError
from ..materials import Alloy, Property
from ..units import Number, quantity
from .body import length_of
from .rules import rule

__all__ = ["nadca_fill_time"]


def nadca_fill_time(
    wall: Number, *, alloy: Alloy, metal_temperature: Number, die_temperature: Number, solids: float | None = None,
    flow_temperature: Number | None = None,
) -> Property:  # fmt: skip
    """Return the longest fill time of a cavity by the formula of the North American Die Casting Association.

    t = K T (Ti - Tf + S Z) / (Tf - Td): the heat that a wall T may lose above the temperature Tf at which it no longer flows,
    and in freezing to S per cent, over the heat that the die takes.

    Parameters
    ----------
    wall : length
        Typical thickness of the thinnest wall that must be good, T.
    alloy : Alloy
        Aluminium; the formula's constants for iron and steel are not known.
    metal_temperature : temperature
        At the gate, Ti.
    die_temperature : temperature
        Of the cavity's surface before the shot, Td.
    solids : float, optional
        Share of solids that is allowed at the end, S, 0 to 0.5. Default: 0.15, with the manual's 0.05 to 0.35 as range.
    flow_temperature : temperature, optional
        Lowest at which the metal flows, Tf. Default: the alloy's liquidus.

    Returns
    -------
    Property
        In s, with the range that the constants (and the solids, where not given) leave.

    Raises
    ------
    InputError
        If the alloy is no aluminium, or the temperatures do not fall from metal to flow to die.

    References
    ----------
    Ward, Gating Manual, NADCA publication 512 (2006), as public calculators have it; some constants from memory (`rules()`).
    """
    thickness = length_of(wall, "wall")
    Ti = quantity(metal_temperature, "temperature", "metal_temperature")
    Td = quantity(die_temperature, "temperature", "die_temperature")
    Tf = alloy.liquidus.value if flow_temperature is None else quantity(flow_temperature, "temperature", "flow_temperature")
    if alloy.family != "aluminium":
        raise InputError(f"the fill time formula holds for aluminium, {alloy.name} is of the family {alloy.family}")
    if not Td < Tf <= Ti:
        raise InputError(
            f"metal_temperature = {Ti - 273.15:.0f}, flow_temperature = {Tf - 273.15:.0f} and die_temperature = "
            f"{Td - 273.15:.0f} degC must fall in this order"
        )
    if solids is not None and not 0.0 <= solids <= 0.5:
        raise InputError(f"solids = {solids:g} must lie from 0 to 0.5; write 0.15 for 15 %")
    K, Z = rule("fill_time", "constant"), rule("fill_time", "solids_factor", "aluminium")
    S = rule("fill_time", "solids")

    def time(constant: float | None, factor: float | None, share: float | None) -> float:
        assert constant is not None and factor is not None and share is not None
        return constant * thickness * (Ti - Tf + 100.0 * share * factor) / (Tf - Td)

    least, most = (S.low, S.high) if solids is None else (solids, solids)
    return Property(
        time(K.value, Z.value, S.value if solids is None else solids), "s", "nadca_gating", evidence="memory", quality="D",
        low=time(K.low, Z.low, least), high=time(K.high, Z.high, most),
        note=f"wall {thickness * 1e3:.3g} mm, metal {Ti - 273.15:.0f}, flow {Tf - 273.15:.0f}, die {Td - 273.15:.0f} degC",
    )  # fmt: skip

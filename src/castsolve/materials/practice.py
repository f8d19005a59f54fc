"""What a foundry knows of its own iron and moulds."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import InputError

__all__ = ["IronPractice"]


@dataclass(frozen=True, slots=True)
class IronPractice:
    """What a foundry knows of its own iron and moulds; what is None is taken from `IRON_RULES`, with its range.

    Attributes
    ----------
    metallurgy : float, optional
        Share of the graphite of equilibrium that forms in time, in [0, 1]: the metallurgical quality. Default: rule
        "graphite_in_time".
    inoculation : float, optional
        Factor on nodule count and on the cooling rate that makes carbides; 1 is usual practice.
    rigidity : float, optional
        Share of the expansion that the mould gives back, in [0, 1]. Default: by the mould (`mould_rigidity`).
    wall_movement : float, optional
        Share by which the hollow of the mould grows while the iron freezes, in [0, 0.1]; metal must fill it too. A wall of
        thickness s that each side lets go by d grows it by 2 d/s. It says again what a rigidity below 1 says: give it with
        ``rigidity=1``.
    """

    metallurgy: float | None = field(default=None, kw_only=True)
    inoculation: float = field(default=1.0, kw_only=True)
    rigidity: float | None = field(default=None, kw_only=True)
    wall_movement: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("metallurgy", "rigidity"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 1.0:
                raise InputError(f"{name} = {value:g} must belong to [0, 1]")
        if not 0.0 < self.inoculation < 100.0:
            raise InputError(f"inoculation = {self.inoculation:g} must be above 0; 1 is usual practice")
        if not 0.0 <= self.wall_movement <= 0.1:
            raise InputError(
                f"wall_movement = {self.wall_movement:g} must belong to [0, 0.1]; 0.01 is a mould that grows by 1 %"
            )

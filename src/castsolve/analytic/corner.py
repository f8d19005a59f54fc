"""Freezing of a quarter plane from two cold walls: the front of Rathjen and Jiji."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CORNER_FRONT", "corner_front"]

# Far front and constants of the superhyperbola for T_wall = -1, T_melt = 0, T_initial = 0.3, L / (c dT) = 0.25.
CORNER_FRONT = {"far": 0.70766, "C": 0.159, "m": 5.02}


def corner_front(x: ArrayLike) -> NDArray[np.float64]:
    """Return the height of the freezing front over the wall coordinate x in a quarter plane cooled on both walls.

    Valid for wall -1, melting point 0, initial temperature 0.3 (all over ``T_melt - T_wall``), equal phases and
    ``latent_heat / (specific_heat * (T_melt - T_wall)) = 0.25``. It is a fit by a superhyperbola, good to 0.003.

    Parameters
    ----------
    x : array_like
        Distance from one wall over ``sqrt(4 a t)``, above 0.70766.

    Returns
    -------
    ndarray
        Distance of the front from the other wall over ``sqrt(4 a t)``.

    References
    ----------
    Rathjen and Jiji, J. Heat Transfer 93 (1971) 101.
    """
    far, C, m = CORNER_FRONT["far"], CORNER_FRONT["C"], CORNER_FRONT["m"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((far**m + C / (np.asarray(x, dtype=float) ** m - far**m)) ** (1.0 / m))

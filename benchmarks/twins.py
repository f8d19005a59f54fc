"""The same sweep written by others' means: plain NumPy and numba."""

from __future__ import annotations

from typing import Any

import numpy as np


def numpy_rate(T: np.ndarray, k: np.ndarray, dx: float) -> np.ndarray:
    """Return div(k grad T) on uniform voxels with insulated sides, k in series."""
    out = np.zeros_like(T)
    for axis in range(T.ndim):
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(T.ndim))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(T.ndim))
        q = (T[high] - T[low]) * (2.0 * k[high] * k[low] / (k[high] + k[low])) / (dx * dx)
        out[low] += q
        out[high] -= q
    return out


def numba_sweep() -> Any:
    """Return a compiled fused sweep: temperature from a table, series conductances with a contact resistance, explicit update."""
    from numba import njit, prange

    @njit(parallel=True, fastmath=True)
    def temperature(H, region, h0, slope, T0, T, r, half):  # pragma: no cover - compiled
        for i in prange(H.shape[0]):
            for j in range(H.shape[1]):
                for k in range(H.shape[2]):
                    m = region[i, j, k]
                    h = H[i, j, k]
                    s = 0
                    while s + 1 < h0.shape[1] and h >= h0[m, s + 1]:
                        s += 1
                    T[i, j, k] = T0[m, s] + (h - h0[m, s]) * slope[m, s]
                    r[i, j, k] = half[m]

    @njit(parallel=True, fastmath=True)
    def update(H, region, T, r, contact, dx, step, out):  # pragma: no cover - compiled
        nx, ny, nz = H.shape
        for i in prange(1, nx - 1):
            for j in range(1, ny - 1):
                for k in range(1, nz - 1):
                    t, own, m = T[i, j, k], dx * r[i, j, k], region[i, j, k]
                    q = (T[i + 1, j, k] - t) / (own + dx * r[i + 1, j, k] + contact[m, region[i + 1, j, k]])
                    q += (T[i - 1, j, k] - t) / (own + dx * r[i - 1, j, k] + contact[m, region[i - 1, j, k]])
                    q += (T[i, j + 1, k] - t) / (own + dx * r[i, j + 1, k] + contact[m, region[i, j + 1, k]])
                    q += (T[i, j - 1, k] - t) / (own + dx * r[i, j - 1, k] + contact[m, region[i, j - 1, k]])
                    q += (T[i, j, k + 1] - t) / (own + dx * r[i, j, k + 1] + contact[m, region[i, j, k + 1]])
                    q += (T[i, j, k - 1] - t) / (own + dx * r[i, j, k - 1] + contact[m, region[i, j, k - 1]])
                    out[i, j, k] = H[i, j, k] + step * q / dx

    return temperature, update

# The melt of a filling as the heat sweep sees it, and what its enthalpy does to the flow.

# Less liquid than this (in voxels) has no enthalpy that could be told from rounding: FLOW_FILM of _flow_content.h.
cdef double MELT_FILM = 1e-9
# Share of a heat voxel from which on its contact with the mould counts as begun.
cdef double MELT_TOUCHES = 1e-3


def melt_gather(const double[::1] F, const double[::1] E, const int64_t[::1] row, const int64_t[::1] voxel,
                const double[::1] weight, const double[::1] apart, const int64_t[::1] place, const double[::1] room, const double[::1] plain, double time,
                double[::1] H, double[::1] share, double[::1] inverse, double[::1] since, int threads=1):
    """Gather the melt that belongs to each metal voxel of the heat grid.

    Parameters
    ----------
    F, E : ndarray
        Volumes and contents (J/m3 times volume) of the flow's voxels, flat and padded.
    row, voxel, weight : ndarray
        Flow voxels whose melt belongs to each metal voxel, in compressed rows, and which share of it does.
    apart : ndarray
        How far the enthalpy (J/m3) of that share lies from the mean of the flow voxel.
    place : ndarray
        Where the metal voxel lies in the flat, padded enthalpies of the sweep.
    room, plain : ndarray
        Volume of the metal voxel with its slivers, and without, over that of a flow voxel.
    time : float
        Written into ``since`` where melt comes first.
    H : ndarray
        Enthalpies of the sweep (J/m3): those of metal voxels are set, 0 where there is no melt.
    share : ndarray
        Out: filled share of every metal voxel, at most 1.
    inverse : ndarray
        Out: plain volume over that of the melt; beyond all bounds where there is none.
    since : ndarray
        Time (s) since which melt touches, NaN before.
    """
    cdef Py_ssize_t m, q, v
    cdef double volume, content, part
    for m in prange(place.shape[0], nogil=True, num_threads=threads, schedule="static"):
        volume = 0.0
        content = 0.0
        for q in range(row[m], row[m + 1]):
            v = voxel[q]
            if F[v] > MELT_FILM:
                volume = volume + weight[q] * F[v]
                content = content + weight[q] * (E[v] + F[v] * apart[q])
        if volume > 0.0:
            part = volume / room[m]
            H[place[m]] = content / volume
            share[m] = part if part < 1.0 else 1.0
            inverse[m] = plain[m] / volume
            if part > MELT_TOUCHES and since[m] != since[m]:
                since[m] = time
        else:
            H[place[m]] = 0.0
            share[m] = 0.0
            inverse[m] = 1e30


def melt_weigh(const double[::1] whole, const int32_t[::1] first, const int32_t[::1] second, const double[::1] share,
               double[::1] out, int threads=1):
    """Write what each wall or link carries: its whole times the smaller filled share of its two voxels (-1: not metal, full)."""
    cdef Py_ssize_t e
    cdef double a, b
    for e in prange(whole.shape[0], nogil=True, num_threads=threads, schedule="static"):
        a = share[first[e]] if first[e] >= 0 else 1.0
        b = share[second[e]] if second[e] >= 0 else 1.0
        out[e] = whole[e] * (a if a < b else b)


def melt_scatter(const double[::1] F, double[::1] E, const int64_t[::1] row, const int64_t[::1] owner, const double[::1] weight,
                 const int64_t[::1] entry, const int64_t[::1] voxel, const int64_t[::1] place, const double[::1] H,
                 double[::1] apart, int threads=1):
    """Give the melt of every flow voxel the enthalpies of the metal voxels that own it: `melt_gather` backwards, nothing is lost.

    Parameters
    ----------
    row, owner, weight : ndarray
        Owners of each flow voxel, in compressed rows, and their shares, which sum to one.
    entry : ndarray
        Where the same pair stands in the rows of `melt_gather`.
    apart : ndarray
        Out: how far each share lies from the mean.
    """
    cdef Py_ssize_t t, q, v
    cdef double h
    for t in prange(voxel.shape[0], nogil=True, num_threads=threads, schedule="static"):
        v = voxel[t]
        h = 0.0
        for q in range(row[t], row[t + 1]):
            h = h + weight[q] * H[place[owner[q]]]
        for q in range(row[t], row[t + 1]):
            apart[entry[q]] = H[place[owner[q]]] - h if F[v] > MELT_FILM else 0.0
        if F[v] > MELT_FILM:
            E[v] = F[v] * h


def melt_renew(const double[::1] F, const double[::1] Gx, const double[::1] Gy, const double[::1] Gz, tuple step,
               const int64_t[::1] which, const int64_t[::1] row, const int64_t[::1] entry, const int64_t[::1] voxel,
               double[::1] apart, int threads=1):
    """Let the shares of flow voxels forget how far apart they were, as far as melt that came in has replaced what they held.

    Parameters
    ----------
    Gx, Gy, Gz : ndarray
        Volumes through the low faces in the last step.
    step : tuple of int
        Between neighbours along the axes.
    which : ndarray
        Places in ``voxel`` of those that have several owners.
    row, entry, voxel, apart
        As for `melt_scatter`.
    """
    cdef Py_ssize_t w, t, q, v, sx = step[0], sy = step[1], sz = step[2]
    cdef double into, kept
    for w in prange(which.shape[0], nogil=True, num_threads=threads, schedule="static"):
        t = which[w]
        v = voxel[t]
        into = max(Gx[v], 0.0) + max(-Gx[v + sx], 0.0) + max(Gy[v], 0.0) + max(-Gy[v + sy], 0.0)
        into = into + max(Gz[v], 0.0) + max(-Gz[v + sz], 0.0)
        kept = max(0.0, 1.0 - into / F[v]) if F[v] > MELT_FILM else 0.0
        for q in range(row[t], row[t + 1]):
            apart[entry[q]] = apart[entry[q]] * kept


cdef double _read(const double[:, ::1] table, double lowest, double inverse, double h, int column) noexcept nogil:
    """Column of a table with even steps of enthalpy, its ends held."""
    cdef double at = (h - lowest) * inverse
    cdef Py_ssize_t n = table.shape[0] - 1, b
    if not at > 0.0:
        return table[0, column]
    if at >= n:
        return table[n, column]
    b = <Py_ssize_t> at
    return table[b, column] + (at - b) * (table[b + 1, column] - table[b, column])


def melt_resists(const int64_t[::1] open_, const uint8_t[::1] kind, const double[::1] F, const double[::1] E, double lowest, double inverse,
                 const double[:, ::1] table, double viscosity, const double[::1] porous, double[::1] nu, double[::1] drag,
                 int threads=1):
    """Write viscosity (m2/s) and resistance (1/s) of the open voxels from the enthalpy of their melt.

    Parameters
    ----------
    open_ : ndarray
        Which voxels these are.
    lowest, inverse, table
        Rows of viscosity, resistance of the mush and temperature over even steps of enthalpy from ``lowest``; 1 / step.
    viscosity : float
        Where there is no melt.
    porous : ndarray
        1 / permeability (1/m2) of what lies in the way: filters.
    """
    cdef Py_ssize_t m, n
    cdef double h
    for m in prange(open_.shape[0], nogil=True, num_threads=threads, schedule="static"):
        n = open_[m]
        nu[n] = viscosity
        drag[n] = 0.0
        if kind[n] == 1 and F[n] > MELT_FILM:
            h = E[n] / F[n]
            nu[n] = _read(table, lowest, inverse, h, 0)
            drag[n] = _read(table, lowest, inverse, h, 1)
        drag[n] = drag[n] + nu[n] * porous[n]


def melt_front(const int64_t[::1] open_, const uint8_t[::1] kind, const double[::1] V, const double[::1] F, const double[::1] E, double lowest,
               double inverse, const double[:, ::1] table, double[::1] front, int threads=1):
    """Write the temperature (K) of the melt in open voxels that have become half full and hold NaN so far."""
    cdef Py_ssize_t m, n
    for m in prange(open_.shape[0], nogil=True, num_threads=threads, schedule="static"):
        n = open_[m]
        if kind[n] == 1 and front[n] != front[n] and F[n] >= 0.5 * V[n]:
            front[n] = _read(table, lowest, inverse, E[n] / F[n], 2)

# The swing of the temperatures around a kink of the heat content that passes the lattice of voxels: what first crossings are late by.

cdef struct Kink:
    const float *time
    const float *gradient
    float *late
    Py_ssize_t n[3]
    Py_ssize_t step[3]
    const double *centre[3]
    const double *width[3]
    const double *strength
    const double *share
    const uint8_t *mirror
    Py_ssize_t spans, shares
    double conductivity, spread, centre_swing, largest, log_first, log_step, askew_most


cdef inline double _along_table(const double *table, Py_ssize_t n, double at) noexcept nogil:
    """Read a table of n values at a place, linear between its entries, held beyond its ends."""
    cdef Py_ssize_t i
    if not at > 0.0:
        return table[0]
    if at >= n - 1:
        return table[n - 1]
    i = <Py_ssize_t> at
    return table[i] + (at - i) * (table[i + 1] - table[i])


cdef inline double _slope_of_times(const float *time, Py_ssize_t o, Py_ssize_t step, Py_ssize_t i, Py_ssize_t n, const double *centre,
                                   const double *width, const uint8_t *mirror, int *known) noexcept nogil:
    """Slope of times along one axis (s/m) from the neighbours that have one, and how many do; one beyond a mirror is the voxel."""
    cdef double gap = 0.0, way = 0.0
    known[0] = 0
    if i == 0:
        if mirror[0]:
            way += width[0]
            known[0] += 1
    elif time[o - step] == time[o - step]:
        gap += time[o] - <double> time[o - step]
        way += centre[i] - centre[i - 1]
        known[0] += 1
    if i + 1 == n:
        if mirror[1]:
            way += width[i]
            known[0] += 1
    elif time[o + step] == time[o + step]:
        gap += time[o + step] - <double> time[o]
        way += centre[i + 1] - centre[i]
        known[0] += 1
    return gap / way if known[0] else 0.0


cdef double _late(const Kink *f, Py_ssize_t *at, Py_ssize_t o) noexcept nogil:
    cdef double slope[3]
    cdef double size[3]
    cdef int inside[3]
    cdef int i[3]
    cdef int a, known, code, mine
    cdef double square = 0.0, slow, ahead, sense, off, aside, askew, apart, swing, late = 0.0
    for a in range(3):
        slope[a] = _slope_of_times(f.time, o, f.step[a], at[a], f.n[a], f.centre[a], f.width[a], f.mirror + 2 * a, &known)
        inside[a], size[a] = known == 2, f.width[a][at[a]]
        square += slope[a] * slope[a]
    if not square > 0.0:
        return 0.0
    slow = sqrt(square)
    # one of each pair of opposite directions up to (1, 1, 1): 13 of 27
    for code in range(14, 27):
        i[0], i[1], i[2] = code // 9 - 1, code // 3 % 3 - 1, code % 3 - 1
        ahead = i[0] * slope[0] / size[0] + i[1] * slope[1] / size[1] + i[2] * slope[2] / size[2]
        sense = 1.0 if ahead > 0.0 else -1.0
        ahead = fabs(ahead)
        if not ahead > 0.0:
            continue
        # from the front's normal, as long as the direction's share along it; beyond a half another direction counts
        aside, mine = 0.0, 1
        for a in range(3):
            off = i[a] * sense - ahead * slope[a] * size[a] / square
            if fabs(off) >= 0.5 or (i[a] != 0 and not inside[a]):
                mine = 0
                break
            off /= size[a]
            aside += off * off
        if not mine:
            continue
        askew = 6.283185307179586 * f.spread * aside * square / ahead
        if askew >= f.askew_most:
            continue
        apart = slow / ahead
        swing = f.conductivity * f.gradient[o] * apart
        swing = _along_table(f.strength, f.spans, (log(swing) - f.log_first) / f.log_step) if swing > 0.0 else f.strength[0]
        swing *= sqrt(apart / slow)
        swing = swing if swing < f.largest else f.largest
        swing = swing if swing > -f.largest else -f.largest
        late += apart * slow * f.centre_swing * swing * _along_table(f.share, f.shares, sqrt(askew / f.askew_most) * (f.shares - 1))
    return late


cdef void _late_plane(const Kink *f, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t at[3]
    cdef Py_ssize_t o
    at[0] = i
    for at[1] in range(f.n[1]):
        for at[2] in range(f.n[2]):
            o = i * f.step[0] + at[1] * f.step[1] + at[2]
            if f.time[o] == f.time[o] and f.gradient[o] == f.gradient[o]:
                f.late[o] = <float> _late(f, at, o)


def crossings_late(const float[:, :, ::1] time, const float[:, :, ::1] gradient, tuple centres, tuple widths,
                   const double[::1] strength, const double[::1] share, const uint8_t[::1] mirror, dict kink,
                   float[:, :, ::1] late, int threads):
    """Write what the crossings of a level are late by where a kink of the heat content lies at it.

    Parameters
    ----------
    time, gradient : when the voxels passed the level (s), NaN where they did not, and the temperature gradient there (K/m).
    centres, widths : of the three axes (m).
    strength : jump of 1/a over the sum of the roots of both sides (s^0.5/m), over the logarithm of the potential that planes of centres
        are apart, evenly.
    share : what is left of the swing, over the root of how askew the front is to the planes, evenly from 0 to `askew_most`.
    mirror : (6,) whether x_low, x_high, ... is a plane of symmetry: the neighbour beyond it is the voxel itself.
    kink : conductivity (W/m/K), spread (m2/s), centre_swing, largest, log_first, log_step, askew_most.
    late : out, zeros: s.
    """
    cdef Kink f
    cdef const double[::1] line
    cdef Py_ssize_t i
    cdef int a
    for a in range(3):
        f.n[a] = time.shape[a]
        line = centres[a]
        f.centre[a] = &line[0]
        line = widths[a]
        f.width[a] = &line[0]
    f.step[0], f.step[1], f.step[2] = f.n[1] * f.n[2], f.n[2], 1
    f.mirror = &mirror[0]
    f.time, f.gradient, f.late = &time[0, 0, 0], &gradient[0, 0, 0], &late[0, 0, 0]
    f.strength, f.share, f.spans, f.shares = &strength[0], &share[0], strength.shape[0], share.shape[0]
    f.conductivity, f.spread, f.centre_swing = kink["conductivity"], kink["spread"], kink["centre_swing"]
    f.largest, f.log_first, f.log_step, f.askew_most = kink["largest"], kink["log_first"], kink["log_step"], kink["askew_most"]
    for i in prange(f.n[0], nogil=True, num_threads=max(1, threads), schedule="static"):
        _late_plane(&f, i)

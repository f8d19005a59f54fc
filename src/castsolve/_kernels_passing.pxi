# Gradient and cooling rate at a level from when it, one above and one below were passed.

cdef struct Passing:
    const float *high
    const float *middle
    const float *low
    const float *recorded
    float *even
    float *gradient
    float *rate
    Py_ssize_t n[3]
    Py_ssize_t step[3]
    const double *centre[3]
    const double *width[3]
    const uint8_t *mirror
    double upper, lower, near, far, most


cdef struct Way:
    # of the times at the level: slopes (s/m), their square, what of it is known from one side alone, time from voxel to voxel (s)
    double slope[3]
    double square, one_sided, time
    int known


cdef Way _way_of(const Passing *f, Py_ssize_t *at, Py_ssize_t o) noexcept nogil:
    cdef Way w
    cdef int a, known
    cdef double step
    w.square, w.one_sided, w.time, w.known = 0.0, 0.0, 0.0, 0
    for a in range(3):
        w.slope[a] = _slope_of_times(f.middle, o, f.step[a], at[a], f.n[a], f.centre[a], f.width[a], f.mirror + 2 * a, &known)
        w.known += known
        w.square += w.slope[a] * w.slope[a]
        if known < 2:
            w.one_sided += w.slope[a] * w.slope[a]
        step = w.slope[a] * f.width[a][at[a]]
        w.time += step * step
    w.one_sided = w.one_sided / w.square if w.square > 0.0 else 0.0
    w.time = sqrt(w.time)
    return w


cdef void _rate_plane(const Passing *f, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t at[3]
    cdef Py_ssize_t o
    cdef double upper, lower, rate
    cdef Way w
    at[0] = i
    for at[1] in range(f.n[1]):
        for at[2] in range(f.n[2]):
            o = i * f.step[0] + at[1] * f.step[1] + at[2]
            f.rate[o] = f.even[o] = f.gradient[o] = NAN
            upper, lower = <double> f.middle[o] - f.high[o], <double> f.low[o] - f.middle[o]
            if not (upper + lower >= 0.0):
                continue
            w = _way_of(f, at, o)
            if upper > 0.0 and lower > 0.0:
                rate = sqrt(f.upper * f.lower / (upper * lower))
            elif upper + lower > 0.0:
                # half a window that took no time: the whole one
                rate = (f.upper + f.lower) / (upper + lower)
            elif w.square > 0.0:
                rate = f.recorded[o] / sqrt(w.square)
            else:
                continue
            f.rate[o] = <float> rate
            f.even[o] = <float> log(w.square * rate)


cdef double _evened(const Passing *f, const Way *w, Py_ssize_t *at, Py_ssize_t o) noexcept nogil:
    """Logarithm of the square of the Niyama value by times alone, evened with the voxels before and behind on the front's way."""
    cdef int a
    cdef double before, behind, bend, move = 0.0
    for a in range(3):
        before = f.even[o - f.step[a]] if at[a] > 0 else (f.even[o] if f.mirror[2 * a] else NAN)
        behind = f.even[o + f.step[a]] if at[a] + 1 < f.n[a] else (f.even[o] if f.mirror[2 * a + 1] else NAN)
        bend = 0.25 * (before + behind - 2.0 * f.even[o])
        if fabs(bend) < INFINITY:
            move += bend * w.slope[a] * w.slope[a] / w.square
    move = move if move < f.most else f.most
    return f.even[o] + (move if move > -f.most else -f.most)


cdef void _gradient_plane(const Passing *f, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t at[3]
    cdef Py_ssize_t o
    cdef double behind, wide, both, rate, recorded, log_square
    cdef Way w
    at[0] = i
    for at[1] in range(f.n[1]):
        for at[2] in range(f.n[2]):
            o = i * f.step[0] + at[1] * f.step[1] + at[2]
            if not (<double> f.low[o] - f.high[o] + f.middle[o] >= -INFINITY):
                continue
            rate, recorded = f.rate[o], f.recorded[o]
            w = _way_of(f, at, o)
            if not rate > 0.0 or not w.known:
                f.gradient[o] = <float> recorded
                continue
            if not w.square > 0.0:
                f.gradient[o] = 0.0
                continue
            # voxels that the level below lies behind the one at hand
            behind = (<double> f.low[o] - f.middle[o]) / w.time
            wide = (behind - f.near) / (f.far - f.near)
            wide = 0.0 if wide < 0.0 else (wide if wide < 1.0 else 1.0)
            both = (1.0 - wide) * (1.0 - w.one_sided)
            log_square = both * _evened(f, &w, at, o) if both > 0.0 else 0.0
            if both < 1.0:
                log_square += (1.0 - wide) * w.one_sided * log(recorded * recorded / rate) if w.one_sided > 0.0 else 0.0
                log_square += wide * log(recorded * sqrt(w.square)) if wide > 0.0 else 0.0
            f.gradient[o] = <float> sqrt(exp(log_square) * rate)


def gradient_and_rate(const float[:, :, ::1] high, const float[:, :, ::1] middle, const float[:, :, ::1] low,
                      const float[:, :, ::1] recorded, tuple centres, tuple widths, const uint8_t[::1] mirror, dict window,
                      float[:, :, ::1] even, float[:, :, ::1] gradient, float[:, :, ::1] rate, int threads):
    """Write gradient (K/m) and cooling rate (K/s) at a level; NaN where it, the one above or the one below was not passed.

    Parameters
    ----------
    high, middle, low : when the voxels passed the level above, the level and the level below (s), NaN where they did not.
    recorded : temperature gradient at the level (K/m).
    centres, widths : of the three axes (m).
    mirror : (6,) whether x_low, x_high, ... is a plane of symmetry: the neighbour beyond it is the voxel itself.
    window : upper, lower (K between the levels), near, far (up to how many voxels behind the level below may lie for the recorded
        gradient not to count, and from where on it counts in full), most (of an evening, in logarithms of the square of the Niyama value).
    even : scratch, as large.
    gradient, rate : out.
    """
    cdef Passing f
    cdef const double[::1] line
    cdef Py_ssize_t i
    cdef int a
    for a in range(3):
        f.n[a] = middle.shape[a]
        line = centres[a]
        f.centre[a] = &line[0]
        line = widths[a]
        f.width[a] = &line[0]
    f.step[0], f.step[1], f.step[2] = f.n[1] * f.n[2], f.n[2], 1
    f.mirror = &mirror[0]
    f.high, f.middle, f.low, f.recorded = &high[0, 0, 0], &middle[0, 0, 0], &low[0, 0, 0], &recorded[0, 0, 0]
    f.even, f.gradient, f.rate = &even[0, 0, 0], &gradient[0, 0, 0], &rate[0, 0, 0]
    f.upper, f.lower, f.near, f.far, f.most = window["upper"], window["lower"], window["near"], window["far"], window["most"]
    for i in prange(f.n[0], nogil=True, num_threads=max(1, threads), schedule="static"):
        _rate_plane(&f, i)
    for i in prange(f.n[0], nogil=True, num_threads=max(1, threads), schedule="static"):
        _gradient_plane(&f, i)

# Cut faces: exact clipping of surfaces to voxels, and the sharing of walls and slivers among interface faces.

cdef extern from "_cut.h":
    enum: CUT_WALL
    ctypedef struct CutVoxel:
        double projected, lifted
        double wall[33]
    ctypedef struct CutSlab:
        const double *x
        const double *y
        const double *z
        Py_ssize_t nx, ny, nz, j0, j1, k0, k1, i
        int32_t *place
        double *above
        CutVoxel *voxels
        Py_ssize_t count, room
        int failed
        double outside_area
    void cut_triangle(CutSlab *s, const double *triangle) nogil


cdef int _cut_one_slab(CutSlab *s, const double[:, ::1] corners, const int64_t[::1] slab_row,
                       const int32_t[::1] slab_triangle, Py_ssize_t slab, uint8_t[:, ::1] state,
                       double *extremes) noexcept nogil:
    """Clip the slab's triangles, then sweep the columns from the top: state 0 outside, 1 inside, 2 cut."""
    cdef Py_ssize_t nj = s.j1 - s.j0, nk = s.k1 - s.k0, q, j, k
    cdef double base, filled, cell, f, whole
    cdef int32_t place
    s.place = <int32_t*> malloc(nj * nk * sizeof(int32_t))
    s.above = <double*> calloc(nj, sizeof(double))
    if s.place == NULL or s.above == NULL:
        s.failed = 1
        return 0
    for q in range(nj * nk):
        s.place[q] = -1
    for q in range(slab_row[slab], slab_row[slab + 1]):
        cut_triangle(s, &corners[slab_triangle[q], 0])
    # extremes: largest leak, smallest and largest filled share
    for j in range(nj):
        filled = s.above[j]
        base = (s.x[s.i + 1] - s.x[s.i]) * (s.y[s.j0 + j + 1] - s.y[s.j0 + j])
        for k in range(nk - 1, -1, -1):
            place = s.place[j * nk + k]
            if place >= 0:
                cell = s.z[s.k0 + k + 1] - s.z[s.k0 + k]
                f = (s.voxels[place].lifted + filled * cell) / (base * cell)
                filled = filled + s.voxels[place].projected
                s.voxels[place].lifted = f
                state[j, k] = 2
            else:
                f = filled / base
                whole = floor(f + 0.5)
                if fabs(f - whole) > extremes[0]:
                    extremes[0] = fabs(f - whole)
                state[j, k] = 1 if f > 0.5 else 0
            if f < extremes[1]:
                extremes[1] = f
            if f > extremes[2]:
                extremes[2] = f
        if s.k0 == 0:
            continue
        if fabs(filled) / base > extremes[0]:
            extremes[0] = fabs(filled) / base
    return 0


cdef int _cut_copy(CutSlab *s, Py_ssize_t at, int64_t[::1] index, double[::1] share, double[:, ::1] wall) noexcept nogil:
    """Copy one slab's cut voxels, in rising order, behind those of the slabs before it, and give its memory back."""
    cdef Py_ssize_t nj = s.j1 - s.j0, nk = s.k1 - s.k0, j, k
    cdef int32_t place
    for j in range(nj):
        for k in range(nk):
            place = s.place[j * nk + k]
            if place < 0:
                continue
            index[at] = (s.i * s.ny + s.j0 + j) * s.nz + s.k0 + k
            share[at] = s.voxels[place].lifted
            memcpy(&wall[at, 0], s.voxels[place].wall, CUT_WALL * sizeof(double))
            at = at + 1
    free(s.place)
    free(s.above)
    free(s.voxels)
    s.place, s.above, s.voxels = NULL, NULL, NULL
    return 0


def cut_surface(const double[:, ::1] corners, const double[::1] x, const double[::1] y, const double[::1] z,
                tuple window, const int64_t[::1] slab_row, const int32_t[::1] slab_triangle, uint8_t[:, :, ::1] state,
                allocate, int threads):
    """Clip a closed, outward oriented surface to the voxels of a window.

    Parameters
    ----------
    corners : (m, 9) corner coordinates of the triangles.
    x, y, z : nodes of the whole grid.
    window : (i0, i1, j0, j1, k0, k1), the voxels that the body's bounds reach.
    slab_row, slab_triangle : triangles that reach each slab of the window, in compressed rows.
    state : (i1 - i0, j1 - j0, k1 - k0), out: 0 outside, 1 inside, 2 cut.
    allocate : called with the number of cut voxels; returns (index int64 [n], share float64 [n], wall float64 [n, 33]).
    threads : number of threads.

    Returns
    -------
    arrays, leak, smallest, largest, outside_area
        The filled arrays (cut voxels in rising order of their index in the whole grid), the largest leak of a column or voxel as a
        share of a voxel, the smallest and largest filled share found, and the wall area outside the grid.
    """
    cdef Py_ssize_t i0, i1, j0, j1, k0, k1, a, n = 0
    cdef Py_ssize_t ny = y.shape[0] - 1, nz = z.shape[0] - 1
    cdef int failed = 0
    i0, i1, j0, j1, k0, k1 = window
    cdef Py_ssize_t slabs = i1 - i0
    cdef CutSlab *slab = <CutSlab*> calloc(slabs, sizeof(CutSlab))
    cdef double *extremes = <double*> calloc(3 * slabs, sizeof(double))
    cdef Py_ssize_t *start = <Py_ssize_t*> calloc(slabs, sizeof(Py_ssize_t))
    cdef int64_t[::1] index
    cdef double[::1] share
    cdef double[:, ::1] wall
    if slab == NULL or extremes == NULL or start == NULL:
        raise MemoryError
    for a in range(slabs):
        slab[a].x, slab[a].y, slab[a].z = &x[0], &y[0], &z[0]
        slab[a].nx, slab[a].ny, slab[a].nz = x.shape[0] - 1, ny, nz
        slab[a].j0, slab[a].j1, slab[a].k0, slab[a].k1, slab[a].i = j0, j1, k0, k1, i0 + a
    for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
        _cut_one_slab(&slab[a], corners, slab_row, slab_triangle, a, state[a], &extremes[3 * a])
    leak, smallest, largest, outside = 0.0, 0.0, 0.0, 0.0
    for a in range(slabs):
        failed |= slab[a].failed
        start[a] = n
        n += slab[a].count
        leak = max(leak, extremes[3 * a])
        smallest = min(smallest, extremes[3 * a + 1])
        largest = max(largest, extremes[3 * a + 2])
        outside += slab[a].outside_area
    arrays = None
    if not failed:
        arrays = allocate(n)
        index, share, wall = arrays
        for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
            _cut_copy(&slab[a], start[a], index, share, wall)
    for a in range(slabs):
        free(slab[a].place)
        free(slab[a].above)
        free(slab[a].voxels)
    free(slab)
    free(start)
    free(extremes)
    if failed:
        raise MemoryError
    return arrays, leak, smallest, largest, outside


def open_faces(const uint8_t[:, :, ::1] region, uint8_t[:, :, ::1] open_):
    """Write the bits 1, 2, 4 where the face towards +x, +y, +z joins two voxels of one region."""
    cdef Py_ssize_t nx = region.shape[0], ny = region.shape[1], nz = region.shape[2], i, j, k
    cdef uint8_t bits, own
    for i in prange(nx, nogil=True, schedule="static"):
        for j in range(ny):
            for k in range(nz):
                own = region[i, j, k]
                bits = 0
                if i + 1 < nx and region[i + 1, j, k] == own:
                    bits = bits | 1
                if j + 1 < ny and region[i, j + 1, k] == own:
                    bits = bits | 2
                if k + 1 < nz and region[i, j, k + 1] == own:
                    bits = bits | 4
                open_[i, j, k] = bits

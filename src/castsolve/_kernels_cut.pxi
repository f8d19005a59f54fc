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
    cdef Py_ssize_t i0, i1, j0, j1, k0, k1, a, q, j, k, n = 0, at
    cdef Py_ssize_t ny = y.shape[0] - 1, nz = z.shape[0] - 1, nj, nk
    cdef int32_t place
    cdef int failed = 0
    i0, i1, j0, j1, k0, k1 = window
    nj, nk = j1 - j0, k1 - k0
    cdef Py_ssize_t slabs = i1 - i0
    cdef CutSlab *slab = <CutSlab*> calloc(slabs, sizeof(CutSlab))
    cdef double *extremes = <double*> calloc(3 * slabs, sizeof(double))
    cdef int64_t[::1] index
    cdef double[::1] share
    cdef double[:, ::1] wall
    if slab == NULL or extremes == NULL:
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
        n += slab[a].count
        leak = max(leak, extremes[3 * a])
        smallest = min(smallest, extremes[3 * a + 1])
        largest = max(largest, extremes[3 * a + 2])
        outside += slab[a].outside_area
    arrays = None
    if not failed:
        arrays = allocate(n)
        index, share, wall = arrays
        at = 0
        for a in range(slabs):
            for j in range(nj):
                for k in range(nk):
                    place = slab[a].place[j * nk + k]
                    if place < 0:
                        continue
                    index[at] = ((i0 + a) * ny + j0 + j) * nz + k0 + k
                    share[at] = slab[a].voxels[place].lifted
                    for q in range(CUT_WALL):
                        wall[at, q] = slab[a].voxels[place].wall[q]
                    at += 1
    for a in range(slabs):
        free(slab[a].place)
        free(slab[a].above)
        free(slab[a].voxels)
    free(slab)
    free(extremes)
    if failed:
        raise MemoryError
    return arrays, leak, smallest, largest, outside


cdef inline int _inside(Py_ssize_t i, Py_ssize_t j, Py_ssize_t k, const uint8_t[:, :, ::1] region) noexcept nogil:
    return 0 <= i < region.shape[0] and 0 <= j < region.shape[1] and 0 <= k < region.shape[2]


cdef Py_ssize_t _face_key(Py_ssize_t i, Py_ssize_t j, Py_ssize_t k, int d, int s,
                          const uint8_t[:, :, ::1] region) noexcept nogil:
    """Key 3 * (index of the low voxel) + axis of the face of (i, j, k) towards direction d, sign s."""
    if s == 0:
        if d == 0:
            i = i - 1
        elif d == 1:
            j = j - 1
        else:
            k = k - 1
    return 3 * ((i * region.shape[1] + j) * region.shape[2] + k) + d


def share_walls(const uint8_t[:, :, ::1] region, const double[::1] xc, const double[::1] yc, const double[::1] zc,
                const int64_t[::1] voxel, const int64_t[::1] packet_row, const uint8_t[:, ::1] pair,
                const double[:, ::1] wall, const int64_t[::1] sliver_row, const uint8_t[::1] sliver_region,
                const double[::1] sliver_volume, int64_t[::1] face, double[:, ::1] given, int64_t[::1] target,
                double[::1] moved, double[::1] lost):
    """Give each cut voxel's wall area and slivers to interface faces of its own pair of regions, with weights n_d^2.

    Parameters
    ----------
    region : owner region of every voxel.
    voxel, packet_row, pair, wall : cut voxels, their packets in compressed rows, each packet's (inner, outer) regions and its 30 sums
        M[6], P[6], N[6][3] about the voxel's centre.
    sliver_row, sliver_region, sliver_volume : minority volumes of the cut voxels (m3), in compressed rows.
    face, given : out, face keys and (area, weight, offset, normal[3]) that each receives; room for 24 a packet.
    target, moved : out, voxel indices and volumes (m3) that they receive; room for 24 a sliver.
    lost : out, (2,): wall area and volume that found no face or voxel of their own within two voxels.

    Returns
    -------
    int, int
        Number of entries written to ``face`` and to ``target``.
    """
    cdef Py_ssize_t ny = region.shape[1], nz = region.shape[2], c, p, q, i, j, k, i2, j2, k2, n = 0, m = 0, found
    cdef Py_ssize_t di, dj, dk, start
    cdef int d, s, t, w, owner, a, b, other
    cdef double total, valid, scale, x0, y0, z0, distance, best, part
    cdef double weight[6]
    lost[0] = 0.0
    lost[1] = 0.0
    for c in range(voxel.shape[0]):
        i = voxel[c] // (ny * nz)
        j = voxel[c] // nz % ny
        k = voxel[c] % nz
        owner = region[i, j, k]
        x0, y0, z0 = xc[i], yc[j], zc[k]
        for p in range(packet_row[c], packet_row[c + 1]):
            a, b = pair[p, 0], pair[p, 1]
            total = 0.0
            valid = 0.0
            for d in range(3):
                for s in range(2):
                    w = 2 * d + s
                    total += wall[p, w]
                    weight[w] = 0.0
                    if wall[p, w] <= 0.0 or (owner != a and owner != b):
                        continue
                    t = s if owner == a else 1 - s
                    i2 = i + (2 * t - 1 if d == 0 else 0)
                    j2 = j + (2 * t - 1 if d == 1 else 0)
                    k2 = k + (2 * t - 1 if d == 2 else 0)
                    if _inside(i2, j2, k2, region) and region[i2, j2, k2] == (b if owner == a else a):
                        weight[w] = wall[p, w]
                        valid += wall[p, w]
            if total <= 0.0:
                continue
            if valid > 0.0:
                scale = total / valid
                for d in range(3):
                    for s in range(2):
                        w = 2 * d + s
                        if weight[w] <= 0.0:
                            continue
                        face[n] = _face_key(i, j, k, d, s if owner == a else 1 - s, region)
                        given[n, 0] = scale * wall[p, w]
                        given[n, 1] = given[n, 0]
                        for q in range(3):
                            given[n, 3 + q] = scale * wall[p, 12 + 3 * w + q]
                        given[n, 2] = (scale * wall[p, 6 + w] + given[n, 3] * x0 + given[n, 4] * y0 + given[n, 5] * z0)
                        n += 1
                continue
            # no opposite neighbour: the nearest face of the same pair, equal parts where several are equally near
            best = 1e300
            start = n
            for di in range(-2, 3):
                for dj in range(-2, 3):
                    for dk in range(-2, 3):
                        i2, j2, k2 = i + di, j + dj, k + dk
                        if not _inside(i2, j2, k2, region) or region[i2, j2, k2] != a:
                            continue
                        for d in range(3):
                            for s in range(2):
                                if not _inside(i2 + (2 * s - 1 if d == 0 else 0), j2 + (2 * s - 1 if d == 1 else 0),
                                               k2 + (2 * s - 1 if d == 2 else 0), region):
                                    continue
                                if region[i2 + (2 * s - 1 if d == 0 else 0), j2 + (2 * s - 1 if d == 1 else 0),
                                          k2 + (2 * s - 1 if d == 2 else 0)] != b:
                                    continue
                                # in units of the local voxel: midpoint of the two centres
                                distance = ((di + (s - 0.5 if d == 0 else 0.0)) ** 2 + (dj + (s - 0.5 if d == 1 else 0.0)) ** 2
                                            + (dk + (s - 0.5 if d == 2 else 0.0)) ** 2)
                                if distance < best - 1e-9:
                                    best = distance
                                    n = start
                                if distance < best + 1e-9 and n - start < 24:
                                    face[n] = _face_key(i2, j2, k2, d, s, region)
                                    n += 1
            found = n - start
            if found == 0:
                lost[0] += total
                continue
            part = total / found
            for q in range(start, n):
                given[q, 0] = part
                # its planes do not speak of that face: it takes no part in the distances
                for d in range(1, 6):
                    given[q, d] = 0.0
        for q in range(sliver_row[c], sliver_row[c + 1]):
            other = sliver_region[q]
            valid = 0.0
            start = m
            for p in range(packet_row[c], packet_row[c + 1]):
                a, b = pair[p, 0], pair[p, 1]
                if not ((a == owner and b == other) or (b == owner and a == other)):
                    continue
                for d in range(3):
                    for s in range(2):
                        w = 2 * d + s
                        if wall[p, w] <= 0.0:
                            continue
                        t = s if owner == a else 1 - s
                        i2 = i + (2 * t - 1 if d == 0 else 0)
                        j2 = j + (2 * t - 1 if d == 1 else 0)
                        k2 = k + (2 * t - 1 if d == 2 else 0)
                        if _inside(i2, j2, k2, region) and region[i2, j2, k2] == other and m - start < 24:
                            target[m] = (i2 * ny + j2) * nz + k2
                            moved[m] = wall[p, w]
                            valid += wall[p, w]
                            m += 1
            if valid > 0.0:
                for p in range(start, m):
                    moved[p] = moved[p] * sliver_volume[q] / valid
                continue
            best = 1e300
            m = start
            for di in range(-2, 3):
                for dj in range(-2, 3):
                    for dk in range(-2, 3):
                        i2, j2, k2 = i + di, j + dj, k + dk
                        if not _inside(i2, j2, k2, region) or region[i2, j2, k2] != other:
                            continue
                        distance = di * di + dj * dj + dk * dk
                        if distance < best - 0.5:
                            best = distance
                            m = start
                        if distance < best + 0.5 and m - start < 24:
                            target[m] = (i2 * ny + j2) * nz + k2
                            m += 1
            if m == start:
                lost[1] += sliver_volume[q]
                continue
            for p in range(start, m):
                moved[p] = sliver_volume[q] / (m - start)
    return n, m


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

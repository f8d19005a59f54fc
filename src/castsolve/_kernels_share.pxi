# Walls and slivers of cut voxels go to interface faces and voxels of their own.

cdef extern from "_share.h":
    ctypedef struct ShareVolume:
        int64_t giver, voxel
        int region
        double volume

    ctypedef struct ShareSlab:
        const uint8_t *region
        const double *x
        const double *y
        const double *z
        Py_ssize_t nx, ny, nz, i, first, last
        const int64_t *voxel
        const double *own
        const int64_t *packet_row
        const uint8_t *pair
        const double *wall
        const int64_t *sliver_row
        const uint8_t *sliver_region
        const double *sliver_volume
        double *lost
        int64_t *face_key
        int64_t *index
        double *area
        double *low
        double *high
        double *volume
        Py_ssize_t held_faces, held_voxels
        const ShareVolume *gift
        Py_ssize_t gifts
        int failed
    void share_give(ShareSlab *s) nogil
    void share_gather(ShareSlab *all, Py_ssize_t i) nogil
    void share_free(ShareSlab *s) nogil


cdef int _share_copy(const ShareSlab *s, Py_ssize_t face, Py_ssize_t place, int64_t[::1] voxel, uint8_t[::1] axis, double[::1] area,
                     double[::1] low, double[::1] high, int64_t[::1] index, double[::1] volume) noexcept nogil:
    cdef Py_ssize_t f
    for f in range(s.held_faces):
        voxel[face + f] = s.face_key[f] // 3
        axis[face + f] = <uint8_t> (s.face_key[f] % 3)
        area[face + f] = s.area[f]
        low[face + f] = s.low[f]
        high[face + f] = s.high[f]
    for f in range(s.held_voxels):
        index[place + f] = s.index[f]
        volume[place + f] = s.volume[f]
    return 0


cdef int _share_metal(const ShareSlab *slab, Py_ssize_t slabs, allocate) except -1:
    """List the gifts of region 0."""
    cdef Py_ssize_t a, g, n = 0
    cdef int64_t[::1] giver, taker
    cdef double[::1] volume
    for a in range(slabs):
        for g in range(slab[a].gifts):
            n += slab[a].gift[g].region == 0
    giver, taker, volume = allocate(n)
    n = 0
    for a in range(slabs):
        for g in range(slab[a].gifts):
            if slab[a].gift[g].region == 0:
                giver[n], taker[n], volume[n] = slab[a].gift[g].giver, slab[a].gift[g].voxel, slab[a].gift[g].volume
                n += 1
    return 0


def share_walls(const uint8_t[:, :, ::1] region, const double[::1] x, const double[::1] y, const double[::1] z,
                const int64_t[::1] voxel, const double[::1] own, const int64_t[::1] packet_row, const uint8_t[:, ::1] pair,
                const double[:, ::1] wall, const int64_t[::1] sliver_row, const uint8_t[::1] sliver_region,
                const double[::1] sliver_volume, allocate, double[:, ::1] lost, int threads, metal=None):
    """Give each cut voxel's wall area and slivers to interface faces of its own pair of regions, with weights n_d^2.

    Parameters
    ----------
    region : owner region of every voxel.
    x, y, z : nodes.
    voxel, own : cut voxels, rising, and the volume of their owners in them (m3).
    packet_row, pair, wall : walls of the cut voxels in compressed rows, each one's (inner, outer) regions and its 30 sums M[6], P[6],
        N[6][3] about the voxel's centre.
    sliver_row, sliver_region, sliver_volume : minority volumes of the cut voxels (m3), in compressed rows.
    allocate : called with the numbers of faces and of voxels; returns (voxel int64, axis uint8, area, low, high float64 [faces], index
        int64, volume float64 [voxels]).
    lost : (nx, 1 + regions), zeros, out: wall area and volume of each region that found no face or voxel within two voxels.
    threads : number of threads.
    metal : called with the number of gifts of region 0; returns (giver int64, taker int64, volume float64), which are filled in the
        order of the givers: whose sliver became part of which voxel, and how much of it (m3).

    Returns
    -------
    arrays
        The filled arrays: faces that conduct in rising order (low voxel, axis, wall area in m2, distances of the low and the high
        centre in m), and the voxels whose volume is not the plain one (m3).
    """
    cdef Py_ssize_t slabs = region.shape[0], plane = region.shape[1] * region.shape[2], a, at = 0
    cdef int failed = 0
    cdef ShareSlab *slab = <ShareSlab*> calloc(slabs, sizeof(ShareSlab))
    cdef Py_ssize_t *start = <Py_ssize_t*> calloc(2 * (slabs + 1), sizeof(Py_ssize_t))
    cdef int64_t[::1] face_voxel, index
    cdef uint8_t[::1] axis
    cdef double[::1] area, low, high, volume
    if slab == NULL or start == NULL:
        raise MemoryError
    for a in range(slabs):
        slab[a].region = &region[0, 0, 0]
        slab[a].x, slab[a].y, slab[a].z = &x[0], &y[0], &z[0]
        slab[a].nx, slab[a].ny, slab[a].nz, slab[a].i = slabs, region.shape[1], region.shape[2], a
        slab[a].voxel, slab[a].own = <const int64_t*> _address(voxel.base), <const double*> _address(own.base)
        slab[a].packet_row, slab[a].sliver_row = &packet_row[0], &sliver_row[0]
        slab[a].pair, slab[a].wall = <const uint8_t*> _address(pair.base), <const double*> _address(wall.base)
        slab[a].sliver_region = <const uint8_t*> _address(sliver_region.base)
        slab[a].sliver_volume = <const double*> _address(sliver_volume.base)
        slab[a].lost = &lost[a, 0]
        slab[a].first = at
        while at < voxel.shape[0] and voxel[at] < (a + 1) * plane:
            at += 1
        slab[a].last = at
    for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
        share_give(&slab[a])
    for a in range(slabs):
        failed |= slab[a].failed
    if not failed:
        for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
            share_gather(slab, a)
    for a in range(slabs):
        failed |= slab[a].failed
        start[2 * a + 2] = start[2 * a] + slab[a].held_faces
        start[2 * a + 3] = start[2 * a + 1] + slab[a].held_voxels
    arrays = None
    if not failed:
        arrays = allocate(start[2 * slabs], start[2 * slabs + 1])
        face_voxel, axis, area, low, high, index, volume = arrays
        for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
            _share_copy(&slab[a], start[2 * a], start[2 * a + 1], face_voxel, axis, area, low, high, index, volume)
    if not failed and metal is not None:
        _share_metal(slab, slabs, metal)
    for a in range(slabs):
        share_free(&slab[a])
    free(slab)
    free(start)
    if failed:
        raise MemoryError
    return arrays

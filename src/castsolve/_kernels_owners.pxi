# Owners of the voxels: overlaps resolved by priority, shares, and which wall faces whom, slab by slab.

cdef extern from "_owners.h":
    enum: MIX_SUMS
    ctypedef struct MixPacket:
        double sums[30]
    ctypedef struct OwnBody:
        const uint8_t *state
        Py_ssize_t i0, i1, j0, j1, k0, k1
        const int64_t *index
        const int64_t *row
        const double *share
        const double *wall
        const double *corners
        const int64_t *slab_row
        const int32_t *slab_triangle
    ctypedef struct OwnPacket:
        int32_t voxel
        int body
        uint8_t inner, outer
        int64_t row
    ctypedef struct OwnSliver:
        double volume
        int32_t voxel
        uint8_t region
    ctypedef struct OwnSlab:
        const double *x
        const double *y
        const double *z
        Py_ssize_t nx, ny, nz, i
        const OwnBody *bodies
        int count
        const uint8_t *region_of
        const uint8_t *rank
        int regions
        uint8_t *body
        uint8_t *region
        double *body_volume
        int32_t *where
        double *own
        double *metal
        Py_ssize_t cut, mixed
        OwnPacket *packet
        Py_ssize_t packets
        MixPacket *made
        OwnSliver *sliver
        Py_ssize_t slivers
        int failed
    void own_slab(OwnSlab *s) nogil


cdef int _own_copy(OwnSlab *s, const OwnBody *bodies, Py_ssize_t cut, Py_ssize_t packet, Py_ssize_t sliver, int64_t[::1] index,
                   double[::1] own, double[::1] metal, int64_t[::1] packet_row, uint8_t[:, ::1] pair, double[:, ::1] wall,
                   int64_t[::1] sliver_row, uint8_t[::1] sliver_region, double[::1] sliver_volume) noexcept nogil:
    """Copy one slab's findings behind those of the slabs before it: ``cut``, ``packet``, ``sliver`` are where its own begin."""
    cdef Py_ssize_t v, p = 0, q = 0
    cdef const double *sums
    for v in range(s.cut):
        index[cut + v] = s.i * s.ny * s.nz + s.where[v]
        own[cut + v] = s.own[v]
        metal[cut + v] = s.metal[v]
        packet_row[cut + v] = packet + p
        sliver_row[cut + v] = sliver + q
        while p < s.packets and s.packet[p].voxel == v:
            pair[packet + p, 0] = s.packet[p].inner
            pair[packet + p, 1] = s.packet[p].outer
            if s.packet[p].body < 0:
                sums = s.made[s.packet[p].row].sums
            else:
                sums = bodies[s.packet[p].body].wall + CUT_WALL * s.packet[p].row
            memcpy(&wall[packet + p, 0], sums, MIX_SUMS * sizeof(double))
            p = p + 1
        while q < s.slivers and s.sliver[q].voxel == v:
            sliver_region[sliver + q] = s.sliver[q].region
            sliver_volume[sliver + q] = s.sliver[q].volume
            q = q + 1
    free(s.where)
    free(s.own)
    free(s.metal)
    free(s.packet)
    free(s.made)
    free(s.sliver)
    return 0


def own_voxels(list cuts, const double[::1] x, const double[::1] y, const double[::1] z, const uint8_t[::1] region_of,
               const uint8_t[::1] rank, uint8_t[:, :, ::1] body, uint8_t[:, :, ::1] region, double[:, ::1] body_volume,
               allocate, int threads):
    """Resolve overlaps by priority and find each voxel's owner and each cut voxel's walls and slivers.

    Parameters
    ----------
    cuts : a tuple a body, from the highest priority to the lowest: (number, window, state, index, row, share, wall, corners,
        slab_row, slab_triangle), as `cut_surface` takes and fills them; ``row`` says where the cut voxels of each slab begin.
        Bodies outside the grid are left out; ``number`` is the body's place among all.
    x, y, z : nodes of the whole grid.
    region_of : region of every body, the background's last.
    rank : regions from the highest priority to the lowest.
    body, region : (nx, ny, nz), out.
    body_volume : (nx, bodies + 1), zeros, out: each body's volume in every slab (m3).
    allocate : called with the numbers of cut voxels, packets and slivers; returns (index int64 [n], own float64 [n], metal float64
        [n], packet_row int64 [n + 1], pair uint8 [packets, 2], wall float64 [packets, 30], sliver_row int64 [n + 1], sliver_region
        uint8 [slivers], sliver_volume float64 [slivers]).
    threads : number of threads.

    Returns
    -------
    arrays, int
        The filled arrays, and the number of voxels that several surfaces cut.
    """
    cdef Py_ssize_t slabs = x.shape[0] - 1, count = region_of.shape[0] - 1, a, b, mixed = 0
    cdef int failed = 0
    cdef OwnBody *bodies = <OwnBody*> calloc(count + 1, sizeof(OwnBody))
    cdef OwnSlab *slab = <OwnSlab*> calloc(slabs, sizeof(OwnSlab))
    cdef Py_ssize_t *start = <Py_ssize_t*> calloc(3 * (slabs + 1), sizeof(Py_ssize_t))
    cdef int64_t[::1] index, packet_row, sliver_row
    cdef double[::1] own, metal, sliver_volume
    cdef uint8_t[:, ::1] pair
    cdef uint8_t[::1] sliver_region
    cdef double[:, ::1] wall
    if bodies == NULL or slab == NULL or start == NULL:
        raise MemoryError
    for number, window, state, at, row, share, sums, corners, slab_row, slab_triangle in cuts:
        b = number
        bodies[b].i0, bodies[b].i1, bodies[b].j0, bodies[b].j1, bodies[b].k0, bodies[b].k1 = window
        bodies[b].state = <const uint8_t*> _address(state)
        bodies[b].index = <const int64_t*> _address(at)
        bodies[b].row = <const int64_t*> _address(row)
        bodies[b].share = <const double*> _address(share)
        bodies[b].wall = <const double*> _address(sums)
        bodies[b].corners = <const double*> _address(corners)
        bodies[b].slab_row = <const int64_t*> _address(slab_row)
        bodies[b].slab_triangle = <const int32_t*> _address(slab_triangle)
    for a in range(slabs):
        slab[a].x, slab[a].y, slab[a].z = &x[0], &y[0], &z[0]
        slab[a].nx, slab[a].ny, slab[a].nz, slab[a].i = slabs, y.shape[0] - 1, z.shape[0] - 1, a
        slab[a].bodies, slab[a].count, slab[a].region_of = bodies, <int> count, &region_of[0]
        slab[a].rank, slab[a].regions = &rank[0], <int> rank.shape[0]
        slab[a].body, slab[a].region, slab[a].body_volume = &body[a, 0, 0], &region[a, 0, 0], &body_volume[a, 0]
    for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
        own_slab(&slab[a])
    for a in range(slabs):
        failed |= slab[a].failed
        mixed += slab[a].mixed
        start[3 * a + 3] = start[3 * a] + slab[a].cut
        start[3 * a + 4] = start[3 * a + 1] + slab[a].packets
        start[3 * a + 5] = start[3 * a + 2] + slab[a].slivers
    arrays = None
    if not failed:
        arrays = allocate(start[3 * slabs], start[3 * slabs + 1], start[3 * slabs + 2])
        index, own, metal, packet_row, pair, wall, sliver_row, sliver_region, sliver_volume = arrays
        packet_row[start[3 * slabs]] = start[3 * slabs + 1]
        sliver_row[start[3 * slabs]] = start[3 * slabs + 2]
        for a in prange(slabs, nogil=True, num_threads=threads, schedule="dynamic"):
            _own_copy(&slab[a], bodies, start[3 * a], start[3 * a + 1], start[3 * a + 2], index, own, metal, packet_row, pair,
                      wall, sliver_row, sliver_region, sliver_volume)
    else:
        for a in range(slabs):
            free(slab[a].where)
            free(slab[a].own)
            free(slab[a].metal)
            free(slab[a].packet)
            free(slab[a].made)
            free(slab[a].sliver)
    free(bodies)
    free(slab)
    free(start)
    if failed:
        raise MemoryError
    return arrays, mixed

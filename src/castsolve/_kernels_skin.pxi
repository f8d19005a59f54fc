# Planes of the walls, and how thick the bodies between them are.

cdef extern from "_skin.h":
    ctypedef struct SkinField:
        const uint8_t *region
        Py_ssize_t ny, nz
        Py_ssize_t lo[3]
        Py_ssize_t size[3]
        const double *node[3]
        double voxel
        uint8_t mirror[6]
        const int64_t *place
        const uint8_t *pair
        const float *plane
        const int32_t *first
        Py_ssize_t planes
        int wanted
        double longest
    int skin_planes(const double *wall, float (*row)[5]) nogil
    double skin_ray(const SkinField *f, Py_ssize_t q, int *beyond) nogil


def wall_planes(const int64_t[::1] voxel, const int64_t[::1] packet_row, const uint8_t[:, ::1] pair, const double[:, ::1] wall,
                allocate):
    """Write the planes of the walls: what the cut voxels' packets say of where the walls lie.

    Parameters
    ----------
    voxel, packet_row, pair, wall : cut voxels, and their walls in compressed rows, as in `share_walls`.
    allocate : called with the number of planes; returns (place int64 [n], pair uint8 [n, 2], plane float32 [n, 5]).

    Returns
    -------
    arrays
        Voxel of each plane, its (inner, outer) regions, and its normal, its offset from the voxel's centre (m) and its area (m2).
        Pieces whose normals differ much within one direction make no plane.
    """
    cdef Py_ssize_t c, p, n = 0, q
    cdef float row[6][5]
    cdef int found
    cdef int64_t[::1] place
    cdef uint8_t[:, ::1] pairs
    cdef float[:, ::1] plane
    for p in range(pair.shape[0]):
        n += skin_planes(&wall[p, 0], row)
    arrays = allocate(n)
    place, pairs, plane = arrays
    n = 0
    for c in range(voxel.shape[0]):
        for p in range(packet_row[c], packet_row[c + 1]):
            found = skin_planes(&wall[p, 0], row)
            for q in range(found):
                place[n] = voxel[c]
                pairs[n, 0], pairs[n, 1] = pair[p, 0], pair[p, 1]
                memcpy(&plane[n, 0], &row[q][0], 5 * sizeof(float))
                n += 1
    return arrays


def wall_thickness(const uint8_t[:, :, ::1] region, tuple window, const double[::1] x, const double[::1] y,
                   const double[::1] z, const int64_t[::1] place, const uint8_t[:, ::1] pair, const float[:, ::1] plane,
                   int wanted, double voxel, double longest, tuple mirrors, float[::1] thickness, uint8_t[::1] beyond,
                   int threads):
    """Measure a region from each of its walls straight through to the wall on the other side.

    Parameters
    ----------
    region : owner region of every voxel.
    window : (i0, i1, j0, j1, k0, k1), the part of the grid in which rays run.
    x, y, z : node coordinates of the whole grid (m).
    place, pair, plane : planes of the walls in rising order of their voxels, see `wall_planes`.
    wanted : the region.
    voxel : smallest spacing in the window (m).
    longest : where rays end (m).
    mirrors : whether rays come back from the window's low and high x, y and z sides.
    thickness : out: length (m); 1e30 where the plane does not bound the region, lies outside the window, or its ray meets no wall
        that faces it: beside an edge, at the window's border, or farther than ``longest``.
    beyond : out: the region behind the wall that is met.
    threads : number of threads.
    """
    cdef SkinField f
    cdef Py_ssize_t q, i, j, k, n = place.shape[0], ny = region.shape[1], nz = region.shape[2]
    cdef int32_t *first
    cdef int far
    if n == 0:
        return
    f.lo[0], f.lo[1], f.lo[2] = window[0], window[2], window[4]
    f.size[0], f.size[1], f.size[2] = window[1] - window[0], window[3] - window[2], window[5] - window[4]
    for i in range(6):
        f.mirror[i] = mirrors[i]
    first = <int32_t*> malloc(f.size[0] * f.size[1] * f.size[2] * sizeof(int32_t))
    if first == NULL:
        raise MemoryError
    for q in range(f.size[0] * f.size[1] * f.size[2]):
        first[q] = -1
    f.node[0], f.node[1], f.node[2] = &x[0], &y[0], &z[0]
    f.region, f.ny, f.nz, f.voxel = &region[0, 0, 0], ny, nz, voxel
    f.place, f.pair, f.plane, f.first = &place[0], &pair[0, 0], &plane[0, 0], first
    f.planes, f.wanted, f.longest = n, wanted, longest
    for q in range(n):
        i, j, k = place[q] // (ny * nz) - f.lo[0], place[q] // nz % ny - f.lo[1], place[q] % nz - f.lo[2]
        thickness[q] = 1e30
        if 0 <= i < f.size[0] and 0 <= j < f.size[1] and 0 <= k < f.size[2]:
            if first[(i * f.size[1] + j) * f.size[2] + k] < 0:
                first[(i * f.size[1] + j) * f.size[2] + k] = <int32_t> q
            if pair[q, 0] == wanted or pair[q, 1] == wanted:
                thickness[q] = 0.0
    for q in prange(n, nogil=True, num_threads=threads, schedule="static"):
        far = wanted
        if thickness[q] == 0.0:
            thickness[q] = <float> skin_ray(&f, q, &far)
        beyond[q] = <uint8_t> far
    free(first)

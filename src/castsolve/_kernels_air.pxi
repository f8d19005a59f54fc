# Pockets of air in a filling: what a FlowSweep knows of them.


def find_pockets(FlowSweep sweep):
    """Number the pockets of air by the liquid voxels of now; returns how many there are."""
    cdef int32_t count
    with nogil:
        count = flow_pockets(&sweep.s, sweep.queue)
    return count


def measure_pockets(FlowSweep sweep, const double[::1] leak, double[:, ::1] table):
    """Add up volume (h^3), what the vents let through, whether it reaches the open, and place times volume of every pocket.

    ``leak`` is the conductance of every padded voxel, below 0 where it is open; ``table`` has a row of ten zeros a pocket.
    """
    with nogil:
        flow_measure(&sweep.s, &leak[0], &table[0, 0])


def hand_air(FlowSweep sweep, const double[:, ::1] before, double[:, ::1] shared, double[:, ::1] table):
    """Give the mass, pressure times volume and volume of the pockets before to those of now; ``shared``: two zeros a pocket before,
    afterwards its first number is 0 where a pocket found no heir."""
    cdef Py_ssize_t count = before.shape[0]
    with nogil:
        flow_hand_air(&sweep.s, &before[0, 0], count, &shared[0, 0], &table[0, 0])


def keep_pockets(FlowSweep sweep):
    """Make the pockets of now those of the start of the next step."""
    memcpy(sweep.s.pocket_before, sweep.s.pocket, sweep.s.nx * sweep.s.ny * sweep.s.nz * sizeof(int32_t))


def count_border(FlowSweep sweep, const uint8_t[::1] closed, int64_t[::1] row):
    """Count the surface faces of the pockets that are ``closed``, into ``row[1:]``."""
    with nogil:
        flow_border(&sweep.s, &closed[0], &row[0], NULL, NULL, NULL)


def join_air(FlowSweep sweep, const uint8_t[::1] closed, int64_t[::1] row, tuple faces, double[:, ::1] rows):
    """Make the pressures of the pockets unknowns of the system that was just assembled.

    Parameters
    ----------
    closed : ndarray of uint8
        1 for pockets with an unknown pressure.
    row : ndarray of int64
        First surface face of every pocket, and their number.
    faces : tuple of three ndarrays
        Room for the surface faces: liquid voxel, voxel of the pocket (int64), conductance.
    rows : ndarray, shape (7, pockets)
        The first three hold what the gas itself adds to the diagonal, its share of the right-hand side, and a first guess.
    """
    cdef CAir *air = &sweep.air
    cdef Py_ssize_t count = closed.shape[0], who
    cdef int64_t b
    cdef int64_t[::1] next_ = row.copy(), wet = faces[0], dry = faces[1]
    cdef double[::1] coef = faces[2]
    sweep.rows_of_air = (row, faces, rows)
    air.count = 0
    if count == 0:
        return
    air.count = count
    air.row, air.wet, air.dry, air.coef = &row[0], &wet[0], &dry[0], &coef[0]
    air.diag, air.rhs, air.x, air.p = &rows[0, 0], &rows[1, 0], &rows[2, 0], &rows[3, 0]
    air.q, air.r, air.z = &rows[4, 0], &rows[5, 0], &rows[6, 0]
    with nogil:
        flow_border(&sweep.s, &closed[0], &next_[0], <int64_t*> air.wet, <int64_t*> air.dry, <double*> air.coef)
        flow_pushed(&sweep.s, &closed[0], air.rhs)
        for who in range(count):
            for b in range(row[who], row[who + 1]):
                air.diag[who] += coef[b]
        air_spread(air, air.x, sweep.s.P)

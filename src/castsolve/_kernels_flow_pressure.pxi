# The pressure of a filling: its system, and conjugate gradients with multigrid.

cdef class FlowPressure(FlowState):
    """The pressure system of one filling, with the pockets of air in it.

    Parameters
    ----------
    arrays, shape, voxel, threads
        As in `FlowState`.
    levels : list of dict
        Multigrid levels from fine to coarse (`multigrid_levels`): fields as float32 and columns of rows as int32, with a border of one
        row; a row's voxels begin eight columns after its start, and its length is a multiple of eight.
    """

    cdef CAir air
    cdef CLevel level[16]
    cdef int levels
    cdef readonly int32_t mark
    cdef object rows_of_air
    cdef readonly list coarse

    def __cinit__(self, dict arrays, tuple shape, double voxel, list levels, int threads):
        cdef CFlow *s = &self.s
        cdef int d, m
        self.coarse = levels
        self.air.count = 0
        self.levels = len(levels)
        for m in range(self.levels):
            part = levels[m]
            self.level[m].nx, self.level[m].ny, self.level[m].nz = part["shape"]
            self.level[m].step[1] = part["x"].shape[2]
            self.level[m].step[0] = (self.level[m].ny + 2) * self.level[m].step[1]
            for d in range(3):
                self.level[m].by[d] = part["by"][d]
                self.level[m].link[d] = <float*> _address(part["link"][d])
            self.level[m].outer, self.level[m].inverse = <float*> _address(part["outer"]), <float*> _address(part["inverse"])
            self.level[m].x, self.level[m].b = <float*> _address(part["x"]), <float*> _address(part["b"])
            self.level[m].lo, self.level[m].hi = <const int32_t*> _address(part["lo"]), <const int32_t*> _address(part["hi"])
            self.level[m].first, self.level[m].end = <int32_t*> _address(part["first"]), <int32_t*> _address(part["end"])
            self.level[m].load = <int64_t*> _address(part["load"])
            self.level[m].begins = <Py_ssize_t*> malloc((threads + 1) * sizeof(Py_ssize_t))
            if self.level[m].begins == NULL:
                raise MemoryError
            self.level[m].flow = s
            self.level[m].fine = &self.level[m - 1] if m else NULL
            self.level[m].reach = part["reach"]
            self.level[m].p, self.level[m].q = <float*> _address(part.get("p")), <float*> _address(part.get("q"))
            self.level[m].y, self.level[m].unit = <float*> _address(part.get("y")), 1.0

    def __dealloc__(self):
        cdef int m
        for m in range(self.levels):
            free(self.level[m].begins)

    def assemble(self, double ratio=1.0):
        """Set up the pressure system; returns the number of enclosed bodies of liquid and the largest mean gain they are asked for."""
        cdef double worst
        cdef int64_t enclosed
        self.s.beta = ratio
        with nogil:
            self._over(&flow_coefs)
            self._over(&flow_mend)
            self._over(&flow_mended)
            if self.s.curve != NULL:
                self._over(&flow_curvature)
                self._over(&flow_jumps)
            self._over(&flow_narrow)
            self._over(&flow_system)
            enclosed = flow_enclosed(&self.s, self.queue, &self.mark, &worst)
        return enclosed, worst

    def set_up(self):
        """Set up the multigrid levels for the present system."""
        cdef int m, hands
        cdef CLevel *l
        with nogil:
            for m in range(self.levels):
                l = &self.level[m]
                hands = self.threads if l.nx * l.ny * l.nz > 30000 else 1
                _flow_planes(&level_first if m == 0 else &level_coarse, l, 1, l.nx + 1, hands)
                if m:
                    _flow_planes(&level_invert, l, 1, l.nx + 1, hands)
                level_divide(l, self.threads, self.level[m + 1].by[0] if m < self.levels - 1 else 1)

    cdef void _pass(self, CLevel *coarse, bint up, bint fresh) noexcept nogil:
        """Go down from the finer level to this one, or back up."""
        cdef CTask task
        cdef int phase
        cdef Py_ssize_t hands = coarse.fine.hands
        task.coarse, task.up, task.fresh = coarse, up, fresh
        for phase in range(3 if hands > 1 else 1):
            task.phase = phase
            _flow_planes(&level_pass, &task, 0, hands, <int> hands)

    cdef void _descend(self, int m, int turns) noexcept nogil:
        cdef CLevel *l = &self.level[m]
        cdef int t
        if m == self.levels - 1:
            level_solve(l, 4, False, True)
            level_solve(l, 4, True, False)
            return
        for t in range(turns):
            self._pass(&self.level[m + 1], False, t == 0)
            self._descend(m + 1, 2)
            self._pass(&self.level[m + 1], True, False)

    def precondition(self):
        """Apply the preconditioner once to ``b`` of the finest level, into its ``x``."""
        with nogil:
            self._descend(0, 1)

    cdef void _finest(self, plane_function f) noexcept nogil:
        """Run a part of the conjugate gradients."""
        cdef CLevel *l = &self.level[0]
        cdef Py_ssize_t h
        if l.hands == 1:
            f(l, 1, l.nx + 1)
        else:
            for h in prange(l.hands, num_threads=<int> l.hands, schedule="static", chunksize=1):
                f(l, l.begins[h], l.begins[h + 1])

    cdef double _renew(self) noexcept nogil:
        """Add what was found to the pressure; returns the largest true residual (m/s)."""
        cdef double most, air
        self._finest(&level_add)
        if self.air.count:
            air_spread(&self.air, self.air.x, self.s.P)
        self._finest(&level_residual)
        self.s.plane[4 * 2] = self.s.plane[4 * (self.s.nx - 3)] = 0.0 # beyond the finest level
        most = self._most()
        if self.air.count:
            air = air_residual(&self.level[0], &self.air)
            if not (air <= most):
                most = air
        return most

    cdef double _step(self, double *before) noexcept nogil:
        """Make one step of the conjugate gradients; returns the largest residual (m/s), or -1 where none can be made."""
        cdef double zr, pq, most, air
        self._descend(0, 1)
        self._finest(&level_product)
        zr = self._sum(0)
        if self.air.count:
            zr += air_precondition(&self.air)
        if not (zr > 0.0):
            return -1.0
        self.s.beta = zr / before[0] if before[0] > 0.0 else 0.0
        before[0] = zr
        self._finest(&level_turn)
        if self.air.count:
            air_turn(&self.air, self.s.beta)
        self._finest(&level_apply)
        pq = self._sum(0)
        if self.air.count:
            pq += air_apply(&self.level[0], &self.air)
        if not (pq > 0.0):
            return -1.0
        self.s.beta = zr / pq
        self._finest(&level_march)
        most = self._most()
        if self.air.count:
            air = air_march(&self.level[0], &self.air, self.s.beta)
            if not (air <= most):
                most = air
        return most * self.level[0].unit

    def solve(self, double tolerance, int most_iterations):
        """Solve the pressure system until the largest true residual (m/s) is below the tolerance; needs `set_up`.

        Returns
        -------
        iterations, residual
            The residual is computed anew from the pressure at the end.
        """
        cdef double most, reached, goal, before = 0.0
        cdef int it = 0, stalls = 0
        with nogil:
            self.level[0].unit = ldexp(1.0, <int> log2(tolerance))
            most = self._renew()
            while most > tolerance and it < most_iterations and stalls < 4:
                # Single precision knows the residual to a ten thousandth of what it was when it was last computed.
                goal = max(tolerance, 1e-3 * most)
                reached = most
                while reached > goal and it < most_iterations:
                    reached = self._step(&before)
                    if reached < 0.0:
                        before = 0.0
                        break
                    it += 1
                goal, most = most, self._renew()
                stalls += not (most < 0.5 * goal)
                if not (most < 2.0 * max(reached, tolerance)):
                    before = 0.0 # the directions are no longer those of this residual
            if self.air.count:
                air_settle(&self.s, &self.air)
        return it, most

# The state of a filling: its arrays, which voxels liquid is near, and the threads that share them.

cdef class FlowState:
    """The arrays of one filling, and what a step looks at.

    Parameters
    ----------
    arrays : dict
        Every array by its name in ``_flow.h``, C-contiguous, padded by three voxels; faces' arrays as lists of three.
    shape : tuple of int
        Padded numbers of voxels.
    voxel : float
        Edge of a voxel (m).
    levels : list of dict
        For `FlowPressure`.
    threads : int
        Number of threads; the bits of the result do not depend on it.
    """

    cdef CFlow s
    cdef CNear near_
    cdef object arrays
    cdef int64_t *queue
    cdef readonly int threads
    cdef Py_ssize_t *begins # first plane of every thread, and the end of the last one's

    def __cinit__(self, dict arrays, tuple shape, double voxel, list levels, int threads):
        cdef CFlow *s = &self.s
        cdef int d, m
        self.arrays, self.threads = arrays, threads
        s.nx, s.ny, s.nz = shape
        s.step[0], s.step[1], s.step[2] = s.ny * s.nz, s.nz, 1
        s.h = voxel
        s.kind = <const uint8_t*> _address(arrays["kind"])
        s.V = <const double*> _address(arrays["V"])
        s.all_ = s.run = <const CStretch*> _address(arrays["stretch"])
        s.all_of = s.run_of = <const int64_t*> _address(arrays["stretch_of"])
        s.run_to = s.all_of + 1
        s.ghost, s.ghost_row = <const int64_t*> _address(arrays["ghost"]), <const int64_t*> _address(arrays["ghost_row"])
        s.ghost_of = <const int64_t*> _address(arrays["ghost_of"])
        s.ghost_first = <const int64_t*> _address(arrays["ghost_first"])
        s.F, s.Fn, s.F1 = <double*> _address(arrays["F"]), <double*> _address(arrays["Fn"]), <double*> _address(arrays["F1"])
        s.alpha, s.pk, s.P = <double*> _address(arrays["alpha"]), <double*> _address(arrays["pk"]), <double*> _address(arrays["P"])
        s.diag, s.rhs = <double*> _address(arrays["diag"]), <double*> _address(arrays["rhs"])
        s.q, s.r, s.z = <double*> _address(arrays["q"]), <double*> _address(arrays["r"]), <double*> _address(arrays["z"])
        s.wet = <uint8_t*> _address(arrays["wet"])
        s.depth, s.shallow = <uint8_t*> _address(arrays["depth"]), <uint8_t*> _address(arrays["shallow"])
        s.ratio, s.part = 0.0, 1.0
        s.plane = <double*> _address(arrays["plane"])
        s.stamp, s.parent = <int32_t*> _address(arrays["stamp"]), <int32_t*> _address(arrays["parent"])
        for d in range(3):
            s.a[d] = <const double*> _address(arrays["a"][d])
            s.face[d] = <const uint8_t*> _address(arrays["face"][d])
            s.plain[d] = <uint8_t*> _address(arrays["plain"][d])
            s.u[d], s.un[d] = <double*> _address(arrays["u"][d]), <double*> _address(arrays["un"][d])
            s.force[d], s.drift[d] = <double*> _address(arrays["force"][d]), <double*> _address(arrays["drift"][d])
            s.G[d], s.mob[d] = <double*> _address(arrays["G"][d]), <double*> _address(arrays["mob"][d])
            s.coef[d], s.layer[d] = <double*> _address(arrays["coef"][d]), <uint8_t*> _address(arrays["layer"][d])
        s.pocket = s.pocket_before = NULL
        if "pocket" in arrays:
            s.pocket, s.pocket_before = <int32_t*> _address(arrays["pocket"]), <int32_t*> _address(arrays["pocket_before"])
        s.curve, s.tension, s.cotangent, s.slope = NULL, 0.0, 0.0, 1.0
        if "curve" in arrays:
            s.curve = <double*> _address(arrays["curve"])
            for d in range(3):
                s.jump[d] = <double*> _address(arrays["jump"][d])
        s.ncarried = len(arrays.get("E", ()))
        for d in range(s.ncarried):
            s.E[d], s.En[d] = <double*> _address(arrays["E"][d]), <double*> _address(arrays["En"][d])
            s.E1[d], s.GE[d] = <double*> _address(arrays["E1"][d]), <double*> _address(arrays["GE"][d])
        # The pressure system's arrays are free while metal is moved.
        s.mean[0], s.mean[1], s.mean[2], s.mean[3] = s.q, s.z, s.rhs, s.diag
        s.drag, s.inertia = <const double*> _address(arrays.get("drag")), <const double*> _address(arrays.get("inertia"))
        s.theta_min, s.kappa, s.collapse, s.closing, s.most_closing = 1e-6, 0.5, 0.1, 0.1, 0.1
        self.queue = <int64_t*> malloc(s.nx * s.ny * s.nz * sizeof(int64_t))
        self.begins = <Py_ssize_t*> malloc((threads + 1) * sizeof(Py_ssize_t))
        if self.queue == NULL or self.begins == NULL:
            raise MemoryError
        self._divide()
        self._begin_near(arrays)
        self._over(&sides_find)

    cdef void _begin_near(self, dict arrays) except *:
        """Liquid is near everywhere until it is looked for; room for what a step keeps."""
        cdef CFlow *s = &self.s
        cdef CNear *w = &self.near_
        cdef int f
        w.flow = s
        w.now, w.kept = <uint8_t*> _address(arrays["near"]), <uint8_t*> _address(arrays["near_kept"])
        w.spread = <uint8_t*> _address(arrays["near_spread"])
        w.run = <CStretch*> _address(arrays["run"])
        w.run_of, w.run_to = <int64_t*> _address(arrays["run_of"]), <int64_t*> _address(arrays["run_to"])
        w.room = <const int64_t*> _address(arrays["run_room"])
        s.near_ = w.now
        w.keeps_of[0], w.keeps_of[1] = s.F, s.P
        for f in range(3):
            w.keeps_of[2 + f] = s.u[f]
        for f in range(s.ncarried):
            w.keeps_of[5 + f] = s.E[f]
        w.fields = 5 + s.ncarried
        for f in range(w.fields):
            w.keeps[f] = <double*> calloc(s.nx * s.ny * s.nz, sizeof(double))
            if w.keeps[f] == NULL:
                raise MemoryError

    def __dealloc__(self):
        cdef int f
        free(self.queue)
        free(self.begins)
        for f in range(self.near_.fields):
            free(self.near_.keeps[f])

    cdef double _most(self) noexcept nogil:
        cdef double most = 0.0
        cdef Py_ssize_t i
        for i in range(2, self.s.nx - 2):
            if not (self.s.plane[4 * i] <= most):
                most = self.s.plane[4 * i]
        return most

    cdef double _sum(self, int column) noexcept nogil:
        cdef double total = 0.0
        cdef Py_ssize_t i
        for i in range(2, self.s.nx - 2):
            total += self.s.plane[4 * i + column]
        return total

    cdef void _over(self, plane_function f) noexcept nogil:
        """Run a part of the step: every thread has planes with as many voxels that liquid is near."""
        cdef int t
        if self.threads <= 1:
            f(&self.s, 2, self.s.nx - 2)
        else:
            for t in prange(self.threads, num_threads=self.threads, schedule="static", chunksize=1):
                f(&self.s, self.begins[t], self.begins[t + 1])

    cdef int64_t _near_voxels(self, Py_ssize_t i) noexcept nogil:
        cdef int64_t r, count = 0
        for r in range(self.s.run_of[i], self.s.run_to[i]):
            count += self.s.run[r].end - self.s.run[r].first
        return count

    cdef void _divide(self) noexcept nogil:
        """Give every thread its planes, in proportion to their voxels."""
        cdef Py_ssize_t i, p = 2, t
        cdef int64_t total = 0, done = 0
        for i in range(2, self.s.nx - 2):
            total += self._near_voxels(i)
        self.begins[0] = 2
        for t in range(1, self.threads):
            while p < self.s.nx - 2 and done * self.threads < total * t:
                done += self._near_voxels(p)
                p += 1
            self.begins[t] = p
        self.begins[self.threads] = self.s.nx - 2

    cdef void _fractions(self) noexcept nogil:
        self._over(&flow_alpha)
        _flow_planes(&flow_ghosts, &self.s, 0, self.s.nx, self.threads)

    cdef void _nearby(self, plane_function f) noexcept nogil:
        _flow_planes(f, &self.near_, 0, self.s.nx, self.threads)

    cdef void _follow(self) noexcept nogil:
        """Find what liquid is near, and look at nothing else from now on."""
        self._nearby(&near_spread)
        self._nearby(&near_find)
        self.s.run, self.s.run_of, self.s.run_to = self.near_.run, self.near_.run_of, self.near_.run_to
        self._divide()

    def keep(self):
        """Keep what a step changes: liquid, contents, pressure and velocities."""
        with nogil:
            self._nearby(&near_keep)

    def restore(self):
        """Go back to what was kept last."""
        with nogil:
            self._nearby(&near_restore)
        self.s.run, self.s.run_of, self.s.run_to = self.near_.run, self.near_.run_of, self.near_.run_to
        self._divide()

# The heat sweep: one class that holds the arrays of a problem and runs stages over them.


cdef class HeatSweep:
    """The arrays of one heat problem and the sweeps over them.

    Parameters
    ----------
    arrays : dict
        Every array by the name of the C structure's member (see ``_heat.h``), C-contiguous and of the right type;
        ``H``, ``D1``, ``D2`` and optionally ``F0`` are the fields [nx, ny, nzp], float32 or float64. They are kept, not copied.
    sizes : tuple of int
        nx, ny, nz, nzp (nz rounded up to a multiple of 8).
    sides : sequence of tuple
        kind, htc, ambient, emissivity, flux for x_low, x_high, y_low, y_high, z_low, z_high.
    threads : int
        Number of threads; the bits of the result do not depend on it.
    """

    cdef CSweep s
    cdef object arrays
    cdef readonly int threads
    cdef readonly int threads_used
    cdef const CRows *rows
    cdef dict held
    cdef const int64_t[::1] limits
    cdef void **scratch
    cdef void **scratch_raw

    def __cinit__(self, dict arrays, tuple sizes, sides, int threads):
        cdef Py_ssize_t i0, i1
        cdef size_t nbytes
        cdef int a
        self.arrays = dict(arrays)
        self.threads = max(1, threads)
        self.rows = heat_rows(arrays["H"].itemsize == 4)
        self.s.nx, self.s.ny, self.s.nz, self.s.nzp = sizes
        self._point()
        self.set_sides(sides)
        self.s.hysteresis = arrays.get("hysteresis", 0.0)
        self.threads = min(self.threads, max(1, self.s.nx // 2))
        self.limits = self._shares(arrays.get("plane_work"))
        self.scratch = <void**> calloc(self.threads, sizeof(void*))
        self.scratch_raw = <void**> calloc(self.threads, sizeof(void*))
        if self.scratch == NULL or self.scratch_raw == NULL:
            raise MemoryError
        for a in range(self.threads):
            i0, i1 = self.limits[a], self.limits[a + 1]
            nbytes = self.rows.heat_scratch(&self.s, i0, i1)
            self.scratch[a] = aligned_scratch(nbytes, &self.scratch_raw[a])
            if self.scratch[a] == NULL:
                raise MemoryError

    def _shares(self, work):
        """Return the first plane of every thread, and the end: as many planes each, or as much work where a plane's is given."""
        import numpy

        parts = numpy.arange(self.threads + 1) / self.threads
        if work is None:
            return (parts * self.s.nx).astype(numpy.int64)
        done = numpy.concatenate([[0.0], numpy.cumsum(work)])
        found = numpy.searchsorted(done, parts * work.sum()).clip(0, self.s.nx)
        found[0], found[self.threads] = 0, self.s.nx
        return found.astype(numpy.int64)

    def __dealloc__(self):
        cdef int a
        if self.scratch_raw != NULL:
            for a in range(self.threads):
                free(self.scratch_raw[a])
        free(self.scratch)
        free(self.scratch_raw)

    cdef int _point(self) except -1:
        get = self.arrays.get
        self.s.dx = <const double*> _address(get("dx"))
        self.s.dy = <const double*> _address(get("dy"))
        self.s.dz = <const double*> _address(get("dz"))
        self.s.idz_row = _address(get("idz_row"))
        self.s.idz_face = _address(get("idz_face"))
        self.s.idz_behind = _address(get("idz_behind"))
        self.s.open = <const uint8_t*> _address(get("open"))
        self.s.span_row = <const int64_t*> _address(get("span_row"))
        self.s.span_start = <const int32_t*> _address(get("span_start"))
        self.s.span_end = <const int32_t*> _address(get("span_end"))
        self.s.span_open = <const uint8_t*> _address(get("span_open"))
        self.s.run_row = <const int64_t*> _address(get("run_row"))
        self.s.run_start = <const int32_t*> _address(get("run_start"))
        self.s.run_end = <const int32_t*> _address(get("run_end"))
        self.s.run_region = <const uint8_t*> _address(get("run_region"))
        self.s.run_watch = <const int64_t*> _address(get("run_watch"))
        self.s.cell_row = <const int32_t*> _address(get("cell_row"))
        self.s.cell_low = <const int32_t*> _address(get("cell_low"))
        self.s.cell_high = <const int32_t*> _address(get("cell_high"))
        self.s.cell_inv = _address(get("cell_inv"))
        self.s.cell_bottom = _address(get("cell_bottom"))
        self.s.cell_top = _address(get("cell_top"))
        self.s.potential = _address(get("potential"))
        self.s.bins = _address(get("bins"))
        self.s.cut_row = <const int64_t*> _address(get("cut_row"))
        self.s.cut_k = <const int32_t*> _address(get("cut_k"))
        self.s.cut_inv_volume = _address(get("cut_inv_volume"))
        self.s.face_row = <const int64_t*> _address(get("face_row"))
        self.s.face_a = <const int32_t*> _address(get("face_a"))
        self.s.face_b = <const int32_t*> _address(get("face_b"))
        self.s.face_area = _address(get("face_area"))
        self.s.face_low = _address(get("face_low"))
        self.s.face_high = _address(get("face_high"))
        self.s.face_kind = <const uint8_t*> _address(get("face_kind"))
        self.s.link_row = <const int64_t*> _address(get("link_row"))
        self.s.link_a = <const int32_t*> _address(get("link_a"))
        self.s.link_b = <const int32_t*> _address(get("link_b"))
        self.s.link_c = _address(get("link_c"))
        self.s.contact_T0 = <const double*> _address(get("contact_T0"))
        self.s.contact_inv = <const double*> _address(get("contact_inv"))
        self.s.contact_row = <const int32_t*> _address(get("contact_row"))
        self.s.contact_resistance = _address(get("contact_resistance"))
        self.s.H = _address(get("H"))
        self.s.D1 = _address(get("D1"))
        self.s.D2 = _address(get("D2"))
        self.s.F0 = _address(get("F0"))
        self.s.share = _address(get("share"))
        levels = get("level")
        self.s.nlevel = 0 if levels is None else len(levels)
        self.s.level = <const double*> _address(levels)
        self.s.level_gradient = <const int32_t*> _address(get("level_gradient"))
        self.s.watch_low = _address(get("watch_low"))
        self.s.watch_high = _address(get("watch_high"))
        self.s.watch_next = <uint8_t*> _address(get("watch_next"))
        self.s.watch_time = <float*> _address(get("watch_time"))
        self.s.watch_gradient = <float*> _address(get("watch_gradient"))
        self.s.nwatch = 0 if self.s.nlevel == 0 else len(get("watch_next"))
        if self.s.nwatch == 0:
            self.s.nlevel = 0
        self.s.bound_row = <const int64_t*> _address(get("bound_row"))
        self.s.bound_k = <const int32_t*> _address(get("bound_k"))
        self.s.bound_rate = _address(get("bound_rate"))
        self.s.bound_rise = _address(get("bound_rise"))
        self.s.run_ahead = <const int64_t*> _address(get("run_ahead"))
        self.s.ahead_at = <const int64_t*> _address(get("ahead_at"))
        self.s.ahead_place = <const int32_t*> _address(get("ahead_place"))
        self.s.ahead_region = <const uint8_t*> _address(get("ahead_region"))
        self.s.ahead_inverse = _address(get("ahead_inverse"))
        self.s.ahead_low = _address(get("ahead_low"))
        self.s.ahead_high = _address(get("ahead_high"))
        self.s.ahead_P = _address(get("ahead_P"))
        self.s.ahead_Y = _address(get("ahead_Y"))
        self.s.ahead_D = _address(get("ahead_D"))
        self.s.beside_row = <const int32_t*> _address(get("beside_row"))
        self.s.beside_own = <const int32_t*> _address(get("beside_own"))
        self.s.beside_other = <const int32_t*> _address(get("beside_other"))
        self.s.beside_count = <const int32_t*> _address(get("beside_count"))
        self.s.beside_weight = _address(get("beside_weight"))
        self.s.nahead = 0 if get("ahead_at") is None else len(get("ahead_at"))
        self._point_along(self.arrays)
        self.s.inflow = <double*> _address(get("inflow"))
        self.s.done = <int64_t*> _address(get("done"))
        return 0

    cdef int _point_along(self, dict arrays) except -1:
        cdef int a
        for a in range(6):
            self.s.side_along[a] = <const double*> _address(arrays.get(f"side_along_{a}"))
        return 0

    def hold(self, dict part):
        """Hold all voxels without the bit `MOVES` from now on, and book the heat through the faces of a part; {}: no more.

        ``part`` holds cross_row [nx*ny + 1], cross_k, cross_axis, cross_q0, cross_E1, cross_E2, and the side_along_* that count.
        """
        self.arrays.update({name: part.get(name) for name in ("cross_E1", "cross_E2")})
        self.held = part
        self.s.hold = len(part) > 0
        self.s.cross_row = <const int64_t*> _address(part.get("cross_row"))
        self.s.cross_k = <const int32_t*> _address(part.get("cross_k"))
        self.s.cross_axis = <const uint8_t*> _address(part.get("cross_axis"))
        self.s.cross_q0 = <double*> _address(part.get("cross_q0"))
        self.s.cross_E1 = <double*> _address(part.get("cross_E1"))
        self.s.cross_E2 = <double*> _address(part.get("cross_E2"))
        self._point_along(part)

    def share_fields(self, HeatSweep other):
        """March the increments of another sweep over the same fields."""
        for name in ("D1", "D2", "F0"):
            self.arrays[name] = other.arrays[name]
        self.s.D1, self.s.D2, self.s.F0 = other.s.D1, other.s.D2, other.s.F0

    def copy_increment(self, target):
        """Copy the increment of the last stage into a field like H, where this sweep walks; onto itself nothing happens."""
        cdef void *out = _address(target)
        cdef Py_ssize_t i
        if out == self.s.D1:
            return
        for i in prange(self.s.nx, nogil=True, num_threads=self.threads, schedule="static"):
            self.rows.copy_spans(&self.s, i, self.s.D1, out)

    def set_sides(self, sides):
        """Set the six outer sides anew (a boundary condition that changes with time)."""
        cdef int a
        for a in range(6):
            (self.s.side[a].kind, self.s.side[a].htc, self.s.side[a].ambient,
             self.s.side[a].emissivity, self.s.side[a].flux) = sides[a]

    def set_side_field(self, int a, field):
        """Set the ambient temperature (K) of every face of a convective side: contiguous, [ny, nz], [nx, nz] or [nx, ny]."""
        self.arrays[f"side_field_{a}"] = field
        self.s.side[a].field = <const double*> _address(field)

    def set_source(self, source):
        """Set the source array [nx, ny, nzp] in W/m3, or None."""
        self.arrays["source"] = source
        self.s.source = _address(source)

    def stage(self, *, double mu=0.0, double nu=0.0, double mt, double g=0.0, double t0, double t1,
              bint first=False, bint last=False, bint use_F0=False, bint swap=False, bint watch=True, double part=0.0,
              const double[::1] ahead=None, const double[::1] shares=None):
        """Run one stage.

        ``first``: D1 = mt F(H), and F0 = F where ``use_F0``. Otherwise D2 = mu D1 + nu D2 + mt F(H + D1) [+ g F0], after
        which D1 and D2 change places. ``last``: the state is kept, so watched voxels may have melted again. ``swap`` says that D2 holds the increment of the stage before the last (nu counts).
        ``watch``: first crossings are recorded. ``part`` of the step has passed at the stage's own state. ``ahead``: fluxes of the
        voxels in the lists ``ahead_*`` are taken at the mean of their state and of those after explicit steps (s) of their own
        one after another, each with its share of the mean; there is one more of ``shares`` than of steps.

        Returns
        -------
        inflow : float
            Heat flow (W) through the outer sides and from the source at the stage's own state.
        done : int
            Change of the number of watched voxels below the last level.
        """
        cdef Py_ssize_t i, chunk
        cdef int a, n = self.threads
        cdef double inflow = 0.0
        cdef int64_t done = 0
        cdef void *other
        self.s.mu, self.s.nu, self.s.mt, self.s.g = mu, nu, mt, g
        self.s.t0, self.s.t1 = t0, t1
        self.s.first = first
        self.s.last = last
        self.s.store_F0 = use_F0
        self.s.use_D2 = swap
        self.s.watching = watch and self.s.nlevel > 0
        self.s.part = part
        if ahead is not None and ahead.shape[0] > 0:
            self._foresee(ahead, shares)
        if n == 1:
            with nogil:
                self.rows.heat_planes(&self.s, 0, self.s.nx, self.scratch[0])
            self.threads_used = 1
        else:
            for a in prange(n, nogil=True, num_threads=n, schedule="static", chunksize=1):
                self.rows.heat_planes(&self.s, self.limits[a], self.limits[a + 1], self.scratch[a])
            self.threads_used = n if CASTSOLVE_HAVE_OPENMP else 1
        self.s.foreseeing = False
        for i in range(self.s.nx):
            inflow += self.s.inflow[i]
            done += self.s.done[i]
        if not first:
            other = self.s.D1
            self.s.D1 = self.s.D2
            self.s.D2 = other
            self.arrays["D1"], self.arrays["D2"] = self.arrays["D2"], self.arrays["D1"]
            if self.s.hold:
                other = self.s.cross_E1
                self.s.cross_E1 = self.s.cross_E2
                self.s.cross_E2 = <double*> other
                self.arrays["cross_E1"], self.arrays["cross_E2"] = self.arrays["cross_E2"], self.arrays["cross_E1"]
        return inflow, done

    cdef int _foresee(self, const double[::1] ahead, const double[::1] shares) except -1:
        cdef Py_ssize_t a, q0, q1, n = self.threads, runs = self.s.nahead
        cdef int p
        for p in range(ahead.shape[0]):
            for a in prange(n, nogil=True, num_threads=n, schedule="static", chunksize=1):
                q0, q1 = a * runs // n, (a + 1) * runs // n
                self.rows.foresee_potentials(&self.s, q0, q1, p == 0)
            for a in prange(n, nogil=True, num_threads=n, schedule="static", chunksize=1):
                q0, q1 = a * runs // n, (a + 1) * runs // n
                self.rows.foresee_runs(&self.s, q0, q1, p == 0, ahead[p], shares[p], shares[p + 1])
        self.s.foreseeing = True
        return 0

    def extremes(self, int region, bint ahead):
        """Return the smallest and the largest H of a region, or H with the last increment ``ahead``."""
        cdef Py_ssize_t i, nx = self.s.nx
        cdef const void *increment = self.s.D1 if ahead else NULL
        cdef double *found = <double*> calloc(2 * nx, sizeof(double))
        cdef double least = 1e300, most = -1e300
        if found == NULL:
            raise MemoryError
        for i in prange(nx, nogil=True, num_threads=self.threads, schedule="static"):
            self.rows.extremes_plane(&self.s, i, region, increment, found + i, found + nx + i)
        for i in range(nx):
            least, most = min(least, found[i]), max(most, found[nx + i])
        free(found)
        return least, most

    def arrays_of(self, name):
        """The array that stands for a member of the C structure now."""
        return self.arrays[name]

    @property
    def booked(self):
        """Heat (J/m2) through the faces of the part around what is held, towards -x, -y, -z, since the step began."""
        return self.arrays["cross_E1"]

    @property
    def increment(self):
        """The array that holds the increment of the last stage."""
        return self.arrays["D1"]

    def advance(self, double[::1] held, double[::1] hottest):
        """Add the last increment to H, then `enthalpy`; False, with everything as it was, if the increment is not finite."""
        cdef Py_ssize_t i
        cdef int bad = 0
        for i in prange(self.s.nx, nogil=True, num_threads=self.threads, schedule="static"):
            bad += 1 - self.rows.finite_plane(&self.s, i, self.s.D1)
        if bad:
            return False
        self._enthalpy(True, held, hottest)
        return True

    def enthalpy(self, double[::1] held, double[::1] hottest):
        """Write the enthalpy of every region in J (not finite where a value is not) and its largest H in J/m3."""
        self._enthalpy(False, held, hottest)

    cdef int _enthalpy(self, bint add, double[::1] held, double[::1] hottest) except -1:
        cdef Py_ssize_t i, r, n = held.shape[0]
        cdef double *sums = <double*> calloc(2 * self.s.nx * n, sizeof(double))
        cdef double *most
        cdef const void *increment = self.s.D1 if add else NULL
        if sums == NULL:
            raise MemoryError
        most = sums + self.s.nx * n
        for i in range(self.s.nx * n):
            most[i] = -1e300
        for i in prange(self.s.nx, nogil=True, num_threads=self.threads, schedule="static"):
            self.rows.advance_plane(&self.s, i, increment, sums + i * n, most + i * n)
        for r in range(n):
            held[r] = 0.0
            hottest[r] = -1e300
            for i in range(self.s.nx):
                held[r] += sums[i * n + r]
                hottest[r] = max(hottest[r], most[i * n + r])
        free(sums)
        return 0

    def temperature(self, T):
        """Write the temperature of every voxel into T [nx, ny, nzp], of H's type; what pads a row stays as it is."""
        cdef void *out = _address(T)
        cdef int a, n = self.threads
        for a in prange(n, nogil=True, num_threads=n, schedule="static", chunksize=1):
            self.rows.temperature_planes(&self.s, self.limits[a], self.limits[a + 1], self.scratch[a], out)

    def curvature(self, earlier, double part):
        """Return how bent the step was: sum |D - E/part| / (1 - part) over sum |D|.

        ``earlier`` is the increment E of the stage that lies at that part of the step, an array like H.
        """
        cdef void *E = _address(earlier)
        cdef Py_ssize_t i
        cdef double bend = 0.0, size = 0.0
        cdef double *partial = <double*> malloc(2 * self.s.nx * sizeof(double))
        if partial == NULL:
            raise MemoryError
        for i in prange(self.s.nx, nogil=True, num_threads=self.threads, schedule="static"):
            self.rows.curvature_plane(&self.s, i, self.s.D1, E, part, &partial[2 * i], &partial[2 * i + 1])
        for i in range(self.s.nx):
            bend += partial[2 * i]
            size += partial[2 * i + 1]
        free(partial)
        return bend / size if size > 0 else 0.0


def stable_rates(const double[::1] dx, const double[::1] dy, const double[::1] dz, const uint8_t[:, :, ::1] region,
                 const uint8_t[:, :, ::1] open_, const double[::1] half_resistivity, const double[::1] heat_capacity,
                 const double[::1] side_conductance, double[:, :, ::1] rate):
    """Write the largest rate (1/s) at which each voxel's regular and outer faces can change its own temperature.

    ``half_resistivity`` is the smallest 1/(2k) and ``heat_capacity`` the smallest dh/dT of each region's material;
    ``side_conductance`` the largest htc of the six outer sides (inf for a fixed temperature, 0 for insulated). The rate counts the
    voxel's plain volume; cut voxels divide by their volume factor.
    """
    cdef Py_ssize_t nx = region.shape[0], ny = region.shape[1], nz = region.shape[2], i, j, k
    cdef double g, r
    for i in prange(nx, nogil=True, schedule="static"):
        for j in range(ny):
            for k in range(nz):
                r = half_resistivity[region[i, j, k]]
                g = 0.0
                if i > 0:
                    if open_[i - 1, j, k] & 1:
                        g = g + 1.0 / ((dx[i] + dx[i - 1]) * r * dx[i])
                elif side_conductance[0] > 0.0:
                    g = g + 1.0 / ((dx[i] * r + 1.0 / side_conductance[0]) * dx[i])
                if i + 1 < nx:
                    if open_[i, j, k] & 1:
                        g = g + 1.0 / ((dx[i] + dx[i + 1]) * r * dx[i])
                elif side_conductance[1] > 0.0:
                    g = g + 1.0 / ((dx[i] * r + 1.0 / side_conductance[1]) * dx[i])
                if j > 0:
                    if open_[i, j - 1, k] & 2:
                        g = g + 1.0 / ((dy[j] + dy[j - 1]) * r * dy[j])
                elif side_conductance[2] > 0.0:
                    g = g + 1.0 / ((dy[j] * r + 1.0 / side_conductance[2]) * dy[j])
                if j + 1 < ny:
                    if open_[i, j, k] & 2:
                        g = g + 1.0 / ((dy[j] + dy[j + 1]) * r * dy[j])
                elif side_conductance[3] > 0.0:
                    g = g + 1.0 / ((dy[j] * r + 1.0 / side_conductance[3]) * dy[j])
                if k > 0:
                    if open_[i, j, k - 1] & 4:
                        g = g + 1.0 / ((dz[k] + dz[k - 1]) * r * dz[k])
                elif side_conductance[4] > 0.0:
                    g = g + 1.0 / ((dz[k] * r + 1.0 / side_conductance[4]) * dz[k])
                if k + 1 < nz:
                    if open_[i, j, k] & 4:
                        g = g + 1.0 / ((dz[k] + dz[k + 1]) * r * dz[k])
                elif side_conductance[5] > 0.0:
                    g = g + 1.0 / ((dz[k] * r + 1.0 / side_conductance[5]) * dz[k])
                rate[i, j, k] = g / heat_capacity[region[i, j, k]]

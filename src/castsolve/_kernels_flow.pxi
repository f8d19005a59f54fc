# The filling: one class that holds the arrays of a free-surface flow and runs the parts of a step over them.

cdef class FlowSweep:
    """The arrays of one filling and the parts of a step over them.

    Parameters
    ----------
    arrays : dict
        Every array by its name in ``_flow.h``, C-contiguous, padded by three voxels; faces' arrays as lists of three.
    shape : tuple of int
        Padded numbers of voxels.
    voxel : float
        Edge of a voxel (m).
    levels : list of dict
        Multigrid levels from fine to coarse (`multigrid_levels`): fields as float32 and columns of rows as int32, with a border of one
        row; a row's voxels begin eight columns after its start, and its length is a multiple of eight.
    threads : int
        Number of threads; the bits of the result do not depend on it.
    """

    cdef CFlow s
    cdef CNear near_
    cdef CAir air
    cdef CLevel level[16]
    cdef int levels
    cdef readonly int32_t mark
    cdef object arrays, rows_of_air
    cdef readonly list coarse
    cdef int64_t *queue
    cdef int64_t *quick # voxels, then room for their faces
    cdef double *room # for what is moved through those
    cdef Py_ssize_t quick_room
    cdef readonly Py_ssize_t quick_voxels
    cdef readonly int parts
    cdef readonly int threads
    cdef Py_ssize_t *begins # first plane of every thread, and the end of the last one's
    cdef readonly double content_moved

    def __cinit__(self, dict arrays, tuple shape, double voxel, list levels, int threads):
        cdef CFlow *s = &self.s
        cdef int d, m
        self.arrays, self.coarse, self.threads = arrays, levels, threads
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
        self.air.count = 0
        s.ncarried = len(arrays.get("E", ()))
        for d in range(s.ncarried):
            s.E[d], s.En[d] = <double*> _address(arrays["E"][d]), <double*> _address(arrays["En"][d])
            s.E1[d], s.GE[d] = <double*> _address(arrays["E1"][d]), <double*> _address(arrays["GE"][d])
        # The pressure system's arrays are free while metal is moved.
        s.mean[0], s.mean[1], s.mean[2], s.mean[3] = s.q, s.z, s.rhs, s.diag
        s.drag, s.inertia = <const double*> _address(arrays.get("drag")), <const double*> _address(arrays.get("inertia"))
        s.theta_min, s.kappa, s.collapse, s.closing, s.most_closing = 1e-6, 0.5, 0.1, 0.1, 0.1
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
            self.level[m].flow = s
            self.level[m].fine = &self.level[m - 1] if m else NULL
            self.level[m].reach = part["reach"]
            self.level[m].p, self.level[m].q = <float*> _address(part.get("p")), <float*> _address(part.get("q"))
            self.level[m].y, self.level[m].unit = <float*> _address(part.get("y")), 1.0
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
        free(self.queue)
        free(self.begins)
        free(self.quick)
        free(self.room)
        cdef int f
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

    def begin(self, double dt, double kick=0.0, double ratio=0.0, double pace=1.0):
        """Keep liquid and velocities of now as those at the start of a step of dt seconds, in which forces act for ``kick`` seconds
        (0: dt), ``ratio`` times as long as in the last one; clear the fluxes. Voids close as in ``pace`` steps."""
        cdef int c
        self.s.dt = dt
        self.s.closing = self.s.collapse if pace == 1.0 else 1.0 - (1.0 - self.s.collapse) ** pace
        self.s.most_closing = 0.1 * pace
        self.s.ratio = ratio
        self.s.kick = kick if kick > 0.0 else dt
        with nogil:
            self._over(&flow_begin)
            for c in range(self.s.ncarried):
                self._bound(c)
        self._find_quick()

    def _find_quick(self):
        """List the deep voxels that lose more in the step than they hold, and find the parts to move it in."""
        cdef Py_ssize_t count
        cdef double most
        with nogil:
            self._over(&flow_quick)
            most = self._most()
            count = quick_list(&self.s, self.queue)
        if count > self.quick_room:
            free(self.quick)
            free(self.room)
            self.quick_room = 2 * count
            self.quick = <int64_t*> malloc(7 * self.quick_room * sizeof(int64_t))
            self.room = <double*> malloc(12 * self.quick_room * sizeof(double))
            if self.quick == NULL or self.room == NULL:
                self.quick_room = 0
                raise MemoryError
        if count:
            memcpy(self.quick, self.queue, count * sizeof(int64_t))
        self.quick_voxels, self.parts = count, max(1, <int> ceil(most))

    cdef void _bound(self, int c) noexcept nogil:
        """Most and least content per volume that the step may leave."""
        cdef Py_ssize_t i
        self.s.passed = c
        self._over(&flow_extremes)
        self.s.most[c], self.s.least[c] = self.s.plane[8], self.s.plane[9]
        for i in range(3, self.s.nx - 2):
            self.s.most[c] = max(self.s.most[c], self.s.plane[4 * i])
            self.s.least[c] = min(self.s.least[c], self.s.plane[4 * i + 1])
        if not self.s.least[c] <= self.s.most[c]: # no liquid anywhere
            self.s.most[c] = self.s.least[c] = 0.0

    def widen(self, int which, double least, double most):
        """Let something carried take values that no voxel has as its mean; call it after `begin`."""
        self.s.least[which], self.s.most[which] = min(self.s.least[which], least), max(self.s.most[which], most)

    def advect(self, int turn):
        """Move the liquid, one sweep an axis; six steps in a row (``turn`` 0 to 5) go through all orders of the axes.

        Returns
        -------
        over, inflow, left, moved, count
            Largest overfill (or lack) before it was handed on, volume that came in (h^3), overfill that found no place, volume
            handed on, and number of voxels that handed on.
        """
        cdef int t
        cdef double over, inflow, left = 0.0, moved = 0.0, back = 0.0
        cdef int64_t count = 0
        with nogil:
            if self.quick_voxels:
                quick_fluxes(&self.s, self.quick, self.quick_voxels)
                content_clear(&self.s, self.quick, self.quick_voxels)
                quick_contents(&self.s, self.quick, self.quick_voxels, self.parts, self.room)
            for t in range(3):
                self.s.axis = (turn + (t if turn % 2 == 0 else 2 - t)) % 3
                self._fractions()
                self._over(&flow_fluxes)
                if self.s.ncarried:
                    if t == 0:
                        self._over(&flow_means)
                    self._over(&flow_carry)
                self._over(&flow_between)
            self._over(&flow_sum)
            self._over(&flow_total)
            over = self._most()
            inflow = self._sum(1)
            if over > 1e-12:
                left = flow_settle(&self.s, self.queue, &self.mark, &moved, &back, &count)
            self.content_moved = 0.0
            for t in range(self.s.ncarried):
                self.s.passed = t
                self._over(&flow_offenders)
                if self._most() > 0.0:
                    flow_settle_content(&self.s, t, self.queue, &self.mark, &self.content_moved)
            self._follow()
        return over, inflow - back, left, moved, count

    def extremes(self, int which):
        """Return the least and the most of something carried per volume that this step may leave."""
        return self.s.least[which], self.s.most[which]

    def content(self, int which):
        """Return how much of something carried is held, and how much came in during this step (its unit per m3, times h^3)."""
        cdef double held, inflow
        self.s.passed = which
        with nogil:
            self._over(&flow_content)
            held = self._sum(0)
            inflow = self._sum(1)
        return held, inflow

    def held(self):
        """Return the liquid held (h^3)."""
        cdef double total
        with nogil:
            self._over(&flow_held)
            total = self._sum(3)
        return total

    def momentum(self, tuple gravity, tuple spin=None, double[:, ::1] rise=None):
        """Carry the velocities with the volumes of `advect` and add gravity (m/s2), at voxel 0 of each component's faces.

        In a mould that turns, ``spin`` is its angular velocity (1/s) and ``rise[d, e]`` what component d of the acceleration gains a
        voxel along e.
        """
        cdef int d, e
        cdef int64_t first[4]
        self.s.gravity[0], self.s.gravity[1], self.s.gravity[2] = gravity
        self.s.turning = spin is not None
        if spin is not None:
            self.s.spin[0], self.s.spin[1], self.s.spin[2] = spin
            for d in range(3):
                for e in range(3):
                    self.s.rise[d][e] = rise[d, e]
        with nogil:
            if self.quick_voxels:
                quick_faces(&self.s, self.quick, self.quick_voxels, self.quick + self.quick_voxels, first)
                quick_momentum(&self.s, self.quick + self.quick_voxels, first, self.parts, self.room, self.room + first[3])
            for d in range(3):
                self.s.passed = d
                self._over(&flow_sides)
                self._over(&flow_momentum)

    def hold(self, bint no_slip, bint aspirates=False):
        """Let walls hold the liquid or let it slip along them; let air in where it would pull on them, or let it hang on."""
        self.s.no_slip, self.s.aspirates = no_slip, aspirates

    def viscous(self, double smagorinsky, const double[::1] molecular, double[::1] nu, tuple shed=None, tuple away=None):
        """Add viscous forces from the viscosity (m2/s) of every voxel and the eddies' constant; nu is where both go."""
        cdef int d
        self.s.smagorinsky = smagorinsky
        self.s.molecular, self.s.nu = &molecular[0], &nu[0]
        for d in range(3):
            self.s.shed[d] = <const double*> _address(None if shed is None else shed[d])
            self.s.away[d] = <const double*> _address(None if away is None else away[d])
        with nogil:
            self._over(&flow_eddies)
            self._over(&flow_viscous)

    def drag(self):
        """Damp the velocities by the mobilities that the resistances leave; the projection does the same to its gradient."""
        with nogil:
            self._over(&flow_mobility)
            self._over(&flow_drag)

    def classify(self):
        """Find the liquid voxels of the pressure system, from the volumes of now."""
        with nogil:
            self._over(&flow_take)
            self._fractions()
            self._over(&flow_wet)

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
        cdef int m
        cdef CLevel *l
        with nogil:
            for m in range(self.levels):
                l = &self.level[m]
                _flow_planes(&level_first if m == 0 else &level_coarse, l, 1, l.nx + 1, self._hands(l))
                if m:
                    _flow_planes(&level_invert, l, 1, l.nx + 1, self._hands(l))

    cdef int _hands(self, const CLevel *l) noexcept nogil:
        return self.threads if l.nx * l.ny * l.nz > 30000 else 1

    cdef void _pass(self, CLevel *coarse, bint up, bint fresh) noexcept nogil:
        """Go down from the finer level to this one, or back up."""
        cdef CTask task
        cdef int phase
        task.coarse, task.up, task.fresh, task.hands = coarse, up, fresh, self._hands(coarse.fine)
        for phase in range(3 if task.hands > 1 else 1):
            task.phase = phase
            _flow_planes(&level_pass, &task, 0, task.hands, <int> task.hands)

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
        _flow_planes(f, l, 1, l.nx + 1, self._hands(l))

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

    def project(self, double fastest):
        """Take the pressure's gradient out of the velocities; cut those beyond the fastest (m/s) that can be, and return how many."""
        cdef double count
        self.s.fastest = fastest
        with nogil:
            self._over(&flow_project)
            self._over(&flow_cut)
            self._over(&flow_force)
            count = self._sum(0)
        return int(count)

    def extrapolate(self):
        """Give velocities to the faces near the liquid; returns the largest speeds (m/s) that count near the surface, deep in the
        liquid and of metal that flies apart from it, and the kinetic energy over density and h^3."""
        cdef int layer
        cdef double most, energy, deep = 0.0, flying = 0.0
        cdef Py_ssize_t i
        with nogil:
            self._over(&flow_layers)
            for layer in range(1, 4):
                self.s.passed = layer
                self._over(&flow_extrapolate)
            self._over(&flow_shallow)
            for layer in range(DEPTH_MOST):
                self.s.passed = layer % 2
                self._over(&flow_deepen)
            self._over(&flow_fastest)
            most = self._most()
            energy = self._sum(1)
            for i in range(2, self.s.nx - 2):
                if not (self.s.plane[4 * i + 2] <= deep):
                    deep = self.s.plane[4 * i + 2]
                if not (self.s.plane[4 * i + 3] <= flying):
                    flying = self.s.plane[4 * i + 3]
        return most, deep, flying, energy

    def tune(self, double theta_min=1e-6, double kappa=0.5, double collapse=0.1, double slope=1.0):
        """Set the smallest ghost-fluid distance, the rates at which overfill and voids are worked off, and the share of van Leer's
        slopes (0: upwind)."""
        self.s.theta_min, self.s.kappa, self.s.collapse, self.s.slope = theta_min, kappa, collapse, slope
        self.s.closing = collapse

    def stretch(self, double tension, double cotangent):
        """Set surface tension over density (m3/s2) and the cotangent of the wetting angle; needs the arrays ``curve`` and ``jump``."""
        self.s.tension, self.s.cotangent = tension, cotangent

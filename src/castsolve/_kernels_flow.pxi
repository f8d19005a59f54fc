# The filling: the parts of a step of a free-surface flow.

cdef class FlowSweep(FlowPressure):
    """The arrays of one filling and the parts of a step over them.

    Parameters
    ----------
    arrays, shape, voxel, levels, threads
        As in `FlowState` and `FlowPressure`.
    """

    cdef CQuick quick
    cdef Py_ssize_t quick_room # for as many voxels
    cdef readonly Py_ssize_t quick_voxels
    cdef readonly int parts
    cdef readonly double content_moved

    def __dealloc__(self):
        self._free_quick()

    cdef void _free_quick(self) noexcept:
        free(self.quick.voxel)
        free(self.quick.face)
        free(self.quick.kept)
        free(self.quick.next)

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
        cdef Py_ssize_t i, count = 0
        cdef double most
        cdef CQuick *w = &self.quick
        with nogil:
            self._over(&flow_quick)
            most = self._most()
            for i in range(2, self.s.nx - 2):
                self.s.plane[4 * i + 2] = <double> count
                count += <Py_ssize_t> self.s.plane[4 * i + 1]
        if count > self.quick_room:
            self._free_quick()
            self.quick_room = 2 * count
            w.voxel = <int64_t*> malloc(self.quick_room * sizeof(int64_t))
            w.face = <int64_t*> malloc(2 * self.quick_room * sizeof(int64_t))
            w.kept, w.next = <double*> malloc(2 * self.quick_room * sizeof(double)), <double*> malloc(2 * self.quick_room * sizeof(double))
            if w.voxel == NULL or w.face == NULL or w.kept == NULL or w.next == NULL:
                self.quick_room = 0
                raise MemoryError
        self.quick_voxels, self.parts = count, max(1, <int> ceil(most))
        w.flow, w.share = &self.s, 1.0 / self.parts
        if count:
            with nogil:
                _flow_planes(&quick_list, w, 2, self.s.nx - 2, self.threads)

    cdef void _each(self, plane_function f, Py_ssize_t count) noexcept nogil:
        """Run a part of the step over the quick voxels or over their faces."""
        _flow_items(f, &self.quick, count, self.threads)

    cdef void _quick_contents(self) noexcept nogil:
        """Move volume and contents of the quick voxels."""
        cdef int c, part
        self._each(&quick_fluxes, self.quick_voxels)
        for c in range(self.s.ncarried):
            self.quick.content = c
            for part in range(self.parts):
                self._each(&quick_pass, self.quick_voxels)
                self._each(&quick_take, self.quick_voxels)
            self._each(&quick_return, self.quick_voxels)

    cdef void _quick_momentum(self) noexcept nogil:
        """Carry the velocities of the faces of the quick voxels, of component s.pass."""
        cdef int part
        cdef Py_ssize_t faces = quick_faces(&self.quick, self.quick_voxels)
        self._each(&quick_keep, faces)
        self.s.part = self.quick.share
        for part in range(self.parts):
            self.quick.part = part
            self._each(&quick_sides, faces)
            self._each(&quick_carry, faces)
            self._each(&quick_move, faces)
        self.s.part = 1.0
        self._each(&quick_give, faces)

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
                self._quick_contents()
            for t in range(3):
                self.s.axis = (turn + (t if turn % 2 == 0 else 2 - t)) % 3
                self._fractions()
                _flow_planes(&flow_fluxes, &self.s, 2, self.s.nx - 2, self.threads) # few planes have all of the surface
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
        self.s.gravity[0], self.s.gravity[1], self.s.gravity[2] = gravity
        self.s.turning = spin is not None
        if spin is not None:
            self.s.spin[0], self.s.spin[1], self.s.spin[2] = spin
            for d in range(3):
                for e in range(3):
                    self.s.rise[d][e] = rise[d, e]
        with nogil:
            for d in range(3):
                self.s.passed = d
                if self.quick_voxels:
                    self._quick_momentum()
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

# The records of a filling: one class that notes, after every step, what is kept once per voxel.

cdef extern from *:
    """
    #include "_flow_records.h"
    """
    ctypedef struct CRecords "FlowRecords":
        CFlow *flow
        double begin, end, density
        const double *molecular
        double *fill_time
        double *first_speed
        double *largest_speed
        double *wall_shear
        const double *pressure
        double *air_pressure
        double *speed
    void flow_note(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_note_air(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_speeds(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_expose(void *, Py_ssize_t, Py_ssize_t) noexcept nogil


def expose_surface(FlowSweep sweep, int which, double dt):
    """Add the time (s) for which the surface lay open in a step that was just taken to something carried (s m2 for each m3)."""
    sweep.s.passed, sweep.s.dt = which, dt
    with nogil:
        _flow_planes(&flow_expose, &sweep.s, 2, sweep.s.nx - 2, sweep.threads)


cdef class FlowRecords:
    """Notes of one filling.

    Parameters
    ----------
    sweep : FlowSweep
        Whose filling it is.
    arrays : dict
        fill_time, first_speed, largest_speed, wall_shear: padded float64 arrays, NaN where nothing was noted yet; with air also
        largest_air_pressure.
    """

    cdef CRecords r
    cdef FlowSweep sweep
    cdef object arrays

    def __cinit__(self, FlowSweep sweep, dict arrays):
        self.sweep, self.arrays = sweep, arrays
        self.r.flow = &sweep.s
        self.r.fill_time, self.r.first_speed = <double*> _address(arrays["fill_time"]), <double*> _address(arrays["first_speed"])
        self.r.largest_speed, self.r.wall_shear = <double*> _address(arrays["largest_speed"]), <double*> _address(arrays["wall_shear"])
        self.r.air_pressure = <double*> _address(arrays.get("largest_air_pressure"))

    def note(self, double begin, double end, double density, const double[::1] molecular):
        """Note the step from one time (s) to another that was just taken; density (kg/m3) and viscosity of every voxel (m2/s)."""
        self.r.begin, self.r.end, self.r.density = begin, end, density
        self.r.molecular = &molecular[0]
        with nogil:
            _flow_planes(&flow_note, &self.r, 2, self.sweep.s.nx - 2, self.sweep.threads)

    def note_air(self, const double[::1] pressure):
        """Note the pressures (Pa, absolute) of the pockets of now, NaN where one reaches the outside."""
        if self.r.air_pressure == NULL or self.sweep.s.pocket == NULL:
            raise ValueError("no array for the pressure of the air")
        if not len(pressure):
            return
        self.r.pressure = &pressure[0]
        with nogil:
            _flow_planes(&flow_note_air, &self.r, 2, self.sweep.s.nx - 2, self.sweep.threads)

    def speeds(self, double[:, :, ::1] out):
        """Write the speed of the metal (m/s) in every voxel that holds some, else 0, into a padded array of zeros."""
        self.r.speed = &out[0, 0, 0]
        with nogil:
            _flow_planes(&flow_speeds, &self.r, 2, self.sweep.s.nx - 2, self.sweep.threads)

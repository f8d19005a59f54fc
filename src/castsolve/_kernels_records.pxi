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
    void flow_note(void *, Py_ssize_t, Py_ssize_t) noexcept nogil


cdef class FlowRecords:
    """Notes of one filling.

    Parameters
    ----------
    sweep : FlowSweep
        Whose filling it is.
    arrays : dict
        fill_time, first_speed, largest_speed, wall_shear: padded float64 arrays, NaN where nothing was noted yet.
    """

    cdef CRecords r
    cdef FlowSweep sweep
    cdef object arrays

    def __cinit__(self, FlowSweep sweep, dict arrays):
        self.sweep, self.arrays = sweep, arrays
        self.r.flow = &sweep.s
        self.r.fill_time, self.r.first_speed = <double*> _address(arrays["fill_time"]), <double*> _address(arrays["first_speed"])
        self.r.largest_speed, self.r.wall_shear = <double*> _address(arrays["largest_speed"]), <double*> _address(arrays["wall_shear"])

    def note(self, double begin, double end, double density, const double[::1] molecular):
        """Note the step from one time (s) to another that was just taken; density (kg/m3) and viscosity of every voxel (m2/s)."""
        self.r.begin, self.r.end, self.r.density = begin, end, density
        self.r.molecular = &molecular[0]
        with nogil:
            _flow_planes(&flow_note, &self.r, 2, self.sweep.s.nx - 2, self.sweep.threads)

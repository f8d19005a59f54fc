# The shrinkage march: pools of feedable metal as a tree (backwards in time), and the mass they draw (forwards in time).
#
# Events are numbered by time: an entry e < n of `events` is voxel e passing the liquidus, an entry e >= n is voxel e - n passing the
# macro-feeding limit. Voxels are rows of a list; `row` is the list's row of each cell of a block padded by one layer, -1 for none.

cdef inline int32_t _root_of(int32_t *link, int32_t a) noexcept nogil:
    while link[a] != a:
        link[a] = link[link[a]]
        a = link[a]
    return a


def pool_tree(const int32_t[::1] events, const int32_t[::1] row, const int64_t[::1] cell, const int64_t[::1] steps,
              int32_t[::1] link, int32_t[::1] node_at, int32_t[::1] event_node, int32_t[::1] own, int32_t[::1] parent,
              int32_t[::1] last):
    """Join voxels to pools, backwards in time; every pool between two joins is a node.

    Parameters
    ----------
    events : (2 n,) in order of time.
    row, cell, steps : the padded block, the cell of every voxel, the six distances to its neighbours.
    link, node_at : (n,) work: sets of voxels, and the node of each set.
    event_node : (2 n,) out: the node that holds the event's voxel at that moment.
    own : (n,) out: the node that each voxel leaves when it passes the limit.
    parent : (n,) out: the node that a node splits from, -1 for none; a parent has the higher number.
    last : (n,) out: the voxel whose passing ends a node: it splits there, or is gone.

    Returns
    -------
    int
        Number of nodes.
    """
    cdef Py_ssize_t n = cell.shape[0], q, e
    cdef int32_t v, w, r, s, nodes = 0, node, found, joined
    cdef int a
    with nogil:
        for v in range(<int32_t> n):
            link[v] = -1
        for q in range(2 * n - 1, -1, -1):
            e = events[q]
            if e < n:
                event_node[q] = node_at[_root_of(&link[0], <int32_t> e)]
                continue
            v = <int32_t> (e - n)
            link[v] = v
            node, joined = -1, 0
            for a in range(6):
                w = row[cell[v] + steps[a]]
                if w < 0 or link[w] < 0:
                    continue
                r, s = _root_of(&link[0], w), _root_of(&link[0], v)
                if r == s:
                    continue
                found = node_at[r]
                # the number of a set is that of its first voxel; the node moves along with it
                link[s] = r
                if joined == 0:
                    node = found
                else:
                    if joined == 1:
                        parent[node] = nodes
                        node = nodes
                        parent[node], last[node] = -1, v
                        nodes += 1
                    parent[found] = node
                node_at[r] = node
                joined += 1
            if joined == 0:
                node = nodes
                parent[node], last[node] = -1, v
                node_at[v] = node
                nodes += 1
            own[v] = node
            event_node[q] = node
    return int(nodes)


def pool_order(const int32_t[::1] own, const int32_t[::1] parent, int64_t[::1] start, int64_t[::1] stop, int64_t[::1] fill,
               int32_t[::1] place):
    """Lay the voxels out so that the voxels of every node and of all that split from it stand together.

    Parameters
    ----------
    own : (n,) node of each voxel; parent : (m,).
    start, stop, fill : (m,) out: first and last + 1 place of a node with its children; work.
    place : (n,) out: place of every voxel.
    """
    cdef Py_ssize_t n = own.shape[0], m = parent.shape[0], v, p, at = 0
    with nogil:
        for p in range(m):
            stop[p] = 0
            fill[p] = 0
        for v in range(n):
            stop[own[v]] += 1
            fill[own[v]] += 1
        for p in range(m):
            if parent[p] >= 0:
                stop[parent[p]] += stop[p]
        # stop holds sizes up to here; fill the number of own voxels, then where the next child begins
        for p in range(m - 1, -1, -1):
            if parent[p] >= 0:
                start[p] = fill[parent[p]]
                fill[parent[p]] += stop[p]
            else:
                start[p] = at
                at += stop[p]
            stop[p] += start[p]
            fill[p] += start[p]
        for p in range(m):
            fill[p] = start[p]
        for v in range(n):
            place[v] = <int32_t> fill[own[v]]
            fill[own[v]] += 1


def tree_highest(const int32_t[::1] parent, double[:, ::1] values):
    """Raise the values (m, k) of every node to the highest among itself and all that split from it; children come first."""
    cdef Py_ssize_t p, c, k = values.shape[1]
    with nogil:
        for p in range(parent.shape[0]):
            if parent[p] >= 0:
                for c in range(k):
                    if values[p, c] > values[parent[p], c]:
                        values[parent[p], c] = values[p, c]


cdef struct March:
    Py_ssize_t leaves
    const double *t0
    const double *t1
    const double *volume
    double *level
    double *fill
    double *rate
    uint8_t *stage
    uint8_t *opened
    const int32_t *place
    double *leaf
    double *block
    double *range_
    int32_t *best
    int32_t *low
    double poured, liquid, limit, solid, head
    int grows


cdef inline double _density(const March *m, int32_t v, double t) noexcept nogil:
    if m.stage[v] == 0:
        return m.poured + (m.liquid - m.poured) * (t / m.t0[v]) if m.t0[v] > 0.0 else m.poured
    if m.stage[v] == 1:
        if m.t1[v] > m.t0[v]:
            return m.liquid + (m.limit - m.liquid) * ((t - m.t0[v]) / (m.t1[v] - m.t0[v]))
        return m.liquid
    return m.solid


cdef inline double _rate(const March *m, int32_t v) noexcept nogil:
    """Mass that the voxel draws a second."""
    cdef double held = m.fill[v] * m.volume[v]
    if m.stage[v] == 0:
        return held * (m.liquid - m.poured) / m.t0[v] if m.t0[v] > 0.0 else 0.0
    if m.stage[v] == 1 and m.t1[v] > m.t0[v]:
        return held * (m.limit - m.liquid) / (m.t1[v] - m.t0[v])
    return 0.0


cdef inline bint _above(const March *m, int32_t a, int32_t b) noexcept nogil:
    """Whether a gives metal before b: it stands higher, then freezes later, then comes first."""
    if a < 0 or b < 0:
        return b < 0
    if m.level[a] != m.level[b]:
        return m.level[a] > m.level[b]
    if m.t1[a] != m.t1[b]:
        return m.t1[a] > m.t1[b]
    return a < b


cdef inline void _set_rate(March *m, int32_t v) noexcept nogil:
    """Bring the voxel's rate and the sums above it up to date."""
    cdef double now = _rate(m, v), change = now - m.rate[v]
    cdef Py_ssize_t p = m.place[v]
    m.rate[v] = now
    m.leaf[p] = now
    m.block[p >> 6] += change
    m.range_[p >> 12] += change


cdef inline void _renew(March *m, int32_t v) noexcept nogil:
    """Bring the highest full and the lowest emptied voxel above a leaf up to date."""
    cdef Py_ssize_t p = m.leaves + m.place[v], at
    cdef int32_t a, b, now
    m.best[p] = v if m.stage[v] < 3 and m.fill[v] > 0.0 else -1
    at = p >> 1
    while at >= 1:
        a, b = m.best[2 * at], m.best[2 * at + 1]
        now = a if _above(m, a, b) else b
        if now == m.best[at] and now != v:
            break
        m.best[at] = now
        at >>= 1
    if not m.grows:
        return
    m.low[p] = v if m.stage[v] < 3 and m.fill[v] < 1.0 else -1
    at = p >> 1
    while at >= 1:
        a, b = m.low[2 * at], m.low[2 * at + 1]
        if a < 0 or b < 0:
            now = a if b < 0 else b
        else:
            now = b if _above(m, a, b) else a
        if now == m.low[at] and now != v:
            break
        m.low[at] = now
        at >>= 1


cdef inline double _rate_of(const March *m, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """Sum of the rates of a range of places, by blocks of 64 and of 4096."""
    cdef double total = 0.0
    while a < b:
        if a & 63 or b - a < 64:
            total += m.leaf[a]
            a += 1
        elif a & 4095 or b - a < 4096:
            total += m.block[a >> 6]
            a += 64
        else:
            total += m.range_[a >> 12]
            a += 4096
    return total


cdef inline int32_t _highest_of(const March *m, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    cdef int32_t found = -1
    a += m.leaves
    b += m.leaves
    while a < b:
        if a & 1:
            if _above(m, m.best[a], found):
                found = m.best[a]
            a += 1
        if b & 1:
            b -= 1
            if _above(m, m.best[b], found):
                found = m.best[b]
        a >>= 1
        b >>= 1
    return found


cdef inline int32_t _lowest_of(const March *m, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    cdef int32_t found = -1
    a += m.leaves
    b += m.leaves
    while a < b:
        if a & 1:
            if m.low[a] >= 0 and (found < 0 or _above(m, found, m.low[a])):
                found = m.low[a]
            a += 1
        if b & 1:
            b -= 1
            if m.low[b] >= 0 and (found < 0 or _above(m, found, m.low[b])):
                found = m.low[b]
        a >>= 1
        b >>= 1
    return found


def march_pools(dict arrays, tuple densities, double head, tuple pressing, double[::1] books):
    """March forwards over all events: every pool draws what it shrinks by from its highest voxels.

    Parameters
    ----------
    arrays : dict
        events, event_node (2 n), time_liquidus, time_limit, volume, level, fill, rate, emptied (n, double), drained_in, place (n, int32),
        stage, opened (n, uint8), row, cell, steps (as for `pool_tree`), start, stop (m, int64), last, top (m, int32),
        node_time, node_rate (m, double; time of the last accrual, NaN rate: not yet known), rate_leaf (n), rate_block (n // 64 + 1),
        rate_range (n // 4096 + 1, double, all 0), best, low (2 p, int32, all -1) with p leaves, the power of two at or above n; low
        of length 0 where the metal never expands.
        pressed (n, uint8): voxels that a plunger or a furnace keeps full; their level is above all others by `lift`.
        fill, level, opened, emptied, drained_in are results: filled share, last level, whether air reached the voxel, when it ran
        empty, and the node that drew on it last.
    densities : densities at the pour, at the liquidus, just before the limit, and at the end of freezing.
    head : height that the pressure on an open surface is worth.
    pressing : until when pressed voxels are kept full, by how much their level is raised until then, and the mass that there is to
        press in.
    books : (3,) out: mass that no voxel could give, mass that expansion pushed out of full pools, mass that was pressed in.
    """
    cdef March m
    cdef const int32_t[::1] events = arrays["events"], event_node = arrays["event_node"], place = arrays["place"]
    cdef const double[::1] t0 = arrays["time_liquidus"], t1 = arrays["time_limit"], volume = arrays["volume"]
    cdef double[::1] level = arrays["level"], fill = arrays["fill"], rate = arrays["rate"], emptied = arrays["emptied"]
    cdef uint8_t[::1] stage = arrays["stage"], opened = arrays["opened"], pressed = arrays["pressed"]
    cdef const int32_t[::1] row = arrays["row"], last = arrays["last"]
    cdef const int64_t[::1] cell = arrays["cell"], steps = arrays["steps"], start = arrays["start"], stop = arrays["stop"]
    cdef int32_t[::1] top = arrays["top"], best = arrays["best"], low = arrays["low"], drained_in = arrays["drained_in"]
    cdef double[::1] node_time = arrays["node_time"], node_rate = arrays["node_rate"]
    cdef double[::1] leaf = arrays["rate_leaf"], block = arrays["rate_block"], range_ = arrays["rate_range"]
    cdef Py_ssize_t n = cell.shape[0], q, e, p
    cdef int32_t v, node, s, w
    cdef double t, draw, held, rho, part, until, lift, most, unserved = 0.0, pushed = 0.0, given = 0.0
    cdef int a
    cdef bint freezes
    if n == 0:
        return
    m.leaves = best.shape[0] // 2
    m.t0, m.t1, m.volume, m.level, m.fill, m.rate = &t0[0], &t1[0], &volume[0], &level[0], &fill[0], &rate[0]
    m.stage, m.opened, m.place, m.best = &stage[0], &opened[0], &place[0], &best[0]
    m.leaf, m.block, m.range_ = &leaf[0], &block[0], &range_[0]
    m.grows = low.shape[0] > 0
    m.low = &low[0] if m.grows else NULL
    m.poured, m.liquid, m.limit, m.solid = densities
    m.head = head
    until, lift, most = pressing
    with nogil:
        for v in range(<int32_t> n):
            best[m.leaves + place[v]] = v
            _set_rate(&m, v)
        for p in range(m.leaves - 1, 0, -1):
            best[p] = best[2 * p] if _above(&m, best[2 * p], best[2 * p + 1]) else best[2 * p + 1]
        for q in range(2 * n):
            e = events[q]
            freezes = e >= n
            v = <int32_t> (e - n if freezes else e)
            t = t1[v] if freezes else t0[v]
            node = event_node[q]
            if node_rate[node] != node_rate[node]:
                node_rate[node] = _rate_of(&m, start[node], stop[node])
                top[node] = -1
            draw = node_rate[node] * (t - node_time[node])
            node_time[node] = t
            # what a voxel draws at no time at all comes at once
            if not freezes:
                if t0[v] <= 0.0:
                    draw += fill[v] * volume[v] * (m.liquid - m.poured)
            else:
                draw += fill[v] * volume[v] * (m.solid - (m.limit if t1[v] > t0[v] else m.liquid))
            node_rate[node] -= rate[v]
            stage[v] = 2 if freezes else 1
            _set_rate(&m, v)
            node_rate[node] += rate[v]
            # each turn but the last empties or fills a voxel
            while draw != 0.0:
                if draw < 0.0:
                    s = _lowest_of(&m, start[node], stop[node]) if m.grows else -1
                    if s < 0:
                        pushed -= draw if m.grows else 0.0
                        break
                    rho = _density(&m, s, t)
                    held = (1.0 - fill[s]) * volume[s] * rho
                    node_rate[node] -= rate[s]
                    if -draw < held:
                        fill[s] -= draw / (volume[s] * rho)
                        draw = 0.0
                    else:
                        fill[s] = 1.0
                        draw += held
                    _set_rate(&m, s)
                    node_rate[node] += rate[s]
                    emptied[s] = -1.0
                    _renew(&m, s)
                    top[node] = -1
                    continue
                s = top[node]
                if s < 0:
                    s = _highest_of(&m, start[node], stop[node])
                    if s < 0:
                        unserved += draw
                        break
                    top[node] = s
                if pressed[s]:
                    if t <= until:
                        drained_in[s] = node
                        if draw <= most - given:
                            given += draw
                            break
                        draw -= most - given
                        given, until = most, -1.0
                    pressed[s] = 0
                    level[s] -= lift
                    _renew(&m, s)
                    top[node] = -1
                    continue
                rho = _density(&m, s, t)
                held = fill[s] * volume[s] * rho
                node_rate[node] -= rate[s]
                drained_in[s] = node
                if draw < held:
                    part = fill[s]
                    fill[s] -= draw / (volume[s] * rho)
                    draw = 0.0
                    _set_rate(&m, s)
                    node_rate[node] += rate[s]
                    if m.grows and part == 1.0:
                        _renew(&m, s)
                    continue
                draw -= held
                fill[s], emptied[s] = 0.0, t
                _set_rate(&m, s)
                _renew(&m, s)
                top[node] = -1
                if opened[s]:
                    for a in range(6):
                        w = row[cell[s] + steps[a]]
                        if w >= 0 and not opened[w] and stage[w] < 3:
                            opened[w] = 1
                            level[w] += m.head
                            _renew(&m, w)
            if freezes:
                stage[v] = 3
                if top[node] == v:
                    top[node] = -1
                _renew(&m, v)
    books[0], books[1], books[2] = unserved, pushed, given

/* The rows of the heat sweep, for one precision. Included twice, with
     REAL       float or double
     NAME(f)    f with the suffix of that precision
   Inside a body heat flows by the Kirchhoff potential theta = int k dT: the flux between two voxels is exact for any k(T) and
   needs no division. A sweep keeps theta of three planes, and each voxel's place in its material table, from which T and 1/(2k)
   are read where a wall needs them. Every flux is computed once and used by both voxels. */

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define CASTSOLVE_VECTORS 1
typedef REAL NAME(vec2) __attribute__((vector_size(2 * sizeof(REAL)), aligned(sizeof(REAL))));
typedef REAL NAME(vec4) __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL))));
#else
#define CASTSOLVE_VECTORS 0
#endif

/* Sum of four stretches' shares at one enthalpy; every region has a multiple of four stretches, the last ones empty. */
INLINE REAL NAME(four_shares)(REAL y, const REAL *h, const REAL *inverse, const REAL *n) {
    REAL sum = 0;
    for (int a = 0; a < 4; ++a) {
        REAL t = (y - h[a]) * inverse[a];
        t = t > 0 ? t : 0;
        sum += t < n[a] ? t : n[a];
    }
    return sum;
}

/* Place of every voxel of a row in its material table: record `bin` and the share `u` of the way to the next one. */
INLINE void NAME(place_row)(const HeatSweep *s, ptrdiff_t row, const REAL *restrict H, const REAL *restrict D, int with_D,
                            REAL *restrict u, int32_t *restrict bin) {
    const ptrdiff_t nzp = s->nzp;
    const REAL *sh = (const REAL *)s->stretch_h, *si = (const REAL *)s->stretch_inv, *sn = (const REAL *)s->stretch_n;
    for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
        const ptrdiff_t a = s->run_start[q], b = q + 1 < s->run_row[row + 1] ? s->run_start[q + 1] : nzp;
        const int m = s->run_region[q];
        const int32_t base = s->bin_row[m], last = s->stretch_row[m + 1] - 4;
        int32_t p = s->stretch_row[m];
        REAL h[4], v[4], n[4];
        for (int c = 0; c < 4; ++c) {
            h[c] = sh[p + c];
            v[c] = si[p + c];
            n[c] = sn[p + c];
        }
        if (p == last) {
            NO_ALIAS
            for (ptrdiff_t k = a; k < b; ++k) {
                const REAL share = NAME(four_shares)(with_D ? H[k] + D[k] : H[k], h, v, n);
                const int32_t c = (int32_t)share;
                u[k] = share - (REAL)c;
                bin[k] = c + base;
            }
            continue;
        }
        NO_ALIAS
        for (ptrdiff_t k = a; k < b; ++k) u[k] = NAME(four_shares)(with_D ? H[k] + D[k] : H[k], h, v, n);
        while ((p += 4) <= last) {
            for (int c = 0; c < 4; ++c) {
                h[c] = sh[p + c];
                v[c] = si[p + c];
                n[c] = sn[p + c];
            }
            NO_ALIAS
            for (ptrdiff_t k = a; k < b; ++k) u[k] += NAME(four_shares)(with_D ? H[k] + D[k] : H[k], h, v, n);
        }
        NO_ALIAS
        for (ptrdiff_t k = a; k < b; ++k) {
            const int32_t c = (int32_t)u[k];
            u[k] -= (REAL)c;
            bin[k] = c + base;
        }
    }
}

/* Kirchhoff potential of row (i, j); its places stay for who needs T or k. */
INLINE void NAME(lookup_row)(const HeatSweep *s, ptrdiff_t row, const REAL *restrict H, const REAL *restrict D,
                             REAL *restrict theta, REAL *restrict u, int32_t *restrict bin) {
    const ptrdiff_t nzp = s->nzp;
    if (D)
        NAME(place_row)(s, row, H, D, 1, u, bin);
    else
        NAME(place_row)(s, row, H, D, 0, u, bin);
    const REAL *records = (const REAL *)s->potential;
    for (ptrdiff_t k = 0; k < nzp; k += 8) {
        /* cold mould and a pool of melt lie in one record for long stretches */
        uint64_t pair[4], differ = 0;
        memcpy(pair, bin + k, sizeof pair);
        const uint64_t first = (uint64_t)(uint32_t)bin[k] * 0x100000001u;
        for (int a = 0; a < 4; ++a) differ |= pair[a] ^ first;
        if (differ == 0) {
            const REAL start = records[2 * (ptrdiff_t)bin[k]], rise = records[2 * (ptrdiff_t)bin[k] + 1];
            for (int a = 0; a < 8; ++a) theta[k + a] = start + u[k + a] * rise;
            continue;
        }
#if CASTSOLVE_VECTORS
        /* records of two reals, transposed: no gathers */
        const NAME(vec2) *rec = (const NAME(vec2) *)records;
        for (ptrdiff_t e = k; e < k + 8; e += 4) {
            const NAME(vec2) a = rec[bin[e]], b = rec[bin[e + 1]], c = rec[bin[e + 2]], d = rec[bin[e + 3]];
            const NAME(vec4) ab = __builtin_shufflevector(a, b, 0, 2, 1, 3);
            const NAME(vec4) cd = __builtin_shufflevector(c, d, 0, 2, 1, 3);
            const NAME(vec4) start = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
            const NAME(vec4) rise = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
            const NAME(vec4) part = *(const NAME(vec4) *)(u + e);
            *(NAME(vec4) *)(theta + e) = start + part * rise;
        }
#else
        for (int a = 0; a < 8; ++a)
            theta[k + a] = records[2 * (ptrdiff_t)bin[k + a]] + u[k + a] * records[2 * (ptrdiff_t)bin[k + a] + 1];
#endif
    }
}

/* T and 1/(2k) at a place of a material table. */
INLINE REAL NAME(temperature_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 4 * (ptrdiff_t)bin;
    return rec[0] + u * rec[1];
}

INLINE REAL NAME(half_resistivity_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 4 * (ptrdiff_t)bin;
    return rec[2] + u * rec[3];
}

/* Heat flow density between two neighbouring rows, zero where the face is not open. */
INLINE void NAME(row_flux)(ptrdiff_t n, const uint8_t *restrict open, int bit, REAL inverse, const REAL *restrict a,
                           const REAL *restrict b, REAL *restrict q) {
    NO_ALIAS
    for (ptrdiff_t k = 0; k < n; ++k) {
        const REAL flux = (b[k] - a[k]) * inverse;
        q[k] = (open[k] & bit) ? flux : (REAL)0;
    }
}

/* Heat flow density into outer row number `row` of a side; returns the sum over the row's voxels weighted with their face areas. */
INLINE double NAME(side_row)(const HeatSweep *s, const Side *side, ptrdiff_t row, double width_across, double width_along,
                             const REAL *u, const int32_t *bin, REAL sign, REAL *restrict q) {
    double total = 0.0;
    for (ptrdiff_t k = 0; k < s->nzp; ++k) q[k] = 0;
    if (side->kind == SIDE_INSULATED) return 0.0;
    const double *field = side->field ? side->field + row * s->nz : 0;
    for (ptrdiff_t k = 0; k < s->nz; ++k) {
        const double r_half = width_across * (double)NAME(half_resistivity_at)(s, bin[k], u[k]);
        const REAL b = (REAL)side_flow(side, field ? field[k] : side->ambient, NAME(temperature_at)(s, bin[k], u[k]), r_half);
        q[k] = sign * b;
        total += (double)b * s->dz[k] * width_along;
    }
    return total;
}

/* Magnitude of the temperature gradient from neighbours of the same region, one-sided at walls. */
INLINE REAL NAME(gradient_axis)(REAL Tm, REAL T, REAL Tp, int has_m, int has_p, REAL dm, REAL dp) {
    if (has_m && has_p) return (Tp - Tm) / (dm + dp);
    if (has_p) return (Tp - T) / dp;
    if (has_m) return (T - Tm) / dm;
    return 0;
}

LANES void NAME(heat_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch_memory) {
    const ptrdiff_t nx = s->nx, ny = s->ny, nz = s->nz, nzp = s->nzp, plane = ny * nzp;
    REAL *scratch = (REAL *)scratch_memory;
    REAL *potential[3], *part[3];
    int32_t *place[3];
    for (int a = 0; a < 3; ++a) {
        potential[a] = scratch + a * plane;
        part[a] = scratch + (3 + a) * plane;
    }
    REAL *qx = scratch + 6 * plane; /* flux at the low x face of the plane at hand */
    REAL *row = scratch + 7 * plane;
    REAL *qxn = row, *qy = row + nzp, *qyn = row + 2 * nzp, *qz = row + 3 * nzp + 16, *f = row + 4 * nzp + 16;
    int32_t *places = (int32_t *)(row + 5 * nzp + 16);
    for (int a = 0; a < 3; ++a) place[a] = places + a * plane;
    const REAL *H = (const REAL *)s->H, *D1 = s->first ? NULL : (const REAL *)s->D1;
    REAL *out = s->first ? (REAL *)s->D1 : (REAL *)s->D2;
    const REAL *F0 = (const REAL *)s->F0;
    const REAL *idz = (const REAL *)s->idz_row, *idz_face = (const REAL *)s->idz_face;
    const REAL *source = (const REAL *)s->source;
    const REAL *face_area = (const REAL *)s->face_area, *face_low = (const REAL *)s->face_low;
    const REAL *face_high = (const REAL *)s->face_high, *cut_inv = (const REAL *)s->cut_inv_volume;
    const REAL *contact_R = (const REAL *)s->contact_resistance;
    REAL *watch_low = (REAL *)s->watch_low, *watch_high = (REAL *)s->watch_high;
    const REAL mu = (REAL)s->mu, nu = (REAL)s->nu, mt = (REAL)s->mt, g = (REAL)s->g;

    for (ptrdiff_t i = i0 > 0 ? i0 - 1 : 0; i <= i0; ++i)
        for (ptrdiff_t j = 0; j < ny; ++j) {
            const ptrdiff_t o = (i * ny + j) * nzp, w = j * nzp;
            NAME(lookup_row)(s, i * ny + j, H + o, D1 ? D1 + o : NULL, potential[i % 3] + w, part[i % 3] + w, place[i % 3] + w);
        }
    if (i0 > 0)
        for (ptrdiff_t j = 0; j < ny; ++j)
            NAME(row_flux)(nzp, s->open + ((i0 - 1) * ny + j) * nzp, OPEN_X, (REAL)(2.0 / (s->dx[i0 - 1] + s->dx[i0])),
                           potential[(i0 - 1) % 3] + j * nzp, potential[i0 % 3] + j * nzp, qx + j * nzp);
    qz[-1] = 0;

    for (ptrdiff_t i = i0; i < i1; ++i) {
        const int here = (int)(i % 3), before = (int)((i + 2) % 3), after = (int)((i + 1) % 3);
        const double dx = s->dx[i];
        const REAL idx = (REAL)(1.0 / dx), idx_face = i + 1 < nx ? (REAL)(2.0 / (dx + s->dx[i + 1])) : 0;
        double inflow = 0.0;
        int64_t done = 0;
        for (ptrdiff_t j = 0; j < ny; ++j) {
            const ptrdiff_t rowno = i * ny + j, o = rowno * nzp, w = j * nzp;
            const REAL *P = potential[here] + w, *u = part[here] + w;
            const int32_t *bin = place[here] + w;
            const uint8_t *open = s->open + o;
            const double dy = s->dy[j];
            const REAL idy = (REAL)(1.0 / dy);
            REAL *qxo = qx + w;
            if (i + 1 < nx)
                NAME(lookup_row)(s, rowno + ny, H + o + plane, D1 ? D1 + o + plane : NULL, potential[after] + w, part[after] + w,
                                 place[after] + w);
            if (i == 0) inflow += NAME(side_row)(s, &s->side[0], j, dx, dy, u, bin, (REAL)-1, qxo);
            if (j == 0) inflow += NAME(side_row)(s, &s->side[2], i, dy, dx, u, bin, (REAL)-1, qy);
            if (i + 1 < nx && j + 1 < ny) {
                const REAL *Px = potential[after] + w, *Py = P + nzp;
                const REAL idy_face = (REAL)(2.0 / (dy + s->dy[j + 1]));
                NO_ALIAS
                for (ptrdiff_t k = 0; k < nzp; ++k) {
                    const int bits = open[k];
                    const REAL x = (bits & OPEN_X) ? (Px[k] - P[k]) * idx_face : (REAL)0;
                    const REAL y = (bits & OPEN_Y) ? (Py[k] - P[k]) * idy_face : (REAL)0;
                    f[k] = (x - qxo[k]) * idx + (y - qy[k]) * idy;
                    qxo[k] = x;
                    qy[k] = y;
                }
            } else {
                if (i + 1 < nx)
                    NAME(row_flux)(nzp, open, OPEN_X, idx_face, P, potential[after] + w, qxn);
                else
                    inflow += NAME(side_row)(s, &s->side[1], j, dx, dy, u, bin, (REAL)1, qxn);
                if (j + 1 < ny)
                    NAME(row_flux)(nzp, open, OPEN_Y, (REAL)(2.0 / (dy + s->dy[j + 1])), P, P + nzp, qyn);
                else
                    inflow += NAME(side_row)(s, &s->side[3], i, dy, dx, u, bin, (REAL)1, qyn);
                for (ptrdiff_t k = 0; k < nzp; ++k) {
                    f[k] = (qxn[k] - qxo[k]) * idx + (qyn[k] - qy[k]) * idy;
                    qxo[k] = qxn[k];
                    qy[k] = qyn[k];
                }
            }
            /* along the row; the last face of a padded row is never open */
            NO_ALIAS
            for (ptrdiff_t k = 0; k < nzp - 1; ++k) {
                const REAL flux = (P[k + 1] - P[k]) * idz_face[k];
                qz[k] = (open[k] & OPEN_Z) ? flux : (REAL)0;
            }
            qz[nzp - 1] = 0;
            NO_ALIAS
            for (ptrdiff_t k = 0; k < nzp; ++k) f[k] += (qz[k] - qz[k - 1]) * idz[k];
            for (int e = 0; e < 2; ++e) {
                const Side *side = &s->side[4 + e];
                if (side->kind == SIDE_INSULATED) continue;
                const ptrdiff_t k = e ? nz - 1 : 0;
                const double Te = side->field ? side->field[rowno] : side->ambient;
                const REAL b = (REAL)side_flow(side, Te, NAME(temperature_at)(s, bin[k], u[k]),
                                               s->dz[k] * (double)NAME(half_resistivity_at)(s, bin[k], u[k]));
                f[k] += b * idz[k];
                inflow += (double)b * dx * dy;
            }
            /* cut voxels: interface faces and true volumes */
            for (int64_t c = s->cut_row[rowno]; c < s->cut_row[rowno + 1]; ++c) {
                const ptrdiff_t k = s->cut_k[c];
                const REAL Tk = NAME(temperature_at)(s, bin[k], u[k]), rk = NAME(half_resistivity_at)(s, bin[k], u[k]);
                REAL gain = 0;
                for (int64_t e = s->cut_face[c]; e < s->cut_face[c + 1]; ++e) {
                    const int32_t face = s->entry_face[e];
                    const int kind = s->face_kind[face], dir = s->entry_dir[e];
                    const int slot = dir == 0 ? before : dir == 1 ? after : here;
                    const ptrdiff_t at = w + k + (dir == 2 ? -nzp : dir == 3 ? nzp : dir == 4 ? -1 : dir == 5 ? 1 : 0);
                    const REAL To = NAME(temperature_at)(s, place[slot][at], part[slot][at]);
                    const REAL ro = NAME(half_resistivity_at)(s, place[slot][at], part[slot][at]);
                    const int high = dir & 1; /* the other voxel is the high one */
                    const REAL Tl = high ? Tk : To, rl = high ? rk : ro, Th = high ? To : Tk, rh = high ? ro : rk;
                    /* contact resistance at the temperature of the contact's first region */
                    const int contact = kind >> 1;
                    const int32_t c0 = s->contact_row[contact], nc = s->contact_row[contact + 1] - c0;
                    REAL resistance = contact_R[c0];
                    if (nc > 1) {
                        const REAL Tc = (kind & 1) ? Th : Tl;
                        REAL p = (Tc - (REAL)s->contact_T0[contact]) * (REAL)s->contact_inv[contact];
                        p = p > 0 ? p : 0;
                        p = p < (REAL)(nc - 1) ? p : (REAL)(nc - 1);
                        int32_t b = (int32_t)p;
                        if (b > nc - 2) b = nc - 2;
                        resistance = contact_R[c0 + b] + (p - (REAL)b) * (contact_R[c0 + b + 1] - contact_R[c0 + b]);
                    }
                    const REAL flow = face_area[face] * (Th - Tl) / (2 * (face_low[face] * rl + face_high[face] * rh) + resistance);
                    gain += high ? flow : -flow;
                }
                f[k] = (f[k] + gain * idx * idy * idz[k]) * cut_inv[c];
            }
            if (source) {
                double heat = 0.0;
                for (ptrdiff_t k = 0; k < nz; ++k) {
                    f[k] += source[o + k];
                    heat += (double)source[o + k] * s->dz[k];
                }
                /* a cut voxel is heated as much as the volume that it owns */
                for (int64_t c = s->cut_row[rowno]; c < s->cut_row[rowno + 1]; ++c) {
                    const ptrdiff_t k = s->cut_k[c];
                    heat += (double)source[o + k] * s->dz[k] * (1.0 / (double)cut_inv[c] - 1.0);
                }
                inflow += heat * dx * dy;
            }
            REAL *restrict now = out + o;
            const REAL *restrict old = D1 ? D1 + o : NULL, *restrict rate = F0 ? F0 + o : NULL;
            if (s->first) {
                NO_ALIAS
                for (ptrdiff_t k = 0; k < nzp; ++k) now[k] = mt * f[k];
                if (s->store_F0) memcpy((REAL *)s->F0 + o, f, (size_t)nzp * sizeof(REAL));
            } else if (s->store_F0) { /* RKL2: the first rate enters every stage */
                if (s->use_D2) {
                    NO_ALIAS
                    for (ptrdiff_t k = 0; k < nzp; ++k) now[k] = mu * old[k] + nu * now[k] + mt * f[k] + g * rate[k];
                } else {
                    NO_ALIAS
                    for (ptrdiff_t k = 0; k < nzp; ++k) now[k] = mu * old[k] + mt * f[k] + g * rate[k];
                }
            } else if (s->use_D2) {
                NO_ALIAS
                for (ptrdiff_t k = 0; k < nzp; ++k) now[k] = mu * old[k] + nu * now[k] + mt * f[k];
            } else {
                NO_ALIAS
                for (ptrdiff_t k = 0; k < nzp; ++k) now[k] = mu * old[k] + mt * f[k];
            }
            /* first crossings, between the stage before and this one */
            if (s->nlevel)
                for (int64_t q = s->run_row[rowno]; q < s->run_row[rowno + 1]; ++q) {
                    const int64_t w0 = s->run_watch[q];
                    if (w0 < 0) continue;
                    const ptrdiff_t a = s->run_start[q];
                    ptrdiff_t b = q + 1 < s->run_row[rowno + 1] ? s->run_start[q + 1] : nz;
                    if (b > nz) b = nz;
                    const REAL *lo = watch_low + w0 - a, *hi = watch_high + w0 - a;
                    int any = 0;
                    for (ptrdiff_t k = a; k < b; ++k) any |= H[o + k] + out[o + k] < lo[k];
                    /* only a state that is kept can have melted again: stages swing a little about it */
                    if (s->last)
                        for (ptrdiff_t k = a; k < b; ++k) any |= H[o + k] + out[o + k] > hi[k];
                    if (!any) continue;
                    for (ptrdiff_t k = a; k < b; ++k) {
                        const REAL y1 = H[o + k] + out[o + k];
                        if (!((y1 < lo[k]) | (y1 > hi[k]))) continue;
                        const ptrdiff_t v = w0 + k - a;
                        const double y0 = (double)H[o + k] + (D1 ? (double)D1[o + k] : 0.0);
                        int next = s->watch_next[v];
                        const int passed = next;
                        while (next < s->nlevel && (double)y1 < s->level[next]) {
                            double share = (y0 - s->level[next]) / (y0 - (double)y1);
                            share = share > 0.0 ? (share < 1.0 ? share : 1.0) : 0.0;
                            s->watch_time[next * s->nwatch + v] = (float)(s->t0 + (s->t1 - s->t0) * share);
                            const int32_t slot = s->level_gradient[next];
                            if (slot >= 0) {
                                const int xm = i > 0 && (open[k - plane] & OPEN_X), xp = i + 1 < nx && (open[k] & OPEN_X);
                                const int ym = j > 0 && (open[k - nzp] & OPEN_Y), yp = j + 1 < ny && (open[k] & OPEN_Y);
                                const int zm = k > 0 && (open[k - 1] & OPEN_Z), zp = (open[k] & OPEN_Z) != 0;
                                const REAL Tk = NAME(temperature_at)(s, bin[k], u[k]);
                                REAL Tn[6];
                                const int there[6] = {xm, xp, ym, yp, zm, zp};
                                for (int d = 0; d < 6; ++d) {
                                    const int slice = d == 0 ? before : d == 1 ? after : here;
                                    const ptrdiff_t at = w + k + (d == 2 ? -nzp : d == 3 ? nzp : d == 4 ? -1 : d == 5 ? 1 : 0);
                                    Tn[d] = there[d] ? NAME(temperature_at)(s, place[slice][at], part[slice][at]) : 0;
                                }
                                const REAL gx = NAME(gradient_axis)(
                                    Tn[0], Tk, Tn[1], xm, xp, xm ? (REAL)(0.5 * (s->dx[i - 1] + dx)) : 0,
                                    xp ? (REAL)(0.5 * (s->dx[i + 1] + dx)) : 0);
                                const REAL gy = NAME(gradient_axis)(
                                    Tn[2], Tk, Tn[3], ym, yp, ym ? (REAL)(0.5 * (s->dy[j - 1] + dy)) : 0,
                                    yp ? (REAL)(0.5 * (s->dy[j + 1] + dy)) : 0);
                                const REAL gz = NAME(gradient_axis)(
                                    Tn[4], Tk, Tn[5], zm, zp, zm ? (REAL)(0.5 * (s->dz[k - 1] + s->dz[k])) : 0,
                                    zp ? (REAL)(0.5 * (s->dz[k + 1] + s->dz[k])) : 0);
                                s->watch_gradient[slot * s->nwatch + v] = (float)sqrt((double)(gx * gx + gy * gy + gz * gz));
                            }
                            ++next;
                        }
                        /* melted again: what was recorded no longer holds */
                        while (s->last && next > 0 && (double)y1 > s->level[next - 1] + s->hysteresis) {
                            --next;
                            s->watch_time[next * s->nwatch + v] = NAN;
                            if (s->level_gradient[next] >= 0)
                                s->watch_gradient[s->level_gradient[next] * s->nwatch + v] = NAN;
                        }
                        s->watch_next[v] = (uint8_t)next;
                        watch_low[v] = next < s->nlevel ? (REAL)s->level[next] : (REAL)-INFINITY;
                        watch_high[v] = next > 0 ? (REAL)(s->level[next - 1] + s->hysteresis) : (REAL)INFINITY;
                        done += (next == s->nlevel) - (passed == s->nlevel);
                    }
                }
        }
        s->inflow[i] = inflow;
        s->done[i] = done;
    }
}

/* T of planes [i0, i1), padded like H. */
LANES void NAME(temperature_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch_memory, void *T) {
    REAL *u = (REAL *)scratch_memory;
    int32_t *bin = (int32_t *)(u + s->nzp);
    for (ptrdiff_t row = i0 * s->ny; row < i1 * s->ny; ++row) {
        NAME(place_row)(s, row, (const REAL *)s->H + row * s->nzp, NULL, 0, u, bin);
        for (ptrdiff_t k = 0; k < s->nzp; ++k) ((REAL *)T)[row * s->nzp + k] = NAME(temperature_at)(s, bin[k], u[k]);
    }
}

/* H += D over one plane (D may be NULL); adds the enthalpy (J) of every region to held and
   raises hottest to its largest H. */
LANES void NAME(advance_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, double *held, double *hottest) {
    const ptrdiff_t nzp = s->nzp, nz = s->nz;
    REAL *H = (REAL *)s->H;
    const REAL *D = (const REAL *)increment, *cut_inv = (const REAL *)s->cut_inv_volume;
    for (ptrdiff_t j = 0; j < s->ny; ++j) {
        const ptrdiff_t row = i * s->ny + j, o = row * nzp;
        const double area = s->dx[i] * s->dy[j];
        if (D)
            for (ptrdiff_t k = 0; k < nzp; ++k) H[o + k] += D[o + k];
        int64_t c = s->cut_row[row];
        for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
            const ptrdiff_t a = s->run_start[q];
            ptrdiff_t b = q + 1 < s->run_row[row + 1] ? s->run_start[q + 1] : nz;
            if (b > nz) b = nz;
            double sum = 0.0;
            REAL most = -INFINITY;
            for (ptrdiff_t k = a; k < b; ++k) {
                sum += (double)H[o + k] * s->dz[k];
                most = H[o + k] > most ? H[o + k] : most;
            }
            const int region = s->run_region[q];
            if ((double)most > hottest[region]) hottest[region] = (double)most;
            for (; c < s->cut_row[row + 1] && s->cut_k[c] < b; ++c)
                sum += (double)H[o + s->cut_k[c]] * s->dz[s->cut_k[c]] * (1.0 / (double)cut_inv[c] - 1.0);
            held[region] += sum * area;
        }
    }
}

/* Sums of eight voxels along z of an increment, for the curvature estimate. */
LANES void NAME(block_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, void *blocks) {
    const ptrdiff_t n = s->ny * s->nzp, o = i * n;
    const REAL *D = (const REAL *)increment + o;
    REAL *B = (REAL *)blocks + o / 8;
    for (ptrdiff_t b = 0; b < n / 8; ++b) {
        REAL sum = 0;
        for (int a = 0; a < 8; ++a) sum += D[8 * b + a];
        B[b] = sum;
    }
}

/* The two sums of the curvature estimate over one plane; blocks that mix regions (mask 0) are left out. */
LANES void NAME(curvature_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, const void *blocks,
                                 const uint8_t *mask, double part, double *bend, double *size) {
    const ptrdiff_t n = s->ny * s->nzp, o = i * n;
    const REAL *D = (const REAL *)increment + o, *H = (const REAL *)s->H + o, *B = (const REAL *)blocks + o / 8;
    const REAL inverse = (REAL)(1.0 / part);
    double num = 0.0, den = 0.0;
    for (ptrdiff_t b = 0; b < n / 8; ++b) {
        if (!mask[o / 8 + b]) continue;
        REAL sum = 0, heat = 0;
        for (int a = 0; a < 8; ++a) {
            sum += D[8 * b + a];
            heat += H[8 * b + a];
        }
        num += fabs((double)(sum - B[b] * inverse));
        den += fabs((double)sum) + 1e-5 * fabs((double)heat);
    }
    *bend = num / (1.0 - part);
    *size = den;
}

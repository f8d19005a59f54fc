"""Repairs by topology: points welded, facings agreed, loose sheets taken out, holes covered; each says what it did."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .edges import compacted, edge_table, pieces, single, used_points
from .surface import Surface

__all__ = ["Covers", "Welder", "agreed_facings", "cover_holes", "is_closed", "without_sheets"]

# Of so many patches none is a sheet: the surface is in tatters.
_MOST_PATCHES = 2000
# Volume over area to the power 1.5 of a sheet at most; 0.07 for a cube.
_SHEET = 1e-3


def is_closed(surface: Surface) -> bool:
    """Return whether every edge is left by as many triangles as come back along it."""
    return bool(len(surface.triangles)) and not edge_table(surface)[1].any()


class Welder:
    """Joins the points at leaking edges of a surface; the search tree serves every reach."""

    def __init__(self, surface: Surface) -> None:
        from scipy.spatial import cKDTree

        ends, net, uses = edge_table(surface)
        self._surface = surface
        self._at = np.flatnonzero(used_points(ends[(net != 0) | (uses != 2)], len(surface.points)))
        self._tree = cKDTree(surface.points[self._at], balanced_tree=False, compact_nodes=False) if len(self._at) else None

    def joined(self, reach: float) -> tuple[Surface, int]:
        """Return the surface with points nearer than `reach` (m) joined, and how many moved.

        Each point goes to the middle of its group. Triangles that fall together to a line go, doubled ones are dropped.
        """
        if self._tree is None:
            return self._surface, 0
        return _joined(self._surface, self._at, self._tree.query_pairs(reach, output_type="ndarray"))


def _joined(surface: Surface, at: NDArray[np.int64], pairs: NDArray[np.int64]) -> tuple[Surface, int]:
    if not len(pairs):
        return surface, 0
    _, label = pieces(pairs)
    group = np.full(len(at), -1)
    group[pairs[:, 0]] = group[pairs[:, 1]] = label
    mine = group >= 0
    count = np.bincount(group[mine])
    points = surface.points.copy()
    middle = np.stack([np.bincount(group[mine], weights=points[at[mine], a]) for a in range(3)], axis=1) / count[:, None]
    number = np.arange(len(points))
    # The first of a group stands for all.
    first = np.full(len(count), len(points))
    np.minimum.at(first, group[mine], at[mine])
    points[first] = middle
    number[at[mine]] = first[group[mine]]
    triangles = number[surface.triangles]
    triangles = triangles[(triangles != np.roll(triangles, 1, axis=1)).all(axis=1)]
    triangles = triangles[single(triangles)]
    moved = int(mine.sum() - len(count))
    return (compacted(points, triangles) if len(triangles) else surface), moved


def _half_edges(surface: Surface) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return start and end of every triangle's three edges, and a number that both senses of an edge share."""
    t = surface.triangles.astype(np.int64)
    start, end = t.ravel(), t[:, [1, 2, 0]].ravel()
    return start, end, np.minimum(start, end) * np.int64(len(surface.points)) + np.maximum(start, end)


def _neighbours(surface: Surface) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any], NDArray[Any]]:
    """Return start and end of all half edges, and the pairs of those that are alone with each other on their edge."""
    start, end, key = _half_edges(surface)
    order = np.argsort(key)
    ranked = key[order]
    opens = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    two = opens[np.diff(np.append(opens, len(key))) == 2]
    return start, end, order[two], order[two + 1]


def agreed_facings(surface: Surface) -> tuple[Surface, int, int]:
    """Return the surface with neighbours that face the same way, how many triangles were turned, and how many cannot agree.

    Neighbours are two triangles that share an edge with no third one. In every piece the majority by area is kept.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    m = len(surface.triangles)
    start, end, one, other = _neighbours(surface)
    a, b = one // 3, other // 3
    against = (start[one] < end[one]) == (start[other] < end[other])
    # Each triangle stands in the graph twice, as it is and turned.
    rows = np.concatenate([a, a + m])
    columns = np.concatenate([np.where(against, b + m, b), np.where(against, b, b + m)])
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(2 * m, 2 * m))
    count, label = connected_components(graph, directed=False)
    torn = label[:m] == label[m:]
    area = np.linalg.norm(surface.area_vectors, axis=1)
    weight = np.bincount(label[:m], weights=area, minlength=count)
    turn = (weight[label[m:]] > weight[label[:m]]) & ~torn
    # Of two equal halves the one that holds the lower triangle stays as it is.
    tie = (weight[label[m:]] == weight[label[:m]]) & ~torn
    turn |= tie & (label[m:] < label[:m])
    triangles = surface.triangles.copy()
    triangles[turn] = triangles[turn, ::-1]
    return Surface(surface.points, triangles), int(turn.sum()), int(torn.sum())


def _patches(surface: Surface) -> tuple[int, NDArray[np.int32]]:
    """Return how many patches there are and that of each triangle: patches end at edges that are not those of two triangles."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    m = len(surface.triangles)
    _, _, one, other = _neighbours(surface)
    a, b = one // 3, other // 3
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(m, m))
    count, label = connected_components(graph, directed=False)
    return int(count), label


def without_sheets(surface: Surface) -> tuple[Surface, int]:
    """Return the surface without patches whose removal closes it, and how many triangles went.

    A patch goes if it is flat and every edge of its border leaks by just what the patch brings, if all that is left is closed:
    a loose sheet, or an inner wall that stands on a closed shell.
    """
    count, label = _patches(surface)
    if not 1 < count <= _MOST_PATCHES:
        return surface, 0
    start, end, key = _half_edges(surface)
    edges, at = np.unique(key, return_inverse=True)
    sense = np.where(start < end, 1, -1)
    total = np.bincount(at, weights=sense, minlength=len(edges)).astype(int)
    patch_edge = label[np.arange(len(key)) // 3].astype(np.int64) * len(edges) + at
    pairs, place = np.unique(patch_edge, return_inverse=True)
    own = np.bincount(place, weights=sense).astype(int)
    patch, edge = pairs // len(edges), pairs % len(edges)
    border = own != 0
    leaking = total[edge] != 0
    # Every border edge of the patch leaks by exactly what the patch brings.
    fault = border & ~(leaking & (total[edge] == own))
    bad = np.zeros(count, dtype=bool)
    bad[patch[fault]] = True
    has_border = np.zeros(count, dtype=bool)
    has_border[patch[border]] = True
    go = has_border & ~bad & _flat(surface, label, count)
    if not go.any() or go.all():
        return surface, 0
    left = ~go[label]
    rest = compacted(surface.points, surface.triangles[left])
    return (rest, int((~left).sum())) if is_closed(rest) else (surface, 0)


def _flat(surface: Surface, label: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Return which patches enclose next to nothing, taken about their own middle: a body with a crack is no sheet."""
    area = np.bincount(label, weights=np.linalg.norm(surface.area_vectors, axis=1), minlength=count)
    middles = surface.corners.mean(axis=1)
    many = np.bincount(label, minlength=count)
    centre = np.stack([np.bincount(label, weights=middles[:, a], minlength=count) for a in range(3)], axis=1) / many[:, None]
    c = surface.corners - centre[label][:, None]
    volume = np.bincount(label, weights=np.einsum("ij,ij->i", c[:, 0], np.cross(c[:, 1], c[:, 2])) / 6.0, minlength=count)
    return np.asarray(np.abs(volume) <= _SHEET * area**1.5)


class Covers:
    """What covering holes did: how many, the largest (m), their place (m) and the added area (m2)."""

    __slots__ = ("area", "count", "largest", "place")

    def __init__(self) -> None:
        self.count, self.largest, self.area = 0, 0.0, 0.0
        self.place: NDArray[np.float64] | None = None


def cover_holes(surface: Surface, *, widest: float) -> tuple[Surface, Covers]:
    """Return the surface with holes up to a width (m) covered by fans around their middles, and what was done.

    Rims that touch in a point are covered one by one; a rim that does not come back to its start stays open.
    """
    did = Covers()
    start, end, key = _half_edges(surface)
    order = np.argsort(key)
    ranked = key[order]
    same = np.concatenate([[False], ranked[1:] == ranked[:-1], [False]])
    free = np.zeros(len(key), dtype=bool)
    free[order] = ~(same[:-1] | same[1:])
    # The cover runs along the rim the other way.
    tail, head = end[free], start[free]
    points, more = list(surface.points), []
    for loop in _loops(tail, head):
        rim = surface.points[loop]
        width = float(np.linalg.norm(np.ptp(rim, axis=0)))
        if width > widest:
            continue
        if len(loop) == 3:
            fan: Any = [loop]
        else:
            length = np.linalg.norm(rim - np.roll(rim, -1, axis=0), axis=1)
            weight = length + np.roll(length, 1)
            points.append((rim * weight[:, None]).sum(axis=0) / weight.sum())
            fan = [(p, q, len(points) - 1) for p, q in zip(loop, [*loop[1:], loop[0]], strict=True)]
        more += fan
        did.count += 1
        corners = np.array([[points[i] for i in row] for row in fan])
        vectors = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        did.area += float(0.5 * np.linalg.norm(vectors, axis=1).sum())
        if width > did.largest:
            did.largest, did.place = width, rim.mean(axis=0)
    if not more:
        return surface, did
    triangles = np.concatenate([surface.triangles, np.array(more, dtype=np.int32)])
    return Surface(np.array(points), triangles), did


def _loops(tail: NDArray[np.int64], head: NDArray[np.int64]) -> list[list[int]]:
    """Return closed loops of rim edges, each passing a point once; rims that touch are parted where they touch."""
    follow: dict[int, list[int]] = {}
    for a, b in zip(tail.tolist(), head.tolist(), strict=True):
        follow.setdefault(a, []).append(b)
    loops = []
    for first in list(follow):
        while follow.get(first):
            path, place = [first], {first: 0}
            while follow.get(path[-1]):
                to = follow[path[-1]].pop()
                if to not in place:
                    place[to] = len(path)
                    path.append(to)
                    continue
                loop = path[place[to] :]
                if len(loop) >= 3:
                    loops.append(loop)
                for gone in loop[1:]:
                    del place[gone]
                path = path[: place[to] + 1]
    return loops

"""The shrinkage march against a plain twin that labels the pools anew at every event."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from castsolve.simulation.air import surface_voxels
from castsolve.simulation.march import Densities, march_shrinkage, pool_tree

STEEL = Densities.of(shrinkage=0.05, liquid_contraction=1.3e-4, superheat=80.0, limit=0.4)
IRON = Densities.of(shrinkage=-0.02, liquid_contraction=1.2e-4, superheat=250.0)


class Twin:
    """The march in words: dictionaries of voxels, pools by flood fill, no tree and no sums kept."""

    def __init__(self, metal, early, late, volume, height, densities, opened, head, pressed=None, most=np.inf):
        self.voxels = [tuple(v) for v in np.argwhere(metal).tolist()]
        take = lambda a: {v: float(a[v]) for v in self.voxels}  # noqa: E731
        self.early, self.late = take(np.minimum(early, late)), take(late)
        self.volume, self.densities, self.head = take(volume), densities, head
        self.fill = dict.fromkeys(self.voxels, 1.0)
        self.stage = dict.fromkeys(self.voxels, 0)
        self.since = dict.fromkeys(self.voxels, 0.0)
        self.open = {v: bool(opened[v]) for v in self.voxels}
        self.level = {v: float(height[v]) + head * self.open[v] for v in self.voxels}
        self.pressed = set() if pressed is None else {v for v in self.voxels if pressed[v]}
        self.given, self.most = 0.0, most
        self.number = {v: n for n, v in enumerate(self.voxels)}
        self.pushed = 0.0

    def neighbours(self, v):
        for axis, step in product(range(3), (1, -1)):
            w = list(v)
            w[axis] += step
            if tuple(w) in self.fill:
                yield tuple(w)

    def pool(self, v):
        seen, edge = {v}, [v]
        while edge:
            for w in self.neighbours(edge.pop()):
                if w not in seen and self.stage[w] < 3:
                    seen.add(w)
                    edge.append(w)
        return seen

    def density(self, v, t):
        d = self.densities
        if self.stage[v] == 0:
            return d.poured + (d.liquid - d.poured) * (t / self.early[v] if self.early[v] > 0 else 0.0)
        if self.stage[v] == 1:
            span = self.late[v] - self.early[v]
            return d.liquid + (d.limit - d.liquid) * ((t - self.early[v]) / span if span > 0 else 0.0)
        return d.solid

    def run(self):
        events = [(self.early[v], 0, n, v) for n, v in enumerate(self.voxels)]
        events += [(self.late[v], 1, n, v) for n, v in enumerate(self.voxels)]
        for t, freezes, _, v in sorted(events):
            pool = self.pool(v)
            draw = 0.0
            for w in pool:
                then = self.density(w, self.since[w])
                draw += self.fill[w] * self.volume[w] * (self.density(w, t) - then)
                self.since[w] = t
            before = self.density(v, t)
            self.stage[v] = 2 if freezes else 1
            draw += self.fill[v] * self.volume[v] * (self.density(v, t) - before)
            self.settle(pool, draw, t)
            if freezes:
                self.stage[v] = 3

    def settle(self, pool, draw, t):
        order = lambda w: (self.level[w], self.late[w], -self.number[w])  # noqa: E731
        while abs(draw) > 1e-300:
            some = [w for w in pool if (self.fill[w] > 0.0 if draw > 0.0 else self.fill[w] < 1.0)]
            if not some:
                self.pushed -= draw
                return
            # What is pressed gives first.
            first = self.pressed.intersection(some) if draw > 0.0 else ()
            if first:
                part = min(draw, self.most - self.given)
                self.given, draw = self.given + part, draw - part
                if draw > 0.0:
                    self.pressed.clear()
                continue
            w = max(some, key=order) if draw > 0.0 else min(some, key=order)
            rho = self.density(w, t) * self.volume[w]
            held = (self.fill[w] if draw > 0.0 else 1.0 - self.fill[w]) * rho
            if abs(draw) < held:
                self.fill[w] -= draw / rho
                return
            self.fill[w] = 0.0 if draw > 0.0 else 1.0
            if draw > 0.0 and self.open[w]:
                for u in self.neighbours(w):
                    if not self.open[u] and self.stage[u] < 3:
                        self.open[u] = True
                        self.level[u] += self.head
            draw = draw - held if draw > 0.0 else draw + held


def random_casting(seed: int, shape=(5, 4, 6)):
    random = np.random.default_rng(seed)
    metal = random.random(shape) < 0.8
    late = np.where(metal, random.random(shape) * 100.0 + 1.0, np.nan)
    if seed % 3 == 0:
        late = np.ceil(late / 20.0) * 20.0  # many at one moment
    early = late * random.random(shape)
    early[random.random(shape) < 0.1] = 0.0
    alike = random.random(shape) < 0.1
    early[alike] = late[alike]
    volume = random.random(shape) + 0.5
    height = np.broadcast_to(np.arange(shape[2], dtype=float), shape)
    return metal, np.where(metal, early, np.nan), late, volume, height


@pytest.mark.parametrize("densities", [STEEL, IRON], ids=["shrinks", "expands"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("head", "share"), [(100.0, None), (2.0, None), (10.0, 0.3), (10.0, 2.0)],
    ids=["open first", "little pressure", "pressed until it runs out", "pressed to the end"],
)  # fmt: skip
def test_the_march_is_its_twin(seed, densities, head, share):
    """With a share some voxels are kept full until so much of what that takes has been pressed in."""
    metal, early, late, volume, height = random_casting(seed)
    opened = surface_voxels(metal)
    if seed % 2 and share is None:
        opened &= np.random.default_rng(seed + 99).random(metal.shape) < 0.3
    pressed, most, taken = None, np.inf, 0.0
    given = (metal, early, late, volume, height, densities, opened, head)
    if share is not None:
        pressed = metal & (np.random.default_rng(seed + 7).random(metal.shape) < 0.2)
        free = Twin(*given, pressed)
        free.run()
        assert free.given > 0.0
        most, taken = share * free.given, min(share, 1.0) * free.given
    twin = Twin(*given, pressed, most)
    twin.run()
    found = march_shrinkage(
        metal=metal, time_liquidus=early, time_limit=late, volume=volume, height=height, densities=densities, opened=opened,
        head=head, pressed=pressed, pressed_most=most,
    )  # fmt: skip
    expected = np.array([twin.fill[v] for v in twin.voxels])
    assert (expected < 0.999).any() or share == 2.0, "no pore to compare"
    np.testing.assert_allclose(found.filled, expected, rtol=0.0, atol=1e-11)
    assert found.pushed_out == pytest.approx(max(twin.pushed, 0.0), abs=1e-11 * volume.sum())
    assert found.pressed_in == pytest.approx(taken, rel=1e-11)
    assert found.defect < 1e-13


def test_pools_split_where_labelling_says():
    from scipy import ndimage

    _, _, late, _, _ = random_casting(1, (9, 8, 7))
    tree = pool_tree(late)
    assert (tree.parent[tree.parent >= 0] > np.flatnonzero(tree.parent >= 0)).all()
    for pool in range(tree.parent.size):
        for moment in (tree.begin[pool], 0.5 * (tree.begin[pool] + tree.end[pool])):
            label, _ = ndimage.label(np.nan_to_num(late, nan=-1.0) > moment)
            inside = tree.index[tree.voxels(pool, after=moment)]
            numbers = set(label[tuple(inside.T)].tolist())
            assert len(numbers) == 1
            assert len(inside) == int((label == numbers.pop()).sum())
        neck = tuple(tree.index[tree.last[pool]])
        assert late[neck] == tree.end[pool]
    split = np.bincount(tree.parent[tree.parent >= 0], minlength=tree.parent.size)
    assert split.max() >= 2
    assert (split[split > 0] >= 2).all()
    weight = np.random.default_rng(0).random(tree.limit.size)
    for pool in range(0, tree.parent.size, 5):
        assert tree.sums(weight)[pool] == pytest.approx(weight[tree.voxels(pool)].sum())
        assert tree.latest(tree.limit[:, None])[pool, 0] == tree.limit[tree.voxels(pool)].max()


def test_surfaces_end_at_planes_of_symmetry():
    metal = np.ones((4, 3, 3), dtype=bool)
    assert surface_voxels(metal).sum() == 36 - 2
    assert surface_voxels(metal, mirrors=("x_low",)).sum() == 36 - 3
    assert not surface_voxels(metal, mirrors=("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")).any()

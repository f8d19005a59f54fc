"""What a verification case returns: comparisons against gates, and curves to draw."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: `error` is what the gate limits, relative or in the unit of the quantity."""

    quantity: str
    reference: float
    computed: float
    gate: float
    relative: bool = True
    aim: float | None = None
    error_of: float | None = None  # the error where it is not computed - reference (a maximum over a field)

    @property
    def error(self) -> float:
        if self.error_of is not None:
            return self.error_of
        gap = self.computed - self.reference
        return gap / abs(self.reference) if self.relative else gap

    @property
    def passed(self) -> bool:
        return bool(abs(self.error) <= self.gate)

    def __str__(self) -> str:
        shown = f"{100.0 * self.error:+.3f} %" if self.relative else f"{self.error:+.4g}"
        gate = f"{100.0 * self.gate:g} %" if self.relative else f"{self.gate:g}"
        word = "passes" if self.passed else "FAILS"
        return f"{self.quantity}: computed {self.computed:.6g}, reference {self.reference:.6g}, error {shown} {word} gate {gate}"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line or set of marks of a plot."""

    label: str
    x: np.ndarray
    y: np.ndarray
    marks: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """One picture of a case."""

    name: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """All comparisons and pictures of one case."""

    case: str
    text: str
    checks: tuple[Check, ...]
    plots: tuple[Plot, ...] = field(default=())

    def failures(self) -> list[str]:
        return [f"{self.case}: {check}" for check in self.checks if not check.passed]


def assert_passes(outcome: Outcome) -> None:
    """Assert that every comparison of a case meets its gate; print all of them."""
    for check in outcome.checks:
        print(f"{outcome.case}: {check}")  # noqa: T201 - shown with a failure
    assert outcome.checks, f"{outcome.case} compared nothing"
    assert not outcome.failures(), "\n".join(outcome.failures())


def assert_fails(outcome: Outcome) -> None:
    """Assert that at least one comparison of a deliberately broken case misses its gate."""
    for check in outcome.checks:
        print(f"{outcome.case} (broken): {check}")  # noqa: T201 - shown with a failure
    assert outcome.failures(), f"{outcome.case}: the broken version passes every gate, so the gates prove nothing"


def largest(
    quantity: str, reference: np.ndarray, computed: np.ndarray, gate: float, *, relative: bool = True, aim: float | None = None
) -> Check:
    """Return the comparison of two fields by their largest difference."""
    gap = (computed - reference) / np.abs(reference) if relative else computed - reference
    worst = int(np.nanargmax(np.abs(gap))) if np.isfinite(gap).all() else int(np.argmax(~np.isfinite(gap)))
    error = float(gap.flat[worst])
    if not np.isfinite(error):
        error = float("inf")
    return Check(quantity, float(reference.flat[worst]), float(computed.flat[worst]), gate, relative, aim, error)


def root_mean_square(
    quantity: str, reference: np.ndarray, computed: np.ndarray, gate: float, *, relative: bool = True, aim: float | None = None
) -> Check:
    """Return the comparison of two fields by the root of the mean square difference."""
    gap = (computed - reference) / np.abs(reference) if relative else computed - reference
    error = float(np.sqrt(np.mean(gap**2)))
    if not np.isfinite(error):
        error = float("inf")
    return Check(quantity, float(np.mean(reference)), float(np.mean(computed)), gate, relative, aim, error)

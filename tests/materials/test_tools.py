"""The scripts that compute shipped tables again: their compositions are those of the files, and a table passes its own check."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from castsolve import materials
from castsolve.materials.calphad import FreezingPath

TOOLS = Path(__file__).parents[2] / "tools" / "calphad"


def script(name: str) -> ModuleType:
    if not TOOLS.is_dir():
        pytest.skip("the scripts are not beside the tests")
    spec = importlib.util.spec_from_file_location(f"tool_{name}", TOOLS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_scripts_compute_the_compositions_of_the_files() -> None:
    aluminium = script("aluminium")
    for name, composition in aluminium.COMPOSITIONS.items():
        shipped = {e: pytest.approx(100.0 * p.value) for e, p in materials.alloy(name).composition.items()}
        assert composition == shipped, name
    for name in script("iron_and_steel").ALLOYS:
        assert materials.alloy(name).family in ("iron", "steel")


@pytest.mark.parametrize("name", ["A319", "A356", "A413"])
def test_a_shipped_table_agrees_with_itself_and_a_wrong_one_is_seen(name: str) -> None:
    aluminium = script("aluminium")
    alloy = materials.alloy(name)
    rows = np.array(alloy.fraction_solid.rows)
    onsets = [("FCC_A1", alloy.liquidus.value)] + ([("SI_DIAMOND_A4", alloy.eutectic.value)] if alloy.eutectic else [])
    path = FreezingPath(rows[:, 0], rows[:, 1], rows[:, 2] * alloy.latent_heat.value, tuple(onsets), {}, "scheil")
    dT, df, dL = aluminium.difference(name, aluminium.table_of(path))
    assert abs(dT) < 0.01 and df < 0.01 and abs(dL) < 0.1
    assert "[fraction_solid]" in aluminium.block(name, aluminium.table_of(path), path)
    shifted = FreezingPath(rows[:, 0] - 4.0, rows[:, 1], 0.95 * path.heat_released,
                           tuple((n, T - 4.0) for n, T in onsets), {}, "scheil")  # fmt: skip
    dT, df, dL = aluminium.difference(name, aluminium.table_of(shifted))
    assert dT == pytest.approx(-4.0, abs=0.01) and dL < -15.0
    assert df > 0.03 or name == "A413"


def test_wrong_equilibria_of_an_iron_are_seen() -> None:
    tool = script("iron_and_steel")
    assert tool.faults("EN-GJS-400-15", tool.Equilibria(1178.0, 1164.0, 245.0, 2.02)) == []
    assert len(tool.faults("EN-GJS-400-15", tool.Equilibria(1178.0, 1164.0, 210.0, 1.5))) == 2
    assert tool.faults("WCB", tool.Equilibria(1490.0, 1464.0, 253.0, 0.0)) == ["liquidus 1490 degC against 1508"]

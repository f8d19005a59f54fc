"""Saved results come back to the bit, are replaced whole, and refuse damage in one sentence."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from castsolve.errors import ResultsError
from castsolve.results import Results, load


def assert_same(a: Results, b: Results) -> None:
    """Assert that two results are equal to the bit."""
    assert a.frame.same_as(b.frame)
    for name in ("region_names", "body_names", "body_roles"):
        assert getattr(a.frame, name) == getattr(b.frame, name)
    for one, other in ((a.fields, b.fields), (a.history, b.history), (a.snapshots, b.snapshots)):
        assert set(one) == set(other)
        for name in one:
            assert one[name].dtype == other[name].dtype
            np.testing.assert_array_equal(one[name], other[name])
    assert set(a.probes) == set(b.probes)
    for name, probe in a.probes.items():
        twin = b.probes[name]
        assert (probe.place, probe.body) == (twin.place, twin.body)
        np.testing.assert_array_equal(probe.times, twin.times)
        np.testing.assert_array_equal(probe.temperatures, twin.temperatures)
    assert dict(a.facts) == dict(b.facts)
    assert dict(a.infos) == dict(b.infos)


def test_round_trip(result: Results, tmp_path: Path) -> None:
    own = result.with_field("mine", result["cooling_rate"] * 2, unit="K/s", meaning="twice")
    place = own.save(tmp_path / "runs" / "block")
    assert_same(own, load(place))
    assert sorted(p.suffix for p in place.iterdir()) == [".h5", ".json"]
    json.loads((place / "facts.json").read_text())


def test_some_fields_only(result: Results, tmp_path: Path) -> None:
    result.save(tmp_path)
    assert list(load(tmp_path, fields=["body"])) == ["body"]
    with pytest.raises(ResultsError, match='no field named "boddy"; nearest is "body"'):
        load(tmp_path, fields=["boddy"])


def test_replaced_whole_and_other_files_left_alone(result: Results, finer: Results, tmp_path: Path) -> None:
    result.save(tmp_path)
    (tmp_path / "picture.png").write_bytes(b"x")
    finer.save(tmp_path)
    assert_same(finer, load(tmp_path))
    assert len(list(tmp_path.glob("*.h5"))) == 1 and (tmp_path / "picture.png").exists()


def test_foreign_facts_are_not_overwritten(result: Results, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"mine": 1}')
    with pytest.raises(ResultsError, match="will not be replaced"):
        result.save(tmp_path)
    assert (tmp_path / "facts.json").read_text() == '{"mine": 1}'


def test_no_result(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no result in"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.99])
def test_cut_short(result: Results, tmp_path: Path, share: float) -> None:
    result.save(tmp_path)
    data = next(tmp_path.glob("*.h5"))
    data.write_bytes(data.read_bytes()[: int(share * data.stat().st_size)])
    with pytest.raises(ResultsError, match="damaged or cut short"):
        load(tmp_path)


def test_a_flipped_bit_is_found(result: Results, tmp_path: Path) -> None:
    result.save(tmp_path)
    data = next(tmp_path.glob("*.h5"))
    with h5py.File(data) as file:
        offset = file["fields/temperature"].id.get_chunk_info(0).byte_offset
    raw = bytearray(data.read_bytes())
    raw[offset + 50] ^= 4
    data.write_bytes(raw)
    with pytest.raises(ResultsError, match="damaged"):
        load(tmp_path)


def test_missing_data_and_damaged_facts(result: Results, tmp_path: Path) -> None:
    result.save(tmp_path)
    text = (tmp_path / "facts.json").read_text()
    (tmp_path / "facts.json").write_text(text[: len(text) // 2])
    with pytest.raises(ResultsError, match=r"facts\.json is damaged"):
        load(tmp_path)
    (tmp_path / "facts.json").write_text(text)
    next(tmp_path.glob("*.h5")).unlink()
    with pytest.raises(ResultsError, match="is incomplete"):
        load(tmp_path)


def test_left_over_keys_and_newer_versions_are_refused(result: Results, tmp_path: Path) -> None:
    result.save(tmp_path)
    index = tmp_path / "facts.json"
    head = json.loads(index.read_text())
    index.write_text(json.dumps({**head, "surprise": 1}))
    with pytest.raises(ResultsError, match="surprise"):
        load(tmp_path)
    index.write_text(json.dumps({**head, "version": 99}))
    with pytest.raises(ResultsError, match=r"format version 99.*upgrade"):
        load(tmp_path)
    index.write_text(json.dumps(head))
    with h5py.File(next(tmp_path.glob("*.h5")), "a") as file:
        file.create_group("extra")
    with pytest.raises(ResultsError, match="extra"):
        load(tmp_path)


def test_folder_that_is_a_file(result: Results, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(ResultsError, match="is a file; choose another name"):
        result.save(tmp_path / "a")


_LIMITED = """
import resource, signal, sys
from castsolve.errors import ResultsError
from castsolve.results import load
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
result = load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    getattr(result, sys.argv[3])(sys.argv[1])
except ResultsError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="the system has no limit for the size of a file")
@pytest.mark.parametrize("limit", [100, 5000, 30000])
@pytest.mark.parametrize("verb", ["save", "to_vtk"])
def test_disk_that_takes_no_more(result: Results, tmp_path: Path, limit: int, verb: str) -> None:
    result.save(tmp_path)
    before = {p.name for p in tmp_path.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path), str(limit), verb], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("refused:") and "larger than allowed" in done.stdout, done.stdout
    assert len(done.stdout.strip().splitlines()) == 1 and not done.stderr
    after = {p.name for p in tmp_path.iterdir()}
    assert after >= before and not [n for n in after if "partial" in n]
    assert after == before or verb == "to_vtk", "each VTK file stands for itself; a result is whole or not there"
    assert_same(result, load(tmp_path))


def test_read_only_folder(result: Results, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the administrator may write anywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ResultsError, match="may not be written"):
            result.save(tmp_path)
    finally:
        tmp_path.chmod(0o700)


_WRITER = """
import sys
import numpy as np
from castsolve.results import load
a = load(sys.argv[1])
b = a.with_field("temperature", a["temperature"] + 1)
print("ready", flush=True)
while True:
    b.save(sys.argv[2])
    a.save(sys.argv[2])
"""


def test_killed_writer_leaves_a_whole_result(result: Results, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    result.save(source)
    other = result.with_field("temperature", result["temperature"] + 1)
    result.save(target)
    moments = random.Random(7)
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(source), str(target)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
        time.sleep(0.05 + 0.25 * moments.random())
        writer.kill()
        writer.wait()
        writer.stdout.close()
        found = load(target)
        shift = float(found["temperature"].flat[0] - result["temperature"].flat[0])
        assert_same(found, other if shift else result)
    result.save(target)
    assert len(list(target.iterdir())) == 2, "what killed writers left behind is removed by the next save"


def test_csv_headings_tell_units(result: Results, tmp_path: Path) -> None:
    history, probe = result.to_csv(tmp_path)
    lines = history.read_text().splitlines()
    assert lines[0] == "time [s],heat_out [MJ],stages" and lines[-1] == "100,2,9" and len(lines) == 51
    lines = probe.read_text().splitlines()
    assert probe.name == "probe-centre.csv"
    assert lines[0] == "time [s],temperature [degC]" and lines[1] == "0,720"

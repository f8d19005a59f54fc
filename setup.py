"""Build of the compiled kernels; everything else about the package is in pyproject.toml.

Three abilities of the compiler are found out by compiling AND running a small program: OpenMP, several versions of
one function chosen by the processor at load time, and stretches of a file compiled for another instruction set. What fails is built
without, and said on stderr.

Environment
-----------
CASTSOLVE_OPENMP : "1" makes a failed OpenMP probe an error, "0" builds without OpenMP.
CASTSOLVE_CHECK : "1" builds with bounds checks, for the kernel tests.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCES = Path("src") / "castsolve"
CHAPTERS = sorted(str(p) for kind in ("*.pxi", "*.pxd", "*.h") for p in SOURCES.glob(kind))

# Without wraparound a negative index is caught too; division keeps the meaning that the kernels were written for.
CHECKS = {"boundscheck": True, "initializedcheck": True, "wraparound": False}

OPENMP_PROGRAM = """
#include <omp.h>
int main(void) {
    int threads = 0;
    #pragma omp parallel num_threads(2) reduction(+:threads)
    threads += 1;
    return threads >= 1 && omp_get_max_threads() >= 1 ? 0 : 1;
}
"""

CLONES_PROGRAM = """
__attribute__((target_clones(%s)))
float row_sum(const float *restrict a, const float *restrict b, int n) {
    float sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}
int main(void) {
    float a[64], b[64];
    for (int i = 0; i < 64; ++i) { a[i] = (float)i; b[i] = 1.0f; }
    return row_sum(a, b, 64) == 2016.0f ? 0 : 1;
}
"""

UNITS_PROGRAM = """
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
static inline __attribute__((always_inline)) float product(float a, float b) { return a * b; }
static float row_sum(const float *restrict a, const float *restrict b, int n) {
    float sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += product(a[i], b[i]);
    return sum;
}
#pragma GCC pop_options
int main(void) {
    float a[64], b[64];
    for (int i = 0; i < 64; ++i) { a[i] = (float)i; b[i] = 1.0f; }
    __builtin_cpu_init();
    return !__builtin_cpu_supports("x86-64-v3") || row_sum(a, b, 64) == 2016.0f ? 0 : 1;
}
"""

# What CASTSOLVE_CLONES says in the kernels' header, richest first.
CLONES = {2: '"arch=x86-64-v4", "arch=x86-64-v3", "default"', 1: '"arch=x86-64-v3", "default"'}


def said(text: str) -> None:
    print(f"castsolve build: {text}", file=sys.stderr)


def switch(name: str, allowed: tuple[str, ...]) -> str:
    """Return an environment switch, or refuse a value that means nothing."""
    value = os.environ.get(name, "")
    if value not in ("", *allowed):
        raise SystemExit(f'{name} = "{value}" is not known; allowed are {", ".join(allowed)} or unset')
    return value


def checked_copy(pyx: Path, folder: Path) -> Path:
    """Copy the sources with their own switches for CHECKS taken out of the head, where they would win over ours."""
    folder.mkdir(parents=True, exist_ok=True)
    for chapter in CHAPTERS:
        shutil.copy2(chapter, folder)
    lines = []
    for line in pyx.read_text(encoding="utf-8").splitlines():
        if line.startswith("# cython:"):
            switches = line.removeprefix("# cython:").split(",")
            kept = [text for text in switches if text.split("=")[0].strip() not in CHECKS]
            line = "# cython:" + ",".join(kept) if kept else "#"
        lines.append(line)
    copy = folder / pyx.name
    copy.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return copy


class BuildKernels(build_ext):
    """Cythonize and compile the kernels with what the compiler was seen to be able to do."""

    def runs(self, program: str, compile_args: list[str], link_args: list[str]) -> bool:
        """Return whether a C program compiles, links and ends with success."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "probe.c"
            source.write_text(program, encoding="ascii")
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder, extra_postargs=compile_args)
                link_args = link_args + shlex.split(os.environ.get("LDFLAGS", ""))
                self.compiler.link_executable(objects, "probe", output_dir=folder, extra_postargs=link_args)
                exe = Path(folder) / ("probe.exe" if os.name == "nt" else "probe")
                return subprocess.run([str(exe)], timeout=60, capture_output=True, check=False).returncode == 0
            except Exception as error:  # noqa: BLE001 - compilers' errors have no base common to all setuptools
                said(f"a probe failed: {type(error).__name__}: {error}")
                return False

    def openmp(self, flags: list[str]) -> tuple[list[str], list[str]] | None:
        """Return the compile and link arguments of OpenMP, or None where it does not run."""
        wish = switch("CASTSOLVE_OPENMP", ("0", "1"))
        if wish == "0":
            return None
        if self.compiler.compiler_type == "msvc":
            ways = [(["/openmp"], [])]
        elif sys.platform == "darwin":
            ways = [(["-fopenmp"], ["-fopenmp"]), (["-Xpreprocessor", "-fopenmp"], ["-lomp"])]
        else:
            ways = [(["-fopenmp"], ["-fopenmp"])]
        for compile_args, link_args in ways:
            if self.runs(OPENMP_PROGRAM, flags + compile_args, link_args):
                return compile_args, link_args
        if wish == "1":
            raise SystemExit("CASTSOLVE_OPENMP = 1, but no OpenMP program could be built and run with this compiler")
        said("OpenMP does not work with this compiler; the kernels will run on one thread")
        return None

    def clones(self, flags: list[str]) -> int:
        """Return how many instruction sets above the baseline one function can be compiled for."""
        if self.compiler.compiler_type == "msvc" or sys.platform == "darwin":
            return 0
        for level, names in CLONES.items():
            if self.runs(CLONES_PROGRAM % names, flags, []):
                return level
        said("function clones do not work with this compiler; the kernels use its baseline instructions only")
        return 0

    def units(self, flags: list[str]) -> bool:
        """Return whether a stretch of a file can be compiled for x86-64-v3; one that skips the pragma, as clang does, cannot."""
        if self.compiler.compiler_type == "msvc" or sys.platform == "darwin":
            return False
        return self.runs(UNITS_PROGRAM, [*flags, "-Werror=unknown-pragmas"], [])

    def build_extension(self, ext: Extension) -> None:
        from Cython.Build import cythonize

        checked = switch("CASTSOLVE_CHECK", ("0", "1")) == "1"
        if self.compiler.compiler_type == "msvc":
            flags = ["/O2"]
        else:
            # Debug records of the generated code would take as long as compiling it.
            flags = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
        openmp = self.openmp(flags)
        compile_args, link_args = openmp if openmp is not None else ([], [])
        ext.extra_compile_args = flags + compile_args
        ext.extra_link_args = list(link_args)
        ext.define_macros = [
            ("CASTSOLVE_CLONES", str(self.clones(flags))),
            ("CASTSOLVE_UNITS", str(int(self.units(flags)))),
            ("CASTSOLVE_HAVE_OPENMP", str(int(openmp is not None))),
            ("CASTSOLVE_CHECKED", str(int(checked))),
        ]

        # One object file serves one set of switches: a change of them compiles anew.
        asked = f"{ext.define_macros} {ext.extra_compile_args} {ext.extra_link_args}"
        stamp = Path(self.build_temp) / "castsolve-switches.txt"
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != asked:
            self.force = True

        sources = list(ext.sources)
        if checked:
            sources = [str(checked_copy(SOURCES / "_kernels.pyx", Path("build") / "checked"))]
        made = cythonize(
            Extension(ext.name, sources, depends=CHAPTERS, include_dirs=[str(SOURCES)]),
            build_dir=None if checked else str(Path("build") / "cython"),
            compiler_directives=CHECKS if checked else {},
            force=self.force,
        )[0]
        ext.sources = made.sources
        super().build_extension(ext)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(asked, encoding="utf-8")
        said(f"kernels built with {', '.join(f'{name} = {value}' for name, value in ext.define_macros)}")


setup(
    ext_modules=[
        Extension(
            "castsolve._kernels",
            [str(SOURCES / "_kernels.pyx")],
            depends=CHAPTERS,
            include_dirs=[str(SOURCES)],
        )
    ],
    cmdclass={"build_ext": BuildKernels},
)

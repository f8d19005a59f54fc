"""What can be typed after `castsolve`. The work is in the modules beside, loaded when a command needs them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from .telling import told

__all__ = ["app", "main"]

app = typer.Typer(
    name="castsolve",
    help="Simulate how a casting fills, freezes and cools, and tell where it will be defective and how long a cycle takes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Voxel = Annotated[str | None, typer.Option("--voxel", help='Edge of a voxel, for example "4 mm".')]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Number of threads. Default: all allowed.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the results.")]


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"castsolve {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = debug


@app.command()
def run(
    context: typer.Context,
    case: Annotated[Path, typer.Argument(help="Case file (TOML).")],
    output: Output = None,
    voxel: Voxel = None,
    threads: Threads = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier run in the folder.")] = False,
) -> None:
    """Run a case file. Default folder: the name of the case, beside it."""
    with told(debug=context.obj):
        from .folder import RunFolder
        from .running import carry_out

        folder = RunFolder(output if output is not None else case.with_suffix(""))
        job = folder.prepare_case(case, voxel=voxel, threads=threads, force=force)
        carry_out(job, folder)


@app.command()
def resume(context: typer.Context, folder: Annotated[Path, typer.Argument(help="Folder of the run.")]) -> None:
    """Go on with a run that was stopped or killed, to the same bits."""
    with told(debug=context.obj):
        from .folder import RunFolder
        from .running import carry_out

        place = RunFolder(folder)
        carry_out(place.stored_job(), place, resume=True)


@app.command()
def view(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    field: Annotated[list[str] | None, typer.Option("--field", "-f", help="Field to draw; may be repeated.")] = None,
    output: Output = None,
) -> None:
    """Draw sections and cooling curves of a finished run. Default folder: pictures/ in that of the run."""
    with told(debug=context.obj):
        from ..results import load
        from .pictures import draw_pictures, require_pictures
        from .telling import say_files

        require_pictures()
        result = load(folder)
        place = folder / "pictures" if output is None else output
        say_files(draw_pictures(result, place, fields=field), place)


@app.command()
def demo(
    context: typer.Context,
    output: Output = None,
    voxel: Voxel = None,
    threads: Threads = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier run in the folder.")] = False,
) -> None:
    """Fill and freeze the bundled valve body in green sand, end to end. Default folder: castsolve-demo."""
    with told(debug=context.obj):
        from .folder import RunFolder
        from .running import carry_out

        folder = RunFolder(output if output is not None else Path("castsolve-demo"))
        carry_out(folder.prepare_demo(voxel=voxel, threads=threads, force=force), folder)


@app.command()
def inspect(
    context: typer.Context,
    part: Annotated[Path, typer.Argument(help="File of a part: STL, OBJ, PLY, OFF, msh, vtu, inp, bdf, STEP.")],
    alloy: Annotated[str, typer.Option("--alloy", help="Alloy that is poured, for example A356.")],
    unit: Annotated[str | None, typer.Option("--unit", help="Unit of the file: mm, cm, m, um, inch. STEP has its own.")] = None,
    mould: Annotated[str, typer.Option("--mould", help="Sand of the mould.")] = "green-sand",
    body: Annotated[str | None, typer.Option("--body", help="One body of an assembly, by its name.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Picture. Default: PART-inspect.png here.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a broken surface instead of repairing it.")] = False,
    threads: Threads = None,
) -> None:
    """Look at a part before anything is designed: weight, modulus, walls, hot spots, how to pour, what a run takes."""
    with told(debug=context.obj):
        from .inspecting import inspect_file

        inspect_file(
            part, alloy=alloy, mould=mould, unit=unit, body=body, output=output, repair=not strict, threads=threads
        )


@app.command()
def materials(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One material, or a material file; without, all are listed.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", "-p", help="Draw its curves into this file (PNG).")] = None,
    export: Annotated[Path | None, typer.Option("--export", help="Write it to this material file (TOML).")] = None,
) -> None:
    """List materials, or show one with all its values and sources."""
    with told(debug=context.obj):
        from .sheets import material_files, material_list, material_sheet

        if name is None and (picture is not None or export is not None):
            raise InputError("--picture and --export need the name of a material")
        typer.echo(material_list() if name is None else material_sheet(name))
        if name is not None:
            for file in material_files(name, picture=picture, export=export):
                typer.echo(f"written to {file}")


@app.command()
def schema(context: typer.Context) -> None:
    """Print the JSON schema of the case file, for editors that check TOML while it is typed."""
    with told(debug=context.obj):
        import json

        from ..casting.case import case_schema

        typer.echo(json.dumps(case_schema(), indent=2))


@app.command()
def doctor(context: typer.Context) -> None:
    """Tell what was built, and whether pictures can be drawn."""
    with told(debug=context.obj):
        from .doctor import diagnosis

        typer.echo(diagnosis())


def main() -> None:
    """Run the command line of this process."""
    # A terminal that cannot write a letter gets a question mark, not a crash.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()

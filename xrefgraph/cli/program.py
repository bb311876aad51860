"""The program: its commands, and how it leaves, with one line on stderr where something is wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

import xrefgraph
from xrefgraph.cli.compare import compare
from xrefgraph.cli.demo import demo
from xrefgraph.cli.options import Debug, UsageError, Verbose, asked, take
from xrefgraph.cli.questions import COMMANDS
from xrefgraph.cli.report import report
from xrefgraph.cli.resolve import resolve
from xrefgraph.cli.show import show
from xrefgraph.errors import XrefGraphError

TYPER_USAGE: Any = typer.BadParameter.__base__

app = typer.Typer(
    name="xrefgraph",
    help="Which events belong to whom: link the events of several sources into profiles.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:  # noqa: FBT001  (typer calls it with the value)
    if asked:
        sys.stdout.write(f"xrefgraph {xrefgraph.__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Which events belong to whom: link the events of several sources into profiles."""
    del version
    take(debug=debug, verbose=verbose)


for command in (resolve, show, compare, report, demo):
    app.command()(command)
for name, question in COMMANDS.items():
    app.command(name)(question)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without it, those of the process.
    """
    asked.clear()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a value that the terminal has no letters for
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        command = typer.main.get_command(app)
        given = None if arguments is None else list(arguments)
        code = command.main(args=given, prog_name="xrefgraph", standalone_mode=False)
        sys.stdout.flush()
        return _fail("interrupted.", 130) if code == 130 else code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted.", 130)
    except BrokenPipeError:
        # Whoever was reading has gone, as in `xrefgraph show ... | head`; nothing more can be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        return _fail(str(error), 2)
    except XrefGraphError as error:
        return _fail(str(error), 1)
    except MemoryError:
        return _fail("there is not enough memory. --memory-limit 500MB makes it spill to disk.", 1)
    except Exception as error:  # noqa: BLE001  (the last stop: its text may quote a value, so only its kind is said)
        if isinstance(error, TYPER_USAGE):
            return _usage(error)
        return _fail(f"this should not happen ({type(error).__name__}). --debug shows where.", 1)


def _usage(error: Any) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        sys.stderr.write(f"{context.get_help()}\n")
        return 2
    command = context.command_path if context is not None else "xrefgraph"
    return _fail(f"{error.format_message()} ({command} --help says what there is)", 2)


def _fail(message: str, code: int) -> int:
    if "debug" in asked and sys.exc_info()[0] is not None:
        traceback.print_exc()
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code

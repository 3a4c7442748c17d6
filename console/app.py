"""The command line: one typer app; every command lives in a module of its own and is added here."""

import typer

from console import breaker, drill
from console.explain import explain
from console.graph import graph
from console.pause import pause, resume
from console.recover import recover
from console.status import status
from console.switch import start, stop

app = typer.Typer(name="stackmend", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
app.add_typer(drill.app, name="drill")
app.add_typer(breaker.app, name="breaker")


@app.callback()
def stackmend() -> None:
    """Repair broken CloudFormation stacks, safely, and prove it."""


for command in (status, explain, recover, graph, pause, resume, stop, start):
    app.command()(command)

"""Preview an environment's settings with the real engine and policies; create nothing: `python -m sandbox.preview prod`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sandbox.engine.__main__ import shown
from sandbox.engine.build import EngineBuildFailedError, EngineMissingError, find_engine
from sandbox.engine.settings_file import SettingsFileError
from sandbox.project import EngineError, Project

NOWHERE = {
    "AWS_ENDPOINT_URL": "https://127.0.0.1:9",  # the discard port: no preview can reach AWS, not even by mistake
    "AWS_ACCESS_KEY_ID": "preview",
    "AWS_SECRET_ACCESS_KEY": "preview",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}


def preview(
    environment: Annotated[str, typer.Argument(help="prod, staging, prod-hub: a Pulumi.<name>.yaml")],
) -> None:
    """Say what a first deploy of ENVIRONMENT would create, held against the policies."""
    console = Console(stderr=True)
    try:
        with shown(console, "Pulumi engine") as report:
            engine = find_engine(report)
        with (
            tempfile.TemporaryDirectory(prefix="stackmend-preview-") as folder,
            shown(console, f"preview {environment}") as report,
        ):
            project = Project(engine, Path(folder), environment=NOWHERE)
            result = project.preview(
                environment, progress=lambda step: report(f"{step.operation} {step.resource_type} {step.name}")
            )
    except (EngineMissingError, EngineBuildFailedError, EngineError, SettingsFileError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    sys.stdout.write(result.text)


if __name__ == "__main__":
    typer.run(preview)

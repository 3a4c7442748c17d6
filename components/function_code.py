"""The functions' zip: the `handlers` folder and the one file from which a cell knows itself."""

from pathlib import Path

from pulumi import Asset, AssetArchive, FileAsset, StringAsset

from handlers.domain.cell import Cell

ROOT = Path(__file__).parent.parent
CELL_FILE = "cell.json"


def archive(cell: Cell, root: Path = ROOT) -> AssetArchive:
    """File by file, so that what an interpreter left in the folders is no part of what is deployed."""
    assets: dict[str, Asset] = {name: FileAsset(str(root / name)) for name in sources(root)}
    return AssetArchive({**assets, CELL_FILE: StringAsset(cell.model_dump_json(indent=2))})


def sources(root: Path = ROOT) -> list[str]:
    """Every file of `handlers`, relative to *root*, in a stable order."""
    files = (path for path in (root / "handlers").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(root).as_posix() for path in files)

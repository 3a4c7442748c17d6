"""`stackmend graph` draws, names and explains from a file, and never with a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.app import app

CELL = "111122223333/us-east-1"


def stack(name: str, region: str = "us-east-1", **facts: Any) -> dict[str, Any]:
    return {"stack": {"account": "111122223333", "region": region, "name": name}, **facts}


SMALL = [stack("net", exports=["Vpc"], state="failed"), stack("web", imports=["Vpc"]), stack("web", region="eu-west-1")]
RING = [stack("a", exports=["A"], imports=["B"]), stack("b", exports=["B"], imports=["A"])]


def run(folder: Path, content: object, *arguments: str) -> Result:
    path = folder / "facts.json"
    path.write_text(
        content if isinstance(content, str) else json.dumps({"schema_version": 1, "stacks": content}), encoding="utf-8"
    )
    return CliRunner().invoke(app, ["graph", "--facts", str(path), *arguments])


def test_up_and_downstream_are_explained(tmp_path: Path) -> None:
    """With the evidence of each step."""
    result = run(tmp_path, SMALL, "--stack", "net")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "3 stacks (1 failed, 2 unknown)", "1 dependencies",
        f"{CELL}/net stands on:", "  nothing",
        f"{CELL}/net holds up:", f"  {CELL}/web  ({CELL}/web needs {CELL}/net: imports Vpc)",
    ]  # fmt: skip


def test_a_cycle_is_named_with_its_edges_and_its_order(tmp_path: Path) -> None:
    """And with what is not waited for."""
    lines = run(tmp_path, RING).stdout.splitlines()

    assert lines[2:] == [
        f"cycle: 2 stacks need each other: {CELL}/a needs {CELL}/b: imports B; {CELL}/b needs {CELL}/a: imports A",
        f"  recovered in the order {CELL}/a, {CELL}/b",
        f"  not waited for: {CELL}/a needs {CELL}/b: imports B",
    ]


def test_json_has_a_schema_version_and_everything(tmp_path: Path) -> None:
    """For programs."""
    data = json.loads(run(tmp_path, [*SMALL, *RING, stack("x", imports=["Y"])], "--json", "--stack", "net").stdout)

    assert data["schema_version"] == 1
    assert data["edges"][-1] == {
        "consumer": f"{CELL}/web",
        "producer": f"{CELL}/net",
        "kind": "export",
        "evidence": "imports Vpc",
    }
    assert data["cycles"][0]["members"] == [f"{CELL}/a", f"{CELL}/b"]
    assert data["findings"][0]["trouble"] == "unknown_export"
    assert [one["stack"] for one in data["explained"]["downstream"]] == [f"{CELL}/web"]


def test_dot_has_every_stack_and_edge(tmp_path: Path) -> None:
    """From what is needed to what needs it."""
    lines = run(tmp_path, SMALL, "--dot").stdout.splitlines()

    assert f'  "{CELL}/net" -> "{CELL}/web" [tooltip="imports Vpc"];' in lines
    assert sum("label=" in line for line in lines) == 3


def test_the_page_is_whole_in_itself_and_shows_each_stack_in_its_state(tmp_path: Path) -> None:
    """Nothing is fetched; somebody else's text cannot become markup."""
    hostile = stack("evil", template="{{resolve:ssm:/${X}/<script>alert(1)</script>}}")
    result = run(tmp_path, [*SMALL, *RING, hostile], "--html", str(tmp_path / "graph.html"))
    page = (tmp_path / "graph.html").read_text(encoding="utf-8")

    assert result.exit_code == 0
    assert page.count('<g class="box ') == 6
    assert 'class="box failed" data-stack="111122223333/us-east-1/net"' in page
    assert page.count('class="aside"') == 1
    assert "http" not in page
    assert "<script>alert" not in page


def test_a_graph_of_nothing_is_drawn(tmp_path: Path) -> None:
    """An account without stacks is no error."""
    assert run(tmp_path, [], "--html", str(tmp_path / "graph.html")).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "holds no facts: the file: Invalid JSON"),
        ('{"schema_version": 2, "stacks": []}', "holds no facts: schema_version: Input should be 1"),
        ("{}", "holds no facts: stacks: Field required"),
        ('{"stacks": [{"stack": {"account": "1", "region": "", "name": "9"}}]}', "holds no facts: stacks.0.stack.account: "),
        ('{"stacks": [], "more": 1}', "holds no facts: more: Extra inputs are not permitted"),
    ],
)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, content: str, said: str) -> None:
    """That names the field."""
    result = run(tmp_path, content)

    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stack", "nobody"), "nobody is not among the 3 stacks of the facts"),
        (("--stack", "web"), f"web is 111122223333/eu-west-1/web and {CELL}/web: say which"),
        (
            ("--html", "/nowhere/graph.html"),
            "/nowhere/graph.html cannot be written (No such file or directory): give another path",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """With what to do instead."""
    result = run(tmp_path, SMALL, *arguments)

    assert (result.exit_code, result.stderr) == (2, f"{said}\n")


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    """Not a traceback."""
    result = CliRunner().invoke(app, ["graph", "--facts", str(tmp_path / "none")])

    assert (result.exit_code, result.stderr) == (
        2,
        f"{tmp_path / 'none'} cannot be read (No such file or directory): give a file of facts\n",
    )

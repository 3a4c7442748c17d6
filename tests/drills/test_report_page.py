"""The report as people see it: in a real browser, light and dark, on a screen and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from drills.catalogue import DRILLS
from drills.journal import Journal, Verdict
from drills.report import Report
from tests.drills.browser import CHROMIUM, Page, browsing
from tests.drills.told import approval, story

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: `make test` installs Debian's where it may")

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
QUESTIONS = ("What broke", "Why", "What was done", "Healthy, and how do we know?", "What should a person do next?")


def a_report() -> Report:
    """Two recoveries: one that a person approved, and one that needs a person."""
    drill = DRILLS["self-repair"]
    journal = Journal(drill=drill.name, began=1_790_000_000.0, verdict=Verdict.DEVIATED)
    journal.note("expectation", drill.expectations[0].probe.title)
    journal.note("expectation", drill.expectations[1].probe.title, "it is in DELETE_FAILED")
    told = (story(answers=(approval(),)), story("attempts_spent"))
    return Report(
        drill=drill, journal=journal, rows=(), deployment={}, simulated_by=(("events", "why"),), echoed=(), stories=told
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_report().write(tmp_path_factory.mktemp("reports"))[0]


@pytest.fixture(scope="module")
def page(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page, open in a browser."""
    with browsing(tmp_path_factory.mktemp("browser")) as opened:
        opened.open(file)
        yield opened


def test_the_page_runs_nothing_and_fetches_nothing(file: Path) -> None:
    """It can be mailed, and opened years later: no script, no address but the links for people and the namespace of SVG."""
    text = file.read_text()

    assert "<script" not in text
    assert set(re.findall(r"https?://[^\s\"'<#]+", text)) == {
        "http://www.w3.org/2000/svg",
        "https://runbooks.example.com/stackmend",
    }
    assert not re.findall(
        r"(?:src|@import|url\()", text.replace("img-src", "").replace("style-src", "").replace("default-src", "")
    )


def test_every_recovery_has_a_picture_and_five_answers(file: Path) -> None:
    """And the picture is told in words to whoever cannot see it."""
    text = file.read_text()

    assert text.count("<svg") == 2
    assert [text.count(f"<dt>{question}</dt>") for question in QUESTIONS] == [2] * 5
    assert "app-orders in seconds since the failure: found from 0.00 to 0.40; diagnosed and planned from 0.40 to 1.90" in text
    assert "approved by arn:aws:sts::" in text
    assert "<b>Service" not in text


@needs_browser
def test_the_browser_finds_nothing_to_complain_of(page: Page, file: Path) -> None:
    """No error in its console, and no request but for the file."""
    asked = {one["request"]["url"] for one in page.events("Network.requestWillBeSent")}

    assert page.events("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded") == []
    assert {one for one in asked if not one.startswith("data:")} == {file.as_uri()}


@needs_browser
@pytest.mark.parametrize(("scheme", "medium"), [("light", "screen"), ("dark", "screen"), ("light", "print"), ("dark", "print")])
def test_every_text_can_be_read(page: Page, scheme: str, medium: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for large text and for the bars of a picture."""
    page.look(scheme=scheme, medium=medium)
    found = page.says(CONTRAST)

    assert found["texts"] > 100
    assert found["bars"] == 11
    assert found["poor"] == []


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answers_stand_on_the_first_screen(page: Page, scheme: str) -> None:
    """Whoever opens it scrolls for the details, not for the answers; and never sideways."""
    page.look(scheme=scheme)
    lowest = page.says(
        "Math.max(...[...document.querySelectorAll('.story')].map(one => one.getBoundingClientRect().bottom + scrollY))"
    )

    assert lowest < 900
    assert page.says("document.documentElement.scrollWidth <= innerWidth")


@needs_browser
def test_a_narrow_screen_needs_no_scrolling_sideways(page: Page) -> None:
    """A telephone at 3 a.m."""
    page.look(scheme="dark", width=390)

    assert page.says("document.documentElement.scrollWidth <= innerWidth")


@needs_browser
def test_it_can_be_printed(page: Page) -> None:
    """Paper has no dark scheme: what is printed is light, whatever the reader likes on a screen."""
    page.look(scheme="dark", medium="print")

    assert page.says("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")

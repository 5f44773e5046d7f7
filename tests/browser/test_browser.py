"""The page in a real browser: for everybody, on paper, on a phone, and harmless."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from explain.label import Labels
from explain.language import load_language
from explain.page import Entry, decision_page, index_page
from explain.proof import Proof, prove
from explain.svg import svg
from hostile import hostile_case
from reasoner.case import load_case
from reasoner.engine import Examination, decision_day
from reasoner.model import Case
from shipped import the_reasoner

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NAMES = ("approve", "deny-several", "pend-undocumented", "partial", "refer")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE = 320  # pixels

Media = Literal["light", "dark", "print"]
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"


def proved(case: Case) -> tuple[Proof, Examination]:
    examination = the_reasoner().examine(case)
    return prove(the_reasoner(), examination, decision_day(case)), examination


def page_of(case: Case, language: str = "en") -> str:
    policy = the_reasoner().policy
    return decision_page(*proved(case), policy, load_language(language, policy))


def example(name: str) -> Case:
    return load_case(str(EXAMPLES / f"{name}.yaml"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page of each example, the index, a page in Spanish, and the hostile one."""
    folder = tmp_path_factory.mktemp("site")
    entries = []
    for name in NAMES:
        text = page_of(example(name))
        (folder / f"{name}.html").write_text(text, "utf-8")
        entries.append(Entry(proved(example(name))[1].decision, f"{name}.html"))
    (folder / "index.html").write_text(index_page(entries), "utf-8")
    (folder / "spanish.html").write_text(page_of(example("partial"), "es"), "utf-8")
    case = hostile_case(folder)
    (folder / "hostile.html").write_text(page_of(case), "utf-8")
    proof, _ = proved(case)
    (folder / "hostile.svg").write_text(svg(proof, Labels(proof)), "utf-8")
    return folder


class Watched:
    """A tab that writes down whatever happens in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.happened: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.happened.append(message.text))
        page.on("pageerror", lambda error: self.happened.append(str(error)))
        page.on("dialog", lambda dialog: self.happened.append(dialog.message))
        page.on("popup", lambda popup: self.happened.append(popup.url))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def tab(browser: Browser) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    yield Watched(page)
    page.close()


def show(page: Page, path: Path, media: Media = "light") -> None:
    page.emulate_media(
        media="print" if media == "print" else "screen",
        color_scheme="dark" if media == "dark" else "light",
    )
    page.goto(path.as_uri())


def found_by_axe(page: Page) -> list[Any]:
    options = {"runOnly": list(TAGS), "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response
    assert found["passes"], "axe looked at nothing"
    return [
        (violation["id"], node["html"][:200], node["failureSummary"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


# --- for everybody ----------------------------------------------------------------------------


@pytest.mark.parametrize("media", ["light", "dark", "print"])
@pytest.mark.parametrize("name", [*NAMES, "index", "spanish", "hostile"])
def test_axe_finds_nothing(site: Path, tab: Watched, name: str, media: Media) -> None:
    show(tab.page, site / f"{name}.html", media)
    if media != "print":
        tab.page.evaluate(OPEN_ALL)
    assert found_by_axe(tab.page) == []


def test_axe_would_find_something(site: Path, tab: Watched) -> None:
    show(tab.page, site / "deny-several.html")
    tab.page.evaluate("document.documentElement.removeAttribute('lang')")
    tab.page.evaluate("document.querySelector('h1').style.color = '#bbb'")
    assert {violation[0] for violation in found_by_axe(tab.page)} >= {"html-has-lang"}


@pytest.mark.parametrize("name", [*NAMES, "index", "spanish", "hostile"])
def test_a_phone_never_scrolls_sideways(site: Path, tab: Watched, name: str) -> None:
    tab.page.set_viewport_size({"width": PHONE, "height": 600})
    show(tab.page, site / f"{name}.html")
    tab.page.evaluate(OPEN_ALL)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_the_keyboard_reaches_the_reasons_and_shows_where_it_is(site: Path, tab: Watched) -> None:
    show(tab.page, site / "deny-several.html")
    tab.page.keyboard.press("Tab")
    focused = tab.page.locator(":focus")
    assert focused.get_attribute("href") == "#main"
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    box = focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0, "the link stays out of sight"
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Tab")
    assert tab.page.locator(":focus").evaluate("one => one.tagName") == "SUMMARY"


def test_a_link_opens_what_is_folded(site: Path, tab: Watched) -> None:
    show(tab.page, site / "deny-several.html")
    told = tab.page.get_by_text("dx1 says")
    assert not told.is_visible()
    tab.page.locator("[id='exclusion.I'] > summary").click()
    tab.page.locator("[id='exclusion.I']").get_by_role("link", name="phenotype").click()
    assert told.is_visible()


def test_it_needs_no_script(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    show(page, site / "deny-several.html")
    folded = page.get_by_text("hiv1 is negative.")
    assert not folded.is_visible()
    page.locator("[id='approval.III'] > summary").click()
    assert folded.is_visible()
    context.close()


def test_paper_shows_what_is_folded(site: Path, tab: Watched) -> None:
    show(tab.page, site / "deny-several.html")
    record = tab.page.get_by_text("hiv1 is negative.")
    assert not record.is_visible()
    show(tab.page, site / "deny-several.html", "print")
    box = record.bounding_box()
    assert box is not None
    assert box["height"] > 0


def test_the_map_is_on_the_page_at_full_size(site: Path, tab: Watched) -> None:
    show(tab.page, site / "deny-several.html")
    picture = tab.page.get_by_role("img", name="DENY RECOMMENDED")
    box = picture.bounding_box()
    assert box is not None
    overflow = """picture => [...picture.querySelectorAll('.box')].filter(box => {
        const frame = box.querySelector('rect').getBoundingClientRect();
        return [...box.querySelectorAll('text')].some(text => {
            const place = text.getBoundingClientRect();
            return place.right > frame.right || place.bottom > frame.bottom + 1;
        });
    }).map(box => box.textContent)"""
    assert picture.evaluate(overflow) == [], "text stands out of its box"


# --- harmless ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hostile.html", "hostile.svg"])
def test_a_case_full_of_markup_does_nothing(site: Path, tab: Watched, name: str) -> None:
    path = site / name
    show(tab.page, path)
    tab.page.wait_for_timeout(200)
    assert tab.page.title() != "RAN"
    assert tab.happened == []
    assert tab.requests == [path.as_uri()]
    assert tab.page.locator("script, img, iframe, object, a[href^=javascript]").count() == 0


def test_what_got_into_the_page_all_the_same_would_not_run(tab: Watched, tmp_path: Path) -> None:
    text = page_of(example("approve"))
    harm = (
        "<script>document.title = 'RAN'</script><img src=x onerror=\"document.title='RAN'\">"
        "<style>h1 { display: none }</style><p style='display: none' id=harm>shown</p>"
    )
    path = tmp_path / "page.html"
    path.write_text(text.replace("</header>", f"{harm}</header>"), "utf-8")
    show(tab.page, path)
    tab.page.wait_for_timeout(200)
    assert tab.page.title() != "RAN"
    assert tab.page.locator("h1").is_visible()
    assert tab.page.locator("#harm").is_visible()
    assert [message for message in tab.happened if "Content Security Policy" in message]

"""The page of an explanation in a real browser: nothing runs, everything fits, everything is readable."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.page.document import page
from tests.unit.cli.page.sample import MANY, built, explained, make_hostile
from tests.unit.small import write_lock

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = (320, 360, 1280)
# A page in a frame has the width of the frame, however small the smallest window of a browser is.
PROBE = """\
<!doctype html><meta charset="utf-8"><pre></pre><script>
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const colour = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
const ground = (style, element) => {
  for (let e = element; e; e = e.parentElement) {
    const found = colour(style(e).backgroundColor);
    if (found.a === 1) return found.rgb;
  }
  return null;
};
const seen = (frame, width) => {
  const d = frame.contentDocument, style = e => frame.contentWindow.getComputedStyle(e);
  const elements = [...d.body.querySelectorAll("*")].filter(e => e.checkVisibility());
  const texts = elements.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const name = e => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.slice(0, 40)}`;
  const contrast = e => {
    const [a, b] = [colour(style(e).color).rgb, ground(style, e)].map(luminance).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  return {
    width,
    scrolls: d.documentElement.scrollWidth - d.documentElement.clientWidth,
    sticksOut: elements.filter(e => e.getBoundingClientRect().right > width + 0.5).map(name),
    pale: texts.filter(e => contrast(e) < 4.5).map(e => `${contrast(e).toFixed(2)} ${name(e)}`),
    small: texts.filter(e => parseFloat(style(e).fontSize) < 12).map(name),
    texts: texts.length,
    ground: style(d.body).backgroundColor,
    dangerous: d.querySelectorAll("script, img, link, iframe, object, [onerror], [src], [href]").length,
    ran: frame.contentWindow.ran === true,
    bars: [...d.querySelectorAll(".bar")].map(bar => [...bar.children].map(
      s => s.getBoundingClientRect().width / bar.getBoundingClientRect().width)),
    closed: [...d.querySelectorAll("details:not([open]) .body")].filter(e => e.checkVisibility()).length,
  };
};
const text = SOURCE, widths = WIDTHS, found = [];
const next = () => {
  const width = widths.shift();
  if (!width) { document.querySelector("pre").textContent = JSON.stringify(found); return; }
  const frame = document.createElement("iframe");
  frame.style = `width: ${width}px; height: 900px; border: 0`;
  frame.srcdoc = text;
  frame.onload = () => {
    const closed = seen(frame, width);
    for (const each of frame.contentDocument.querySelectorAll("details")) each.open = true;
    found.push({ closed, open: seen(frame, width) });
    next();
  };
  document.body.append(frame);
};
next();
</script>
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: one of {', '.join(BROWSERS)} is needed")
    return found


def looked_at(browser: str, shown: str, place: Path, *, dark: bool) -> list[dict[str, Any]]:
    source = json.dumps(shown).replace("<", "\\u003c")
    probe = place / "probe.html"
    probe.write_text(PROBE.replace("SOURCE", source).replace("WIDTHS", json.dumps(WIDTHS)))
    printed = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            f"--user-data-dir={place / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--virtual-time-budget=10000",
            "--dump-dom",
            probe.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    found = re.search(r"<pre>(.*?)</pre>", printed, re.DOTALL)
    assert found, printed
    return json.loads(html.unescape(found[1]))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the page of an application with a large environment, warnings, changes, and hostile text."""
    root = tmp_path_factory.mktemp("page")
    write_lock(root / "app", "acme", "after", converges=True)
    make_hostile(root / "app")
    built(root, MANY)
    write_lock(root / "app", "acme", "after", "no-web", converges=True)
    return page(explained(root, MANY), root / ("an-application-with-a-long-name" * 4))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_fits_and_is_readable_and_nothing_runs(
    browser: str, shown: str, tmp_path: Path, dark: bool
) -> None:
    # If text of the application were markup, this would run, or try to.
    hostile = shown.replace("alert(", "top.ran=ran=true,alert(")

    found = looked_at(browser, hostile, tmp_path, dark=dark)

    assert [each["open"]["width"] for each in found] == list(WIDTHS)
    for each in (one[state] for one in found for state in ("closed", "open")):
        assert each["texts"] > 100
        assert each["scrolls"] == 0
        assert each["sticksOut"] == []
        assert each["pale"] == []
        assert each["small"] == []
        assert each["dangerous"] == 0
        assert not each["ran"]
        assert each["closed"] == 0
        assert each["ground"] == ("rgb(21, 24, 28)" if dark else "rgb(251, 251, 250)")
        # The widths that are drawn are those that the page says.
        assert sum(each["bars"][0]) == pytest.approx(1, abs=0.01)
    assert found[0]["open"]["texts"] > found[0]["closed"]["texts"] + 100


def test_the_test_sees_what_sticks_out_is_pale_or_dangerous(browser: str, shown: str, tmp_path: Path) -> None:
    bad = (
        '<p style="width: 2000px">wide</p><p style="color: #bbb; font-size: 9px">pale</p>'
        '<img src="x"><script>top.ran = ran = true</script>'
    )
    [found, *_] = looked_at(browser, shown.replace("</main>", f"{bad}</main>"), tmp_path, dark=False)
    seen = found["closed"]
    assert seen["scrolls"] > 0
    assert "p.: wide" in seen["sticksOut"]
    assert any("pale" in one for one in seen["pale"])
    assert seen["small"] == ["p.: pale"]
    assert seen["dangerous"] == 2
    # The policy of the page forbids it.
    assert not seen["ran"]

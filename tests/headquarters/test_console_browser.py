"""The console in a real browser: signed in, a hold looked at from both sides, decided; nothing cut off, nothing without a name for a reader.

Needs Chromium (``make test-browser`` installs it); without one it is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from headquarters.console.pages import create_console
from headquarters.holds import open_holds
from headquarters.serving import ServiceThread
from tests.headquarters.console_office import EXAMINER, PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: make test-browser installs it")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PLACES = ("/overview", "/cases", "/holds", "/reviews", "/stations", "/devices", "/packs")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the browser's driver leaves its pipe to the interpreter's end
def test_a_hold_is_decided_in_a_browser(staffed, two_stations, tmp_path):
    api = pytest.importorskip("playwright.sync_api")
    pictures = Path(os.environ.get("OUTPOST_CONSOLE_PICTURES", tmp_path))
    (hold,) = open_holds(staffed)
    with (
        ServiceThread(staffed, app=create_console(staffed), leaf="console") as service,
        api.sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        # The certificate is of headquarters' own root, which a browser of the test does not know.
        page = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800}).new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))

        def failed(request):
            # A page that is left while it still loads aborts what it had asked for: that is how browsers go on.
            if request.failure != "net::ERR_ABORTED":
                failures.append(f"{request.url}: {request.failure}")

        page.on("requestfailed", failed)
        page.goto(service.address)
        assert page.url.endswith("/sign-in")
        page.screenshot(path=pictures / "console-sign-in.png")
        page.get_by_label("工号").fill(EXAMINER)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        assert page.url.endswith("/overview")
        for language in ("en", "zh"):
            for place in PLACES:
                page.goto(f"{service.address}{place}?lang={language}")
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), place
                page.screenshot(path=pictures / f"console-{place[1:]}-{language}.png", full_page=True)
        page.goto(f"{service.address}/cases")
        page.get_by_role("link", name=hold.case_no).click()
        assert page.get_by_text("1,332.04").count()
        page.screenshot(path=pictures / "console-case-zh.png", full_page=True)
        page.get_by_role("link", name="待人工").click()
        page.get_by_role("link", name="看两边材料").click()
        assert page.get_by_role("heading", name="相撞的").count() == 1
        page.screenshot(path=pictures / "console-hold-zh.png", full_page=True)
        page.get_by_label("重复，不结算").check()
        page.get_by_label("理由（服务站会看到）").fill("两站同一张发票，已付一次")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="提交决定").click()
        assert "已办理" in page.get_by_role("status").inner_text()
        page.screenshot(path=pictures / "console-decided-zh.png")
        page.get_by_role("button", name="退出").click()
        page.goto(f"{service.address}/holds")
        assert page.url.endswith("/sign-in")
        browser.close()
    assert failures == []
    assert open_holds(staffed) == ()

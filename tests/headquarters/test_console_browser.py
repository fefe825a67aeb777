"""The console in a real browser: signed in, a hold looked at from both sides, decided; nothing cut off, nothing without a name for a reader.

Needs Chromium (``make test-browser`` installs it); without one it is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from claims.errors import Bilingual
from headquarters.console.pages import create_console
from headquarters.devices import revoke
from headquarters.holds import open_holds
from headquarters.reviews import correct_case, withdraw_case
from headquarters.serving import ServiceThread
from tests.headquarters.console_office import EXAMINER, PASSWORD, SUPERVISOR
from tests.headquarters.test_reviews import correction

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
WIDTHS = (1280, 1024)
"""A desk's screen, and the narrow one of an old machine."""
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


CUT_OR_BOXED = """() => {
  const found = [];
  const canvas = document.createElement('canvas').getContext('2d');
  for (const each of document.querySelectorAll('main *, header *')) {
    const box = each.getBoundingClientRect();
    if (!box.width || getComputedStyle(each).visibility === 'hidden') continue;
    if (box.right > window.innerWidth + 1) found.push('outside: ' + each.tagName + ' ' + each.textContent.trim().slice(0, 40));
    if (['TD', 'TH', 'DD', 'SPAN', 'STRONG', 'BUTTON', 'A'].includes(each.tagName) && each.scrollWidth > each.clientWidth + 1
        && each.clientWidth > 0 && getComputedStyle(each).display !== 'inline')
      found.push('cut: ' + each.tagName + ' ' + each.textContent.trim().slice(0, 40));
  }
  for (const table of document.querySelectorAll('table'))
    for (const column of table.querySelectorAll('th.n')) {
      const at = [...column.parentNode.children].indexOf(column);
      const rights = new Set([...table.querySelectorAll('tbody tr')].map(row => {
        const cell = row.children[at]; const range = document.createRange(); range.selectNodeContents(cell);
        return Math.round(range.getBoundingClientRect().right);
      }));
      if (rights.size > 1) found.push('not in one line: ' + column.textContent);
    }
  for (const panel of document.querySelectorAll('.panel')) if (!panel.innerText.trim()) found.push('an empty panel');
  return found;
}"""


def everything(stocked, laptops) -> None:
    """A desk in the middle of it: a review, linked cases, a closed one, a stopped laptop, long words."""
    first, second, third = laptops
    case = first.open_case(
        loss_place="清溪县三台镇二台村六组的临时安置点，河边老粮站后面第三排帐篷", description="洪水冲毁房屋，" * 20
    )
    first.commit(case)
    first.send_log()
    first.down()
    correct_case(stocked, case.case_no, "loss_place", "清溪县二台镇", by="韦青", reason="客户来电更正")
    first.commit(correction(case.case_no, "清溪县四台镇", base=case.loss_place))
    first.send_log()
    first.down()
    same = [each.open_case() for each in (second, third)]
    for laptop, opened in zip((second, third), same, strict=True):
        laptop.commit(opened)
        laptop.send_log()
        laptop.down()
    withdraw_case(stocked, same[1].case_no, by="蒙和", reason="与 D4 的案件重复，客户当面确认撤回")
    revoke(stocked, "D5", Bilingual("电脑在转移途中遗失", "lost on the way"), write_off=True)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
def test_every_page_is_whole_at_each_width_in_both_languages(staffed, two_stations, make_laptop, tmp_path):
    api = pytest.importorskip("playwright.sync_api")
    pictures = Path(os.environ.get("OUTPOST_CONSOLE_WALK", tmp_path))
    places = (("D6", "QX07"), ("D7", "QX08"), ("D5", "QX09"))
    laptops = [make_laptop(device, float_fen=5_000_000, station=station) for device, station in places]
    everything(staffed, laptops)
    (hold,) = open_holds(staffed)
    wrong: list[str] = []
    with (
        ServiceThread(staffed, app=create_console(staffed), leaf="console") as service,
        api.sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        context = browser.new_context(ignore_https_errors=True, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{service.address}/sign-in")
        page.get_by_label("工号").fill(SUPERVISOR)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/overview")
        page.goto(f"{service.address}/cases")
        cases = [each.get_attribute("href") for each in page.locator("td a[href^='/cases/']").all()]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            for language in ("zh", "en"):
                for place in (*PLACES, *cases, f"/holds/{hold.hold_id}", "/nothing", "/cases?text=nobody"):
                    joint = "&" if "?" in place else "?"
                    page.goto(f"{service.address}{place}{joint}lang={language}")
                    page.evaluate(
                        "document.querySelectorAll('details').forEach(each => each.open = location.pathname.startsWith('/holds'))"
                    )
                    wrong += [f"{place} {width} {language}: {each}" for each in page.evaluate(CUT_OR_BOXED)]
                    name = place[1:].replace("/", "-").replace("?", "-")
                    page.screenshot(path=pictures / f"{name}-{width}-{language}.png", full_page=True)
        page.goto(f"{service.address}/devices?lang=zh")
        page.get_by_text("停用…").first.click()
        wrong += page.evaluate(CUT_OR_BOXED)
        page.screenshot(path=pictures / "devices-stop.png", full_page=True)
        browser.close()
    assert wrong == [], "\n".join(wrong)

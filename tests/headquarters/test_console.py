"""The console answers only those who signed in, shows what stations recorded, and decides under the name of who is there."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from claims.errors import InputError
from headquarters.__main__ import main
from headquarters.console import staff
from headquarters.console.pages import create_console
from headquarters.console.staff import StaffRole, add_staff, check_password, sign_in, signed_in, stop_staff
from headquarters.holds import open_holds
from headquarters.models_staff import Staff, StaffDeed, StaffSession
from tests.headquarters.console_office import EXAMINER, PASSWORD, SUPERVISOR, VIEWER
from tests.headquarters.laptop import MEDICAL
from tests.headquarters.web import TestClient

PLACES = ("/overview", "/cases", "/holds", "/reviews", "/stations", "/devices", "/packs")


class Browser:
    """A client that keeps cookies, as somebody uses the console."""

    def __init__(self, hq) -> None:
        self.client = TestClient(create_console(hq), base_url="https://console.test", follow_redirects=True)

    def sign_in(self, staff_no: str, password: str = PASSWORD):
        return self.client.post("/sign-in", data={"staff_no": staff_no, "password": password})

    def form_key(self, path: str) -> str:
        found = re.search(r'name="form_key" value="([^"]+)"', self.client.get(path).text)
        assert found is not None
        return found[1]


def test_nobody_sees_anything_before_signing_in(staffed, two_stations):
    browser = Browser(staffed)
    for path in (*PLACES, "/cases/QX07-D3-C000001-00", "/holds/D4.1.9"):
        page = browser.client.get(path)
        assert 'name="password"' in page.text
        assert "覃建国" not in page.text
    assert browser.client.post("/holds/D4.1.9", data={"choice": "settle"}).url.path == "/sign-in"


def test_every_place_in_both_languages(staffed, two_stations):
    browser = Browser(staffed)
    assert browser.sign_in(VIEWER).url.path == "/overview"
    for language, word in (("zh", "总览"), ("en", "Overview")):
        for path in PLACES:
            page = browser.client.get(path, params={"lang": language})
            assert page.status_code == 200, path
            assert word in page.text
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
            assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text


def test_a_case_is_shown_with_its_explanation_and_the_look_is_on_record(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    cases = browser.client.get("/cases").text
    assert cases.count("覃建国") == 2
    (path, *_others) = re.findall(r'href="(/cases/[^"]+)"', cases)
    page = browser.client.get(path).text
    assert "1,332.04" in page
    assert "重算一致" in page
    with staffed.database.read() as session:
        deeds = [(each.staff_no, each.deed) for each in session.scalars(select(StaffDeed).order_by(StaffDeed.position))]
    assert deeds == [(VIEWER, "signed_in"), (VIEWER, "case_opened")]
    assert browser.client.get("/cases/QX99").status_code == 409


def test_what_a_station_typed_is_text_and_never_markup(staffed, make_laptop, pack, clinic_policy):
    laptop = make_laptop("D5", float_fen=1_000_000)
    laptop.promise(pack, clinic_policy, {**MEDICAL, "bill_number": "<script>alert(1)</script>"})
    laptop.send_log()
    laptop.down()
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    for path in re.findall(r'href="(/cases/[^"]+)"', browser.client.get("/cases").text):
        assert "<script" not in browser.client.get(path).text


def test_a_viewer_decides_nothing(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    (hold,) = open_holds(staffed)
    page = browser.client.get(f"/holds/{hold.hold_id}")
    assert 'name="choice"' not in page.text
    key = browser.form_key("/overview")
    refused = browser.client.post(f"/holds/{hold.hold_id}", data={"form_key": key, "choice": "void", "reason": "x"})
    assert refused.status_code == 403
    assert open_holds(staffed)


def test_a_decision_without_the_key_of_its_form_is_refused(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    (hold,) = open_holds(staffed)
    for form_key in ("", "x"):
        data = {"form_key": form_key, "choice": "refuse_duplicate", "reason": "两张一样"}
        assert browser.client.post(f"/holds/{hold.hold_id}", data=data).status_code == 403
    assert open_holds(staffed)


def test_an_examiner_refuses_a_duplicate_under_their_name(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    (hold,) = open_holds(staffed)
    path = f"/holds/{hold.hold_id}"
    key = browser.form_key(path)
    empty = browser.client.post(path, data={"form_key": key, "reason": "两张一样"})
    assert empty.status_code == 409
    assert "没有选择" in empty.text
    done = browser.client.post(path, data={"form_key": key, "choice": "refuse_duplicate", "reason": "两张一样"})
    assert done.status_code == 200
    assert "已办理" in done.text
    assert open_holds(staffed) == ()


def test_beyond_the_limit_needs_a_supervisor_who_is_somebody_else(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    (hold,) = open_holds(staffed)
    path = f"/holds/{hold.hold_id}"
    asked = {"form_key": browser.form_key(path), "choice": "settle", "reason": "两次住院", "beyond_limit": "yes"}
    assert browser.client.post(path, data=asked).status_code == 409
    own = {"second_no": EXAMINER, "second_password": PASSWORD}
    assert "另一位主管" in browser.client.post(path, data={**asked, **own}).text
    wrong = {"second_no": SUPERVISOR, "second_password": "猜一个密码试试看"}
    assert "密码不对" in browser.client.post(path, data={**asked, **wrong}).text
    right = {"second_no": SUPERVISOR, "second_password": PASSWORD}
    page = browser.client.post(path, data={**asked, **right})
    assert page.status_code == 200, page.text
    assert PASSWORD not in page.text
    assert open_holds(staffed) == ()


def test_only_a_supervisor_stops_a_device(staffed, two_stations):
    for staff_no, stopped in ((EXAMINER, False), (SUPERVISOR, True)):
        browser = Browser(staffed)
        browser.sign_in(staff_no)
        data = {"form_key": browser.form_key("/devices"), "reason": "电脑遗失"}
        page = browser.client.post("/devices/D4/stop", data=data)
        assert ("已注销" in page.text) == stopped


def test_wrong_passwords_lock_the_account_and_tell_nothing(staffed, clock):
    browser = Browser(staffed)
    unknown = browser.sign_in("9999", "不知道的密码啊啊").text
    wrong = browser.sign_in(VIEWER, "不知道的密码啊啊").text
    assert unknown == wrong
    for _ in range(4):
        browser.sign_in(VIEWER, "不知道的密码啊啊")
    assert "账户锁到" in browser.sign_in(VIEWER).text
    clock.forward(minutes=16)
    assert browser.sign_in(VIEWER).url.path == "/overview"


def test_a_session_ends_with_the_day_by_signing_out_and_with_the_account(staffed, clock):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    browser.client.post("/sign-out", data={"form_key": browser.form_key("/overview")})
    assert browser.client.get("/overview").url.path == "/sign-in"
    token = sign_in(staffed, EXAMINER, PASSWORD)
    assert signed_in(staffed, token) is not None
    clock.forward(hours=11)
    assert signed_in(staffed, token) is None
    token = sign_in(staffed, EXAMINER, PASSWORD)
    stop_staff(staffed, EXAMINER)
    assert signed_in(staffed, token) is None
    with pytest.raises(InputError, match="sign_in_refused"):
        check_password(staffed, EXAMINER, PASSWORD)
    with staffed.database.read() as session:
        assert token not in repr([each.token_sha256 for each in session.scalars(select(StaffSession))])
        assert all(PASSWORD not in each.password_hash for each in session.scalars(select(Staff)))


def test_accounts_by_command(staffed, monkeypatch, capsys):
    home = str(staffed.home)
    for line, code in (("短\n", 1), (f"{PASSWORD}\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(line))
        assert main(["staff-add", home, "0404", "--name", "岑木", "--role", "viewer"]) == code
    assert main(["staff", home]) == 0
    assert "岑木" in capsys.readouterr().out
    assert main(["staff-stop", home, "0404"]) == 0
    with pytest.raises(InputError, match="staff_known"):
        add_staff(staffed, "0404", "岑木", StaffRole.VIEWER, PASSWORD)


def test_guesses_that_arrive_at_the_same_time_do_not_unlock_an_account(staffed, monkeypatch):
    genuine = staff._is_right

    def while_others_guess(hashed: str, password: str) -> bool:
        monkeypatch.setattr(staff, "_is_right", genuine)
        for _ in range(staff.MOST_FAILURES):
            with pytest.raises(InputError, match="sign_in_refused"):
                check_password(staffed, VIEWER, "wrong as can be")
        return False

    monkeypatch.setattr(staff, "_is_right", while_others_guess)
    with pytest.raises(InputError, match="sign_in_refused"):
        check_password(staffed, VIEWER, "wrong as can be")
    with pytest.raises(InputError, match="sign_in_locked"):
        check_password(staffed, VIEWER, PASSWORD)


def test_a_form_with_a_key_in_chinese_is_refused_like_any_other(staffed):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    assert browser.client.post("/sign-out", data={"form_key": "钥匙"}).status_code == 403

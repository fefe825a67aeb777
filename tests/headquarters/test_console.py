"""The console answers only those who signed in, shows what stations recorded, and decides under the name of who is there."""

from __future__ import annotations

import io
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from claims.errors import InputError
from headquarters.__main__ import main
from headquarters.console import staff
from headquarters.console.pages import create_console
from headquarters.console.reading import station_lines
from headquarters.console.staff import StaffRole, add_staff, check_password, sign_in, signed_in, stop_staff
from headquarters.devices import revoke
from headquarters.exposure import total_exposure
from headquarters.holds import open_holds
from headquarters.models_staff import SignInGuess, Staff, StaffDeed, StaffSession
from headquarters.reviews import correct_case, withdraw_case
from tests.headquarters.console_office import EXAMINER, PASSWORD, QUICK, SUPERVISOR, VIEWER
from tests.headquarters.laptop import MEDICAL
from tests.headquarters.test_reviews import correction
from tests.headquarters.web import TestClient

PLACES = ("/overview", "/cases", "/holds", "/reviews", "/stations", "/devices", "/packs")


@pytest.fixture(autouse=True)
def quick_strangers(monkeypatch):
    """What unknown numbers are compared with costs as little here as everybody's password."""
    monkeypatch.setattr(staff, "_NOBODY", QUICK.hash("nobody's"))


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
    assert browser.client.get("/cases/QX99").status_code == 404


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


def test_wrong_passwords_lock_a_number_and_tell_nothing(staffed, clock):
    browser = Browser(staffed)
    told = {number: [browser.sign_in(number, "不知道的密码啊啊").text for _ in range(6)] for number in ("9999", VIEWER)}
    assert told["9999"] == told[VIEWER]
    assert "密码不对" in told[VIEWER][4]
    assert "已锁到" not in told[VIEWER][4]
    assert "锁到" in browser.sign_in(VIEWER).text
    clock.forward(minutes=16)
    assert browser.sign_in(VIEWER).url.path == "/overview"
    with staffed.database.read() as session:
        assert list(session.scalars(select(SignInGuess))) == [], "what is over is forgotten, and so is what was right"


@pytest.mark.parametrize("number", [VIEWER, "9999"])
def test_an_unknown_number_costs_the_same_work_as_a_known_one(staffed, monkeypatch, number):
    """Time is made of these: one comparison, one counted row, until both are locked alike."""
    compared = []
    genuine = staff._is_right

    def counted(hashed: str, password: str) -> bool:
        compared.append(hashed.split("$")[1])
        return genuine(hashed, password)

    monkeypatch.setattr(staff, "_is_right", counted)
    for _ in range(8):
        with pytest.raises(InputError):
            check_password(staffed, number, "不知道的密码啊啊")
    assert compared == ["argon2id"] * staff.MOST_FAILURES
    with staffed.database.read() as session:
        (guess,) = session.scalars(select(SignInGuess))
        assert (guess.failures, guess.locked_until is not None) == (staff.MOST_FAILURES, True)


def test_of_guesses_that_come_all_at_once_five_are_compared(staffed, monkeypatch):
    compared = []
    genuine = staff._is_right

    def counted(hashed: str, password: str) -> bool:
        compared.append(password)
        return genuine(hashed, password)

    monkeypatch.setattr(staff, "_is_right", counted)
    together = threading.Barrier(16)

    def guess(number: int) -> str:
        together.wait()
        with pytest.raises(InputError) as caught:
            check_password(staffed, VIEWER, f"猜第{number}个密码试试看")
        return caught.value.code

    with ThreadPoolExecutor(16) as guessers:
        told = Counter(guessers.map(guess, range(16)))
    assert told == {"sign_in_refused": staff.MOST_FAILURES, "sign_in_locked": 16 - staff.MOST_FAILURES}
    assert len(compared) == staff.MOST_FAILURES


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
        for _ in range(staff.MOST_FAILURES - 1):  # the one under way was counted before it was compared
            with pytest.raises(InputError, match="sign_in_refused"):
                check_password(staffed, VIEWER, "wrong as can be")
        return False

    monkeypatch.setattr(staff, "_is_right", while_others_guess)
    with pytest.raises(InputError, match="sign_in_refused"):
        check_password(staffed, VIEWER, "wrong as can be")
    with pytest.raises(InputError, match="sign_in_locked"):
        check_password(staffed, VIEWER, PASSWORD)


def test_the_right_password_does_not_lift_a_lock_that_others_brought_about_meanwhile(staffed, monkeypatch):
    genuine = staff._is_right

    def while_others_guess(hashed: str, password: str) -> bool:
        monkeypatch.setattr(staff, "_is_right", genuine)
        for _ in range(staff.MOST_FAILURES - 1):
            with pytest.raises(InputError, match="sign_in_refused"):
                check_password(staffed, VIEWER, "wrong as can be")
        return genuine(hashed, password)

    monkeypatch.setattr(staff, "_is_right", while_others_guess)
    assert check_password(staffed, VIEWER, PASSWORD).staff_no == VIEWER
    with pytest.raises(InputError, match="sign_in_locked"):
        check_password(staffed, VIEWER, PASSWORD)


LONG = "此案两站各收一次，" * 12_000


@pytest.mark.parametrize(
    ("extra", "status", "zh", "en"),
    [
        ({"reason": LONG}, 413, "内容太长", "is too long"),
        ({"reason": "两张一样"} | {f"more{number}": "x" for number in range(60)}, 400, "栏目太多", "too many fields"),
        ({"reason": "两张一样"} | {f"more{number}": "x" for number in range(3000)}, 400, "栏目太多", "too many fields"),
    ],
)
def test_a_form_above_the_limits_does_nothing_and_loses_nothing(staffed, two_stations, extra, status, zh, en):  # noqa: PLR0917 - parameters
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    (hold,) = open_holds(staffed)
    path = f"/holds/{hold.hold_id}"
    form = {"form_key": browser.form_key(path), "second_password": PASSWORD, "choice": "void"} | extra
    for language, words in (("zh", zh), ("en", en)):
        page = browser.client.post(path, data=form, params={"lang": language})
        assert (page.status_code, words in page.text) == (status, True)
        assert extra["reason"] in page.text, "what was typed is there to copy"
        assert PASSWORD not in page.text
        assert form["form_key"] not in page.text.replace(f'value="{form["form_key"]}"', "")
        assert f'href="{path}"' in page.text
    assert open_holds(staffed)


def test_a_sign_in_above_the_limits_is_refused_as_a_page(staffed):
    browser = Browser(staffed)
    page = browser.sign_in(VIEWER, "x" * 70_000)
    assert (page.status_code, "内容太长" in page.text) == (413, True)
    page = browser.client.post("/sign-in", data={f"field{number}": "x" for number in range(50)})
    assert (page.status_code, "栏目太多" in page.text) == (400, True)


def test_a_form_without_end_is_read_within_bounds(staffed):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    form = {"form_key": browser.form_key("/overview"), "reason": "x" * 3_000_000}
    page = browser.client.post("/reviews/x", data=form)
    assert page.status_code == 413
    assert len(page.text) < 1_200_000


def test_words_typed_for_something_that_was_refused_come_back(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(SUPERVISOR)
    key = browser.form_key("/overview")
    page = browser.client.post("/reviews/none", data={"form_key": key, "value": "3 号棚", "reason": "与本人核对过"})
    assert page.status_code == 409
    assert "与本人核对过" in page.text
    old = browser.client.post("/reviews/none", data={"form_key": "from an older page", "reason": "与本人核对过"})
    assert (old.status_code, "与本人核对过" in old.text) == (403, True)


def test_an_address_that_leads_nowhere_is_a_page_too(staffed):
    browser = Browser(staffed)
    assert browser.client.get("/nothing").url.path == "/sign-in"
    browser.sign_in(VIEWER)
    for path in ("/nothing", "/devices/D4/stop", "/holds/none"):
        page = browser.client.get(path)
        assert page.status_code in (404, 405)
        assert 'href="/overview"' in page.text


def test_another_language_keeps_what_was_searched_for(staffed):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    page = browser.client.get("/cases", params={"text": "QX07&D3", "page": "2"})
    assert "/cases?text=QX07%26D3&amp;page=2&amp;lang=en" in page.text


def test_a_disk_that_is_full_is_said_as_a_page_and_loses_nothing(staffed, two_stations, monkeypatch):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    (hold,) = open_holds(staffed)
    path = f"/holds/{hold.hold_id}"
    form = {"form_key": browser.form_key(path), "choice": "void", "reason": "两张一样"}

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("headquarters.console.pages.decide_hold", full)
    page = browser.client.post(path, data=form)
    assert (page.status_code, "两张一样" in page.text) == (503, True)


def test_a_case_that_was_closed_or_changed_says_so_and_names_its_whole_group(staffed, make_laptop):
    laptops = [make_laptop(f"D{number}") for number in range(5, 11)]
    cases = []
    for laptop in laptops:
        cases.append(laptop.open_case())
        laptop.commit(cases[-1])
        laptop.send_log()
        laptop.down()
    correct_case(staffed, cases[0].case_no, "loss_place", "二台镇", by="韦青", reason="客户来电更正")
    laptops[0].commit(correction(cases[0].case_no, "四台镇"))
    laptops[0].send_log()
    laptops[0].down()
    withdraw_case(staffed, cases[1].case_no, by="蒙和", reason="重复报案")
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    changed = browser.client.get(f"/cases/{cases[0].case_no}").text
    assert "已更正" in changed
    assert "待核对" in changed
    assert all(each.case_no in changed for each in cases), "also those without a link of their own"
    assert "不再有要办的事" in browser.client.get(f"/cases/{cases[1].case_no}").text
    assert browser.client.get("/cases").text.count("总部已结案") == 1
    assert re.search(r'href="/reviews"><span>待核对的字段</span><strong>1<', browser.client.get("/overview").text)
    reviews_page = browser.client.get("/reviews").text
    assert all(reviews_page.count(f">{each.case_no}<") == 1 + (each is cases[0]) for each in cases)


def test_the_stations_add_up_to_the_exposure_whatever_became_of_their_laptops(staffed, make_laptop):
    for device, station in (("D5", "QX07"), ("D6", "QX08"), ("D7", "QX09")):
        make_laptop(device, float_fen=1_000_000, station=station)
    revoke(staffed, "D7", write_off=True)
    lines = station_lines(staffed)
    assert [(each.exposure.key, each.devices) for each in lines] == [("QX07", 1), ("QX08", 1), ("QX09", 0)]
    assert sum(each.exposure.exposure.total_fen for each in lines) == total_exposure(staffed).total_fen > 0


def test_a_hold_is_told_in_the_words_of_the_rules(staffed, two_stations):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    (hold,) = open_holds(staffed)
    zh = browser.client.get(f"/holds/{hold.hold_id}", params={"lang": "zh"}).text
    en = browser.client.get(f"/holds/{hold.hold_id}", params={"lang": "en"}).text
    for page, words in ((zh, ("医疗费总额", "意外医疗", "是")), (en, ("bill total", "accident medical", "yes"))):
        assert all(f">{word}<" in page for word in words)
        assert "3,286.47" in page
        assert ">self_expense<" not in page


def test_releases_say_until_when_they_are_good(staffed, clock):
    browser = Browser(staffed)
    browser.sign_in(VIEWER)
    assert "该更新了" not in browser.client.get("/packs").text
    clock.forward(days=50)
    browser.sign_in(VIEWER)
    assert "该更新了" in browser.client.get("/packs").text
    clock.forward(days=50)
    browser.sign_in(VIEWER)
    assert "已失效" in browser.client.get("/packs").text


def test_a_form_with_a_key_in_chinese_is_refused_like_any_other(staffed):
    browser = Browser(staffed)
    browser.sign_in(EXAMINER)
    assert browser.client.post("/sign-out", data={"form_key": "钥匙"}).status_code == 403

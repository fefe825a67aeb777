"""The console as pages: sign in, look, decide. No scripts; every form carries its session's key.

Promise: whoever is not signed in sees the sign-in page only; what a role may not do is not offered and is refused if asked all the same; each
opened case and each decision is on record with the name. Pages can't be framed, cached or reached by another site's form. A form that is refused,
for whatever reason, comes back with what was typed.

Source: docs/adr/0162, docs/adr/0166.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from importlib.resources import as_file, files
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from claims.amounts import parse_amount
from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from headquarters.console import reading, reviewing, staff
from headquarters.console.case_news import case_news
from headquarters.console.forms import FORM_KEY, Form, FormRefusedError, read_form, typed
from headquarters.console.hold_words import rests_on
from headquarters.console.staff import Member, StaffRole
from headquarters.console.words import beijing, money, name_of
from headquarters.devices import revoke
from headquarters.exposure import ExposureGroup, exposure_by, total_exposure
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import Hold, HoldChoice, find_hold, open_holds
from headquarters.installation import Headquarters
from headquarters.quiet_clients import note_broken_off

SESSION_COOKIE, LANGUAGE_COOKIE = "outpost_session", "outpost_language"
_FONTS = {"regular": "NotoSansSC_400Regular.ttf", "bold": "NotoSansSC_700Bold.ttf"}
"""For a computer without Chinese fonts: those that the papers are printed with."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Page = Callable[["Visit"], Response]


class Visit:
    """One request of somebody who is signed in: who, in which language, with which form."""

    def __init__(
        self, hq: Headquarters, pages: Environment, request: Request, member: Member, form: dict[str, str]
    ) -> None:
        self.hq, self.pages, self.request, self.member, self.form = hq, pages, request, member, form
        self.language = _language(request)

    @property
    def back(self) -> str:
        """Where the page is that this request came from: a form's path may have no page of its own."""
        path = self.request.url.path
        if self.request.method == "GET":
            return path
        first = "/" + path.split("/")[1]
        return path if first == "/holds" else {"/sign-out": "/overview"}.get(first, first)

    def in_language(self, language: str) -> str:
        """Return the address of the same page in a language, with what was searched for."""
        asked = {name: value for name, value in self.request.query_params.items() if name != "lang"}
        return f"{quote(self.back)}?{urlencode({**asked, 'lang': language})}"

    def refused(self, problem: OutpostError, status: int) -> Response:
        """Return a page that says why something was not done, with what was typed for it."""
        return self.show("problem.html", status, problem=problem, typed=typed(self.form))

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page."""
        return _page(self.pages, template, self.language, status, member=self.member, visit=self, **values)

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])


def create_console(hq: Headquarters) -> FastAPI:
    """Return the console over an open headquarters; who calls closes it."""
    pages = Environment(
        loader=PackageLoader("headquarters.console"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(name_of=name_of, money=money, beijing=beijing, quote=quote, Bilingual=Bilingual)
    app = FastAPI(title="Outpost headquarters console", docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter()
    bound = _Bound(hq, pages)
    router.add_api_route("/", bound.home, methods=["GET"], response_class=Response)
    router.add_api_route("/sign-in", bound.sign_in_page, methods=["GET"], response_class=Response)
    router.add_api_route("/sign-in", bound.sign_in, methods=["POST"], response_class=Response)
    router.add_api_route("/style.css", _style, methods=["GET"], response_class=Response)
    router.add_api_route("/fonts/{face}.ttf", _font, methods=["GET"], response_class=Response)
    for path, page, decides in (
        ("/overview", _overview, False),
        ("/cases", _cases, False),
        ("/cases/{case_no}", _case, False),
        ("/holds", _holds, False),
        ("/holds/{hold_id}", _hold, False),
        ("/reviews", reviewing.reviews_page, False),
        ("/stations", _stations, False),
        ("/devices", _devices, False),
        ("/packs", _packs, False),
    ):
        router.add_api_route(path, bound.signed(page, decides=decides), methods=["GET"], response_class=Response)
    for path, page, decides in (
        ("/sign-out", _sign_out, False),
        ("/holds/{hold_id}", _decide_hold, True),
        ("/reviews/{review_id}", reviewing.decide, True),
        ("/devices/{device}/stop", _stop_device, True),
    ):
        router.add_api_route(path, bound.signed(page, decides=decides), methods=["POST"], response_class=Response)
    app.include_router(router)
    app.add_exception_handler(ClientDisconnect, note_broken_off)
    app.add_exception_handler(HTTPException, bound.no_such_page)

    @app.middleware("http")
    async def guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await go_on(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


class _Bound:
    """The routes that need headquarters and the templates."""

    def __init__(self, hq: Headquarters, pages: Environment) -> None:
        self._hq, self._pages = hq, pages

    async def home(self, request: Request) -> Response:  # noqa: ARG002 - the shape of every route
        return RedirectResponse("/overview", 303)

    async def sign_in_page(self, request: Request) -> Response:
        return self._sign_in_page(request, None, 200)

    async def no_such_page(self, request: Request, problem: Exception) -> Response:
        """Answer an address that leads nowhere, to whoever asks."""
        status = problem.status_code if isinstance(problem, HTTPException) else 404
        token = request.cookies.get(SESSION_COOKIE)
        member = await run_in_threadpool(staff.signed_in, self._hq, token)
        if member is None:
            return RedirectResponse("/sign-in", 303)
        return self._refused(request, member, _NO_SUCH_PAGE, status)

    async def sign_in(self, request: Request) -> Response:
        form = await read_form(request)
        if form.problem is not None:
            return self._sign_in_page(request, form.problem, form.problem.status)
        try:
            token = await run_in_threadpool(
                staff.sign_in, self._hq, form.fields.get("staff_no", ""), form.fields.get("password", "")
            )
        except InputError as problem:
            return self._sign_in_page(request, problem, 403)
        except (OperationalError, OSError):
            return self._sign_in_page(request, _BUSY, 503)
        response = RedirectResponse("/overview", 303)
        response.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=int(staff.SESSION.total_seconds()),
            httponly=True,
            secure=True,
            samesite="strict",
        )
        return response

    def signed(self, page: Page, *, decides: bool) -> Callable[[Request], Awaitable[Response]]:
        async def route(request: Request) -> Response:
            token = request.cookies.get(SESSION_COOKIE)
            member = await run_in_threadpool(staff.signed_in, self._hq, token)
            if member is None:
                return RedirectResponse("/sign-in", 303)
            form = await read_form(request) if request.method == "POST" else Form({})
            visit = Visit(self._hq, self._pages, request, member, form.fields)
            if request.method == "POST":
                key = form.fields.get(FORM_KEY, "").encode("utf-8", "surrogatepass")
                if not hmac.compare_digest(key, member.form_key.encode()):
                    return visit.refused(_FORM_OLD, 403)
            if decides and not member.role.decides:
                return visit.refused(_NOT_YOURS, 403)
            if form.problem is not None:
                return visit.refused(form.problem, form.problem.status)
            response = await run_in_threadpool(_carried_out, page, visit)
            language = request.query_params.get("lang")
            if language in ("zh", "en"):
                response.set_cookie(LANGUAGE_COOKIE, language, secure=True, samesite="strict")
            return response

        route.__name__ = page.__name__
        return route

    def _refused(self, request: Request, member: Member, problem: OutpostError, status: int) -> Response:
        return Visit(self._hq, self._pages, request, member, {}).refused(problem, status)

    def _sign_in_page(self, request: Request, problem: OutpostError | None, status: int) -> Response:
        response = _page(self._pages, "sign_in.html", _language(request), status, member=None, problem=problem)
        language = request.query_params.get("lang")
        if language in ("zh", "en"):
            response.set_cookie(LANGUAGE_COOKIE, language, secure=True, samesite="strict")
        return response


_FORM_OLD = InputError(
    "form_old",
    Bilingual("这个页面太旧，或不是从这里打开的。", "This page is too old, or was not opened from here."),
    Bilingual("请返回重新打开后再提交。", "Go back, open it again and send it once more."),
)
_NO_SUCH_PAGE = InputError(
    "page_unknown",
    Bilingual("没有这个页面。", "There is no such page."),
    Bilingual("请从上面的栏目进入。", "Choose a place above."),
)
_BUSY = EnvironmentProblem(
    "hq_busy",
    Bilingual("数据库或磁盘暂时不可用，没有办理。", "The database or the disk can't be used now; nothing was done."),
    Bilingual("请过一会儿再提交。", "Try again in a while."),
    retryable=True,
)
_NOT_YOURS = InputError(
    "not_your_role",
    Bilingual("您的角色只能查看。", "Your role may only look."),
    Bilingual("请由核赔或主管办理。", "Ask an examiner or a supervisor."),
)


def _carried_out(page: Page, visit: Visit) -> Response:
    try:
        return page(visit)
    except OutpostError as problem:
        return visit.refused(problem, _status_of(problem))
    except (OperationalError, OSError):
        return visit.refused(_BUSY, 503)


def _status_of(problem: OutpostError) -> int:
    if isinstance(problem, FormRefusedError):
        return problem.status
    return 404 if problem.code in ("case_unknown", "hold_unknown") else 409


def _overview(visit: Visit) -> Response:
    return visit.show("overview.html", figures=reading.overview(visit.hq))


def _cases(visit: Visit) -> Response:
    text = visit.request.query_params.get("text", "")
    page = _number(visit.request.query_params.get("page", "0"))
    lines, total = reading.case_lines(visit.hq, text, page)
    return visit.show("cases.html", lines=lines, total=total, text=text, page=page, size=reading.PAGE)


def _case(visit: Visit) -> Response:
    case_no = visit.path("case_no")
    found = reading.case_page(visit.hq, case_no)
    if found is None:
        raise InputError(
            "case_unknown",
            Bilingual(f"总部没有案件 {case_no}。", f"Headquarters has no case {case_no}."),
            Bilingual("请核对案件号。", "Check the case number."),
        )
    staff.note_deed(visit.hq, visit.member, "case_opened", case_no)
    return visit.show("case.html", page=found, news=case_news(visit.hq, case_no))


def _holds(visit: Visit) -> Response:
    return visit.show("holds.html", holds=open_holds(visit.hq))


def _hold(visit: Visit) -> Response:
    hold = find_hold(visit.hq, visit.path("hold_id"))
    staff.note_deed(visit.hq, visit.member, "hold_opened", hold.voucher_no)
    return _hold_page(visit, hold, 200, None, {})


def _decide_hold(visit: Visit) -> Response:
    hold_id, form = visit.path("hold_id"), visit.form
    try:
        second = None
        if form.get("second_no", "").strip():
            other = staff.check_password(visit.hq, form["second_no"], form.get("second_password", ""))
            second = _second_name(visit.member, other)
        amount = form.get("amount", "").strip()
        decided = decide_hold(
            visit.hq,
            NewHoldDecision(
                voucher=hold_id,
                choice=HoldChoice(form.get("choice", "")),
                by=visit.member.name,
                reason=form.get("reason", ""),
                amount_fen=parse_amount(amount) if amount else None,
                beyond_limit=form.get("beyond_limit") == "yes",
                second=second,
            ),
        )
    except ValueError:
        problem: OutpostError = InputError(
            "choice_missing",
            Bilingual("没有选择怎么办理。", "No decision was chosen."),
            Bilingual("请选择一项。", "Choose one."),
        )
        return _hold_again(visit, hold_id, problem)
    except InputError as refused:
        return _hold_again(visit, hold_id, refused)
    staff.note_deed(visit.hq, visit.member, f"hold_{decided.choice}", decided.voucher_no)
    return visit.show("hold_decided.html", decided=decided)


def _hold_again(visit: Visit, hold_id: str, problem: OutpostError) -> Response:
    hold = find_hold(visit.hq, hold_id)
    kept = {key: value for key, value in visit.form.items() if "password" not in key}
    return _hold_page(visit, hold, 409, problem, kept)


def _hold_page(
    visit: Visit, hold: Hold, status: int, problem: OutpostError | None, entered: dict[str, str]
) -> Response:
    rests = {each.hold_id: rests_on(visit.hq, each) for each in (hold.own, *hold.others)}
    return visit.show(
        "hold.html", status, hold=hold, rests=rests, problem=problem, entered=entered, choices=tuple(HoldChoice)
    )


def _second_name(first: Member, second: Member) -> str:
    if second.staff_no == first.staff_no or second.role is not StaffRole.SUPERVISOR:
        raise InputError(
            "second_missing",
            Bilingual("第二人必须是另一位主管。", "The second person must be another supervisor."),
            Bilingual("请由主管输入自己的工号和密码。", "A supervisor enters their own number and password."),
        )
    return second.name


def _stations(visit: Visit) -> Response:
    return visit.show(
        "stations.html",
        lines=reading.station_lines(visit.hq),
        catastrophes=exposure_by(visit.hq, ExposureGroup.CATASTROPHE),
        total=total_exposure(visit.hq),
    )


def _devices(visit: Visit) -> Response:
    return visit.show("devices.html", lines=reading.device_lines(visit.hq))


def _stop_device(visit: Visit) -> Response:
    if visit.member.role is not StaffRole.SUPERVISOR:
        raise _NOT_YOURS
    device, reason = visit.path("device"), visit.form.get("reason", "").strip()
    if not reason:
        raise InputError(
            "words_missing",
            Bilingual("没有填写原因。", "The reason is missing."),
            Bilingual("请写明原因，服务站会看到。", "Say why; the station will read it."),
        )
    revoke(visit.hq, device, Bilingual(reason, reason), write_off=visit.form.get("write_off") == "yes")
    staff.note_deed(visit.hq, visit.member, "device_stopped", device)
    return RedirectResponse("/devices", 303)


def _packs(visit: Visit) -> Response:
    return visit.show("packs.html", releases=reading.release_lines(visit.hq), at=visit.hq.now())


def _sign_out(visit: Visit) -> Response:
    staff.sign_out(visit.hq, visit.request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


async def _style(request: Request) -> Response:  # noqa: ARG001 - the shape of every route
    css = files("headquarters.console").joinpath("templates/style.css").read_bytes()
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=300"})


async def _font(request: Request) -> Response:
    name = _FONTS.get(request.path_params["face"])
    if name is None:
        return Response(status_code=404)
    with as_file(files("resources.fonts").joinpath(name)) as path:
        return FileResponse(path, media_type="font/ttf", headers={"Cache-Control": "max-age=2592000"})


def _page(pages: Environment, template: str, language: str, status: int, **values: Any) -> HTMLResponse:
    def say(text: Bilingual | str) -> str:
        return text if isinstance(text, str) else getattr(text, language)

    def both(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    html = pages.get_template(template).render(lang=language, say=say, t=both, **values)
    return HTMLResponse(html, status)


def _language(request: Request) -> str:
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "zh")
    return chosen if chosen in ("zh", "en") else "zh"


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 0

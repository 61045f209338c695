"""Who somebody is: a token where there are tokens, a name where there are none."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.web.people import is_name
from kefu.web.visit import YEAR, TooManyGuesses, Visit, own_address


def login_page(visit: Visit) -> Response:
    """Ask for a token."""
    if visit.site.tokens is None:
        return visit.go("/queue")
    return visit.render(
        "login.html", title=visit.say("log_in"), next=own_address(visit.query.get("next", "")), wrong=""
    )


def log_in(visit: Visit) -> Response:
    """Begin a login with a token."""
    back = own_address(visit.field("next"))
    try:
        person = visit.try_token(visit.field("token").strip())
    except TooManyGuesses:
        raise HTTPException(429) from None
    if person is None:
        wrong = visit.say("wrong_token")
        return visit.render("login.html", 401, title=visit.say("log_in"), next=back, wrong=wrong)
    answer = visit.go(back)
    visit.keep(answer, visit.login_cookie, visit.site.logins.begin(person))
    return answer


def log_out(visit: Visit) -> Response:
    """End a login."""
    visit.site.logins.end(visit.request.cookies.get(visit.login_cookie, ""))
    answer = visit.go("/login")
    visit.keep(answer, visit.login_cookie, "", longest=0)
    return answer


def name_page(visit: Visit) -> Response:
    """Ask for a name."""
    if visit.site.tokens is not None:
        return visit.go("/queue")
    return visit.render("name.html", title=visit.say("who"), wrong="")


def take_name(visit: Visit) -> Response:
    """Keep a name."""
    name = visit.field("name").strip()
    if visit.site.tokens is not None:
        return visit.go("/queue")
    if not is_name(name):
        return visit.render("name.html", 400, title=visit.say("who"), wrong=visit.say("wrong_name"))
    answer = visit.go("/queue")
    visit.keep(answer, "kefu_name", name, longest=YEAR)
    return answer

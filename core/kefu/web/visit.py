"""One request: who asks, in which language, for what; and the answers to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import cast
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kefu.show.words import Language
from kefu.web import words
from kefu.web.guard import fields_of
from kefu.web.people import Person, Role, is_name
from kefu.web.render import query
from kefu.web.site import Site

LANGUAGES = {"zh": "zh-CN", "en": "en"}
YEAR = 365 * 24 * 3600
MOST_PARAMETERS = 50
MOST_PAGES = 1_000_000


@dataclass(slots=True)
class TooManyGuesses(Exception):  # noqa: N818 - it says what happened
    """An address tried too many wrong tokens."""


class Visit:
    """One request, and what is known of who sent it."""

    def __init__(self, site: Site, request: Request) -> None:
        """Take a request to a site."""
        self.site, self.request = site, request
        self.person: Person | None = None

    @cached_property
    def query(self) -> dict[str, str]:
        """What the address asks for, nothing where that is too much; of a name that stands there twice the last."""
        told = self.request.scope.get("query_string", b"").decode("latin-1")
        try:
            return dict(parse_qsl(told, max_num_fields=MOST_PARAMETERS))
        except ValueError:
            return {}

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the form that was sent."""
        return fields_of(self.request.scope)

    def field(self, name: str) -> str:
        """Return a field of the form, empty where it was not filled in."""
        return next((value for one, value in self.fields if one == name), "")

    @cached_property
    def language(self) -> Language:
        """The language of the address, else that of the cookie, else that of the settings."""
        told = (self.query.get("lang"), self.request.cookies.get("kefu_lang"))
        found = next((one for one in told if one in LANGUAGES), self.site.settings.language)
        return cast("Language", found)

    def say(self, name: str, **values: object) -> str:
        """Return a text in the language of the visit."""
        return words.say(name, self.language, **values)

    def named(self, kind: str, name: str) -> str:
        """Return what the pages call a column or a table of the data; its own name, where they have none."""
        told = f"{kind}_{name}"
        return self.say(told) if words.known(told) else name

    def who(self) -> Person | None:
        """Return who it is: by login, by the ``Authorization`` header, or by name where no tokens are needed.

        :raises TooManyGuesses: this address has to wait before its next token is looked at.
        """
        if self.site.tokens is None:
            name = unquote(self.request.cookies.get("kefu_name", ""))
            return Person(name if is_name(name) else self.site.me, "editor")
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.try_token(token.strip())
        return self.site.logins.person(self.request.cookies.get(self.login_cookie, ""))

    def try_token(self, token: str) -> Person | None:
        """Return whose token it is; a wrong one counts against its address.

        :raises TooManyGuesses: this address has to wait before its next token is looked at.
        """
        address = self.request.client.host if self.request.client else ""
        if self.site.guesses.too_many(address):
            raise TooManyGuesses
        person = self.site.tokens.person(token) if self.site.tokens else None
        if person is None:
            self.site.guesses.wrong(address)
        return person

    @property
    def is_https(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.request.url.scheme == "https"

    @property
    def login_cookie(self) -> str:
        """The cookie of a login; with TLS under a name that no other site and no plain page can set."""
        return "__Host-kefu_login" if self.is_https else "kefu_login"

    def page_number(self) -> int:
        """Return which page of a list is asked for."""
        told = self.query.get("page", "1")
        return min(max(int(told), 1), MOST_PAGES) if told.isascii() and told.isdecimal() and len(told) < 10 else 1  # noqa: PLR2004

    def render(self, template: str, status: int = 200, **values: object) -> Response:
        """Return a page.

        :param values: what the template shows.
        """
        other = "en" if self.language == "zh" else "zh"
        own = {
            "t": self.say,
            "lang": self.language,
            "html_lang": LANGUAGES[self.language],
            "person": self.person,
            "with_tokens": self.site.tokens is not None,
            "here": self.request.url.path,
            "switch": query(self.query, lang=other),
        }
        text = self.site.templates.get_template(template).render({**own, **values})
        return HTMLResponse(text.encode("utf-8", "replace"), status)

    def go(self, path: str, **told: object) -> Response:
        """Send the browser to another page of ours."""
        return RedirectResponse(path + (query(told) if told else ""), 303)

    def keep(self, answer: Response, name: str, value: str, *, longest: int | None = None) -> None:
        """Keep something in a cookie that no script and no other site can use."""
        answer.set_cookie(
            name, quote(value), max_age=longest, httponly=True, samesite="strict", secure=self.is_https, path="/"
        )

    def with_language(self, answer: Response) -> Response:
        """Keep the language that the address asked for."""
        if self.query.get("lang") == self.language:
            self.keep(answer, "kefu_lang", self.language, longest=YEAR)
        return answer


Page = Callable[[Visit], Response]


def endpoint(site: Site, page: Page, role: Role | None = "reader") -> Callable[[Request], Response]:
    """Return what answers requests with a page.

    :param role: who may see it; ``None`` for everybody, even who is not logged in.
    """

    @wraps(page)
    def answer(request: Request) -> Response:
        visit = Visit(site, request)
        try:
            visit.person = visit.who()
        except TooManyGuesses:
            raise HTTPException(429) from None
        if role is not None and visit.person is None:
            return visit.with_language(_ask_to_log_in(visit))
        if role == "editor" and not (visit.person and visit.person.edits):
            raise HTTPException(403)
        return visit.with_language(page(visit))

    return answer


def _ask_to_log_in(visit: Visit) -> Response:
    if visit.request.method == "POST" or "authorization" in visit.request.headers:
        raise HTTPException(401)
    back = visit.request.url.path + (query(visit.query) if visit.query else "")
    return visit.go("/login", next=back)


def own_address(text: str, otherwise: str = "/queue") -> str:
    """Return an address if it is one of our pages, and nothing that leads elsewhere."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return otherwise
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if plain and not parts.scheme and not parts.netloc else otherwise


def refusal(site: Site, request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the page that says why there is no other."""
    visit = Visit(site, request)
    if "authorization" not in request.headers:  # a token counts once only
        visit.person = visit.who()
    told = status if words.known(f"error_{status}") else 400
    answer = visit.render("error.html", status, title=visit.say(f"error_{told}"), told=told)
    answer.headers.update(headers or {})
    return visit.with_language(answer)

"""The two cookies: the session, which scripts cannot read, and the CSRF token, which our own pages send back as a header."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response

from photobank.settings import Settings

SESSION = "pb_session"
CSRF = "pb_csrf"
CSRF_HEADER = "x-csrf-token"
MAX_TOKEN = 200


def session_token(cookie_header: str | None) -> str | None:
    """The session token in a Cookie header. Two different ones mean that somebody planted one: then neither counts."""
    if not cookie_header:
        return None
    found = {part.partition("=")[2].strip() for part in cookie_header.split(";") if part.partition("=")[0].strip() == SESSION}
    if len(found) != 1:
        return None
    try:
        morsel = SimpleCookie(f"{SESSION}={found.pop()}").get(SESSION)
    except CookieError:
        return None
    return morsel.value if morsel and 0 < len(morsel.value) <= MAX_TOKEN else None


def set_session(response: Response, settings: Settings, token: str, csrf: str) -> None:
    """Hand a fresh session to the browser. Lax, not Strict: a link in a mail must arrive signed in; unsafe methods need CSRF."""
    age = settings.session_days * 24 * 3600
    secure = settings.secure_cookies
    response.set_cookie(SESSION, token, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)
    response.set_cookie(CSRF, csrf, max_age=age, path="/", httponly=False, samesite="strict", secure=secure)


def clear_session(response: Response, settings: Settings) -> None:
    """Take both cookies back."""
    response.delete_cookie(SESSION, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies)
    response.delete_cookie(CSRF, path="/", samesite="strict", secure=settings.secure_cookies)

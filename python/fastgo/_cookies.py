"""Cookies: small values that clients keep for a server (RFC 6265)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from fastgo._checks import check_bool, check_choice, check_int, check_text
from fastgo._errors import ConfigError

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# cookie-octet, av-octet and a name of a host (RFC 6265, section 4.1.1).
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")
_PATH = re.compile(r"/[ -:<-~]*")
_DOMAIN = re.compile(r"\.?[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*")

# The days and months of RFC 9110, section 5.6.7, which no locale changes.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None"}


def write_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None,
    expires: datetime | None,
    path: str | None,
    domain: str | None,
    secure: bool,
    httponly: bool,
    samesite: str | None,
    partitioned: bool,
) -> str:
    """Returns the value of a Set-Cookie field; see `Response.set_cookie`."""
    _check("the name of a cookie", name, _TOKEN, 'letters, digits and "-"')
    _check(
        f"the value of the cookie {name!a}",
        value,
        _VALUE,
        'ASCII without spaces and any of " , ; \\',
    )
    for option, given in (("secure", secure), ("httponly", httponly), ("partitioned", partitioned)):
        check_bool(option, given)
    if samesite is not None:
        check_choice("samesite", samesite, tuple(_SAME_SITE))
    _check_safety(name, secure, path, domain, samesite, partitioned)
    parts = [f"{name}={value}"]
    if max_age is not None:
        check_int("max_age", max_age)
        parts.append(f"Max-Age={max_age}")
    if expires is not None:
        parts.append(f"Expires={_date(expires)}")
    if path is not None:
        _check("path", path, _PATH, 'a path that begins with "/", without ";"')
        parts.append(f"Path={path}")
    if domain is not None:
        _check("domain", domain, _DOMAIN, "the name of a host")
        parts.append(f"Domain={domain}")
    parts += ["Secure"] if secure else []
    parts += ["HttpOnly"] if httponly else []
    parts += [f"SameSite={_SAME_SITE[samesite]}"] if samesite is not None else []
    parts += ["Partitioned"] if partitioned else []
    return "; ".join(parts)


def read_cookies(fields: Iterable[str]) -> dict[str, str]:
    """Returns the cookies in the values of Cookie fields (RFC 6265, section 5.4).

    Quotes around a value are left out. Of several with one name the first counts, which clients
    send first because its path is the longest.
    """
    cookies: dict[str, str] = {}
    for field in fields:
        for each in field.split(";"):
            name, equals, value = each.partition("=")
            name, value = name.strip(" \t"), value.strip(" \t")
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            if equals and name:
                cookies.setdefault(name, value)
    return cookies


def _check(what: str, value: object, form: re.Pattern[str], wanted: str) -> None:
    check_text(what, value)
    assert isinstance(value, str)
    if not form.fullmatch(value):
        raise ConfigError(f"{what} is {value!a}; write {wanted}")


def _check_safety(
    name: str,
    secure: bool,
    path: str | None,
    domain: str | None,
    samesite: str | None,
    partitioned: bool,
) -> None:
    """Refuses what browsers throw away without a word."""
    for needs, reason in (
        (samesite == "none", 'samesite="none"'),
        (partitioned, "partitioned=True"),
        (name.startswith(("__Secure-", "__Host-")), f"the name {name!a}"),
    ):
        if needs and not secure:
            raise ConfigError(f"a cookie with {reason} needs secure=True")
    if name.startswith("__Host-") and (path != "/" or domain is not None):
        raise ConfigError(f'a cookie with the name {name!a} needs path="/" and no domain')


def _date(moment: datetime) -> str:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ConfigError(
            f"expires is {moment!a}; write a datetime that has a time zone, such as "
            "datetime.now(timezone.utc) + timedelta(days=1)"
        )
    utc = moment.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day}, {utc:%d} {month} {utc.year:04} {utc:%H:%M:%S} GMT"

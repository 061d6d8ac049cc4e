"""Redirects: answers that send clients elsewhere."""

from fastgo._checks import check_choice, check_text
from fastgo._handlers import Handler

_STATUSES = (301, 302, 303, 307, 308)
_QUERIES = ("keep", "drop")


def redirect(to: str, *, status: int = 307, query: str = "keep") -> Handler:
    """Answers with the address of another place, as Location (RFC 9110, section 10.2.2).

    Args:
        to: A path, or a URL with scheme and host. It may contain parameters of the route's path
            in braces, which are percent-encoded; none can change the host.
        status: 301 or 308 where the place has moved for good, 302 or 307 where it has for now;
            307 and 308 let the client repeat its method, 303 makes it GET
            (RFC 9110, section 15.4).
        query: "keep" gives the request's query to the new place, "drop" does not.

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: An argument has the wrong type, or status or query is none of these. A
            target that is wrong is found when the app is served.

    Example:
        >>> app = App()
        >>> app.get("/users/{id}", redirect("/people/{id}", status=308))
        >>> app.get("/docs", redirect("https://docs.example.com/", query="drop"))
    """
    check_text("to", to)
    check_choice("status", status, _STATUSES)
    check_choice("query", query, _QUERIES)
    return Handler("redirect", {"to": to, "status": status, "query": query})

"""Templates: answers that values of the request are put into."""

from fastgo._checks import check_choice, check_status, check_text
from fastgo._handlers import Handler
from fastgo._headers import Headers, fields

_FORMATS = ("text", "html", "json")


def template(
    template: str,
    *,
    format: str = "text",  # noqa: A002 (the word for it)
    status: int = 200,
    headers: Headers = None,
) -> Handler:
    """Answers with a text into which Go puts values of the request.

    Args:
        template: The text, with names in braces: `{id}` is that parameter of the route's path,
            `{query.page}` the first value of that query parameter and `{header.User-Agent}` that
            header field of the request; the two latter are empty where the request has none.
            `{{` and `}}` are braces.
        format: "text" puts values in as they are; "html" escapes them, for content and quoted
            attributes; "json" writes them as JSON strings with their quotes, and parameters that
            are numbers as numbers; within quotes of the template, as a part of that string.
        status: The status code, 200 to 599 (RFC 9110, section 15).
        headers: Header fields to add. A Content-Type takes the place of the format's own:
            `text/plain; charset=utf-8`, `text/html; charset=utf-8` or `application/json`. One
            that is HTML needs the format "html".

    Returns:
        A handler for `App.get` and its kin.

    Raises:
        ConfigError: An argument has the wrong type, format is none of these, or the status is
            out of range. Names that are unknown, braces that are not closed, and a template in
            the format "json" that would not be JSON, are found when the app is served.

    Example:
        >>> app = App()
        >>> app.get("/hello/{name}", template("Hello {name}!"))
        >>> app.get("/users/{id}", template('{{"id": {id}}}', format="json"))
    """
    check_text("template", template)
    check_choice("format", format, _FORMATS)
    check_status(status)
    spec = {
        "template": template,
        "format": format,
        "status": status,
        "headers": fields(headers),
    }
    return Handler("template", spec)

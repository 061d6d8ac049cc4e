"""BlackSheep as its users write it, with msgspec for JSON."""

from blacksheep import Application, Content, Request, Response
from blacksheep.server.responses import json, text
from blacksheep.settings.json import json_settings

from bench.peers.contents import GREETING, JSON, decode_order, encode, user


async def hello() -> Response:
    return text(GREETING)


async def show_user(id: int) -> Response:  # noqa: A002 (the name in the path)
    return json(user(id))


async def post_order(request: Request) -> Response:
    body = await request.read()
    return Response(200, content=Content(JSON.encode(), encode(decode_order(body))))


json_settings.use(dumps=lambda value: encode(value).decode())

app = Application()
app.router.add_get("/", hello)
app.router.add_get("/users/{id}", show_user)
app.router.add_post("/orders", post_order)

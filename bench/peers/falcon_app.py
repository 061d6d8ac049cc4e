"""Falcon as its users write it, with msgspec for JSON, as its documentation has it."""

from __future__ import annotations

import falcon
from falcon.media import JSONHandler

from bench.peers.contents import GREETING, JSON, decode_order, encode, user


class Hello:
    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = GREETING


class User:
    def on_get(self, _request: falcon.Request, response: falcon.Response, number: int) -> None:
        response.media = user(number)


class Orders:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = decode_order(request.bounded_stream.read())


app = falcon.App()
app.resp_options.media_handlers[JSON] = JSONHandler(dumps=encode)
app.add_route("/", Hello())
app.add_route("/users/{number:int}", User())
app.add_route("/orders", Orders())

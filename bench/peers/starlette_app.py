"""Starlette as its users write it; coroutines, as it calls plain functions in a thread."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bench.peers.contents import GREETING, JSON, decode_order, encode, user


async def hello(_request: Request) -> Response:
    return PlainTextResponse(GREETING)


async def show_user(request: Request) -> Response:
    return JSONResponse(user(request.path_params["id"]))


async def post_order(request: Request) -> Response:
    return Response(encode(decode_order(await request.body())), media_type=JSON)


app = Starlette(
    routes=[
        Route("/", hello),
        Route("/users/{id:int}", show_user),
        Route("/orders", post_order, methods=["POST"]),
    ]
)

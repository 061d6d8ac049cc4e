"""FastAPI as its users write it; coroutines, as it calls plain functions in a thread."""

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from bench.peers.contents import GREETING, user


class Line(BaseModel):
    sku: str
    quantity: int
    price: float


class Order(BaseModel):
    id: int
    customer: str
    note: str
    lines: list[Line]


async def hello() -> str:
    return GREETING


async def show_user(id: int) -> dict[str, object]:  # noqa: A002 (the name in the path)
    return user(id)


async def post_order(order: Order) -> Order:
    return order


app = FastAPI()
app.get("/", response_class=PlainTextResponse)(hello)
app.get("/users/{id}")(show_user)
app.post("/orders")(post_order)

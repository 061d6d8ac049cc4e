"""Functions of Python as fastgo's users write them."""

from bench.peers import python_work
from bench.peers.contents import GREETING, Order, user


def hello() -> str:
    return GREETING


async def hello_async() -> str:
    return GREETING


def show_user(id: int) -> dict[str, object]:  # noqa: A002 (the name in the path)
    return user(id)


def post_order(order: Order) -> Order:
    return order


def echo(body: bytes) -> bytes:
    return body


def fibonacci(n: int) -> str:
    return python_work.fibonacci(n)

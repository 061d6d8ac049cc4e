"""Long chains: what has what, which has what, and so on. To let them go needs no deep stack."""

from pathlib import Path

import pytest

from tests.programs import Outcome, Program

HEAD = """
import gc, warnings
from fastgo.concurrency import *

LENGTH = 400_000
warnings.simplefilter("ignore")  # of what is never awaited

class Counted:
    gone = 0
    def __del__(self):
        Counted.gone += 1

async def keep(before):
    return before

async def fail(before):
    if before is not None:
        try:
            await before
        except ValueError:
            pass
    raise ValueError

async def tasks(function):
    chain = None
    for _ in range(LENGTH):
        chain = go(function, chain)
        while not chain.done():
            await sleep(0)
    chain.exception()

def channels():
    chain = None
    for _ in range(LENGTH):
        channel = chan(2)
        channel.send(chain)
        channel.send(Counted())
        chain = channel
    del chain, channel
    assert Counted.gone == LENGTH

def operations(channel):
    chain = None
    for _ in range(LENGTH):
        chain = channel.asend(chain)
"""


@pytest.mark.parametrize(
    "chain",
    [
        "channels()",
        "run(tasks(keep))",
        "run(tasks(fail))",
        "operations(chan())",
        "operations(nilchan)",
    ],
)
def test_long_chain_is_let_go_to_its_end(chain: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"{HEAD}\n{chain}\ngc.collect()\nprint('let go')\n")
    program = Program(path)
    try:
        assert program.end() == Outcome(0, "let go\n", "")
    finally:
        program.close()

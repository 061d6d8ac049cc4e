"""Serves handlers that are written in C++."""

import ctypes
from pathlib import Path

import fastgo

handlers = ctypes.CDLL(str(Path(__file__).with_name("handlers.so")))

app = fastgo.App()
app.get("/fibonacci/{n}", fastgo.native(handlers.fibonacci))
app.post("/words", fastgo.native(handlers.words))
app.post("/distinct", fastgo.native(handlers.distinct))

if __name__ == "__main__":
    fastgo.run(app)

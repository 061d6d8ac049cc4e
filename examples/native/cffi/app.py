"""Serves handlers that are written in C, by cffi."""

from _handlers import lib

import fastgo

app = fastgo.App()
app.get("/fibonacci/{n}", fastgo.native(lib.fibonacci))
app.post("/words", fastgo.native(lib.words))

if __name__ == "__main__":
    fastgo.run(app)

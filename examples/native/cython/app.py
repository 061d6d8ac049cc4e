"""Serves handlers that are written in Cython."""

import containers
import demo
import handlers
import numpy as np
import objects
import table

import fastgo

values = np.arange(1_000_000, dtype=np.float64)

app = fastgo.App()
app.get("/", fastgo.native(demo.hello_handler))
app.get("/fibonacci", fastgo.native(demo.fibonacci_handler))
app.get("/fibonacci/{n}", fastgo.native(handlers.fibonacci_handler))
app.post("/words", fastgo.native(handlers.words_handler))
app.post("/most-frequent", fastgo.native(containers.most_frequent_handler))
app.get("/total/{first}/{last}", fastgo.native(table.total_handler, data=values))
app.get("/objects/{n}", fastgo.native(objects.build_handler))

if __name__ == "__main__":
    fastgo.run(app)

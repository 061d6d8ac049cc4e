"""Subinterpreters: an interpreter that cannot load the library says so, and nothing crashes."""

import pytest

from tests.programs import Programs

INTERPRETERS = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

IN_IT = '''
import fastgo
app = fastgo.App()
app.get("/", fastgo.text("x"))
try:
    fastgo.serve(app, port=0, engine="auto").stop()
except (fastgo.Error, RuntimeError) as error:
    assert "interpreter" in str(error), error
print("refused or served", flush=True)
'''
"""


@pytest.mark.smoke
@pytest.mark.parametrize("served_before", [False, True])
def test_subinterpreter_serves_or_says_that_it_cannot(
    programs: Programs, served_before: bool
) -> None:
    serve = "import fastgo; server = fastgo.serve(port=0, engine=ENGINE)"
    out = programs.run(
        f"""{INTERPRETERS}
{serve if served_before else ""}
for _ in range(3):
    interpreter = interpreters.create()
    interpreters.run_string(interpreter, IN_IT)
    interpreters.destroy(interpreter)
{serve}
with server:
    print(server.stats().requests)
"""
    )
    assert out == "refused or served\n" * 3 + "0\n"

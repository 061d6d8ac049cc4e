"""The package as it is installed: its names, types, files and weight."""

import contextlib
import importlib.metadata
import importlib.resources
import inspect
import os
import re
import zipfile
from pathlib import Path
from types import FunctionType

import pytest

import fastgo
from tests.client import Client
from tests.load import Load
from tests.programs import Programs
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.smoke
def test_import_loads_no_go(programs: Programs) -> None:
    out = programs.run(
        """
        import sys, fastgo
        app = fastgo.App()
        app.get("/", fastgo.text("x"))
        app.document(fastgo.Limits())
        def loaded():
            with open("/proc/self/maps") as maps:
                return "fastgo._lib" in sys.modules, "_fastgo" in maps.read()
        print(*loaded())
        fastgo.serve(app, port=0, engine=ENGINE).stop()
        print(*loaded())
        """
    )
    assert out == "False False\nTrue True\n"


HEAVY = [
    "asyncio",
    "multiprocessing",
    "http",
    "email",
    "ssl",
    "msgspec",
    "httpx",
    "ctypes",
    "cffi",
    "numpy",
]


@pytest.mark.parametrize("heavy", HEAVY)
def test_import_loads_no_module_that_it_does_not_need(programs: Programs, heavy: str) -> None:
    assert programs.run(f"import sys, fastgo; print({heavy!r} in sys.modules)") == "False\n"


def test_msgspec_is_loaded_by_the_first_json(programs: Programs) -> None:
    out = programs.run(
        """
        import sys, fastgo
        app = fastgo.App()
        app.get("/", fastgo.text("x"))
        print("msgspec" in sys.modules)
        app.get("/json", fastgo.json("x"))
        print("msgspec" in sys.modules)
        """
    )
    assert out == "False\nTrue\n"


def test_public_names_are_those_of_all() -> None:
    public = [name for name in dir(fastgo) if not name.startswith("_")]
    assert public == sorted(fastgo.__all__)  # whose order ruff sees to


def test_public_names_show_the_public_module() -> None:
    for name in fastgo.__all__:
        assert getattr(fastgo, name).__module__ == "fastgo"


def test_version_is_that_of_the_distribution_and_of_the_library() -> None:
    from fastgo import _lib

    assert fastgo.__version__ == importlib.metadata.version("fastgo") == _lib._glue.version


def public_functions() -> dict[str, FunctionType]:
    """Returns the functions and methods that users call, by their name."""
    found: dict[str, FunctionType] = {}
    for name in fastgo.__all__:
        value = getattr(fastgo, name)
        if inspect.isfunction(value):
            found[name] = value
        for attribute, member in vars(value).items() if inspect.isclass(value) else ():
            function = inspect.unwrap(getattr(member, "fget", None) or member)
            function = getattr(function, "__func__", function)
            if inspect.isfunction(function) and not attribute.startswith("_"):
                found[f"{name}.{attribute}"] = function
    return found


@pytest.mark.parametrize("name", public_functions())
def test_public_function_is_typed_and_documented(name: str) -> None:
    function = public_functions()[name]
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert inspect.getdoc(function)
    for parameter in list(signature.parameters.values())["." in name :]:
        assert parameter.annotation is not inspect.Parameter.empty, parameter


def test_types_are_announced_to_type_checkers() -> None:
    assert importlib.resources.files("fastgo").joinpath("py.typed").is_file()


def test_header_is_where_compilers_are_told() -> None:
    assert "FASTGO_ABI" in Path(fastgo.get_include(), "fastgo.h").read_text()


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel under test: FASTGO_WHEEL, or the one in dist/."""
    named = os.environ.get("FASTGO_WHEEL")
    wheels = [Path(named)] if named else list((ROOT / "dist").glob("fastgo-*.whl"))
    assert len(wheels) == 1, f"one wheel is to be tested, not {wheels}; run `make wheel`"
    return wheels[0]


def test_one_wheel_serves_all_pythons(wheel: Path) -> None:
    tag = rf"fastgo-{re.escape(fastgo.__version__)}-cp311-abi3-manylinux\w+"
    assert re.fullmatch(tag, wheel.stem), wheel.name


def test_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 6_000_000


def test_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
    about = f"fastgo-{fastgo.__version__}.dist-info/"
    assert all(name.startswith(("fastgo/", about)) for name in names)
    assert [name for name in names if name.endswith(".so")] == ["fastgo/_lib/_fastgo.abi3.so"]
    kinds = {Path(name).suffix for name in names if name.startswith("fastgo/")}
    assert kinds == {".py", ".pyi", ".typed", ".so", ".json", ".h", ".hpp", ".pxd"}
    assert {
        "fastgo/document.schema.json",
        "fastgo/include/fastgo.h",
        "fastgo/__init__.pxd",
    } < set(names)
    assert about + "licenses/LICENSE" in names


def test_wheel_needs_msgspec_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"fastgo-{fastgo.__version__}.dist-info/METADATA").decode()
    assert "Requires-Python: >=3.11\n" in metadata
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*(.*)", metadata, re.M)
    assert needed == [
        ("msgspec", ""),
        ("numba", "; extra == 'numba'"),
        ("httpx", "; extra == 'testing'"),
        ("uvloop", "; extra == 'uvloop'"),
    ]


def test_demo_stays_small_under_load(programs: Programs) -> None:
    program = programs.start("import fastgo; fastgo.run(port=0, engine=ENGINE)")
    url = program.line().split()[2]

    def status(field: str) -> int:
        text = Path(f"/proc/{program.pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+)", text, re.M)
        assert found
        return int(found[1])

    listening = connections(program.pid)
    with Client(url) as client:
        for path in ("/", "/fibonacci", "/nowhere") * 20:
            client.get(path)
    with Load(url, clients=32):
        pass
    with Load(url, path="/fibonacci", clients=8):
        pass
    assert status("VmRSS") < 40_000
    # The loops, Python's two, and the few that Go keeps for itself and for system calls.
    assert status("Threads") <= len(os.sched_getaffinity(0)) + 12
    eventually(lambda: connections(program.pid) == listening, "the connections are closed")


def connections(pid: int) -> int:
    """Returns how many sockets a process has."""
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed just now
            links.append(str(link.readlink()))
    return sum(link.startswith("socket:") for link in links)

"""The headers of native handlers, and what docs/c-abi.md tells of them."""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

import fastgo
from tests.client import Client
from tests.compilers import compile_c
from tests.servers import Serve

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "c-abi.md").read_text()
HEADERS = "".join(
    Path(fastgo.get_include(), name).read_text() for name in ("fastgo.h", "fastgo_concurrency.h")
)
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-Wno-unused-parameter")

# | `fastgo_string` | 16 | `data` 0, `size` 8 |
STRUCTURES = re.findall(r"^\| `(fastgo_\w+)` \| (\d+) \| (.+) \|$", PAGE, re.M)


@pytest.mark.parametrize(
    "command",
    [
        ("cc", "-std=c11", "-x", "c"),
        ("c++", "-std=c++17", "-x", "c++"),
        ("c++", "-std=c++20", "-x", "c++", "-include", "fastgo.hpp"),
    ],
    ids=lambda command: command[1].removeprefix("-std="),
)
def test_headers_compile_without_a_warning(command: tuple[str, ...], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text('#include "fastgo.h"\nFASTGO_DECLARE_LAYOUT;\n')
    compile_strictly(source, command)


@pytest.mark.parametrize(
    ("language", "block"),
    re.findall(r"^```(c|c\+\+)\n(#include.*?)^```$", PAGE, re.M | re.S),
    ids=["c", "c++"],
)
def test_examples_of_the_page_compile(language: str, block: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text(block)
    compile_strictly(source, ("c++" if language == "c++" else "cc", "-x", language))


def compile_strictly(source: Path, command: tuple[str, ...]) -> None:
    include = f"-I{fastgo.get_include()}"
    done = subprocess.run(
        [*command, *STRICT, include, "-c", "-o", source.with_suffix(".o"), source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# Each ends in another way; what is thrown is told in the log or nowhere.
CPP = """
#include <fastgo.hpp>
#include <stdexcept>
#include <string>
#include <vector>

FASTGO_DECLARE_LAYOUT;

using fastgo::Request, fastgo::Response;

struct Pair {
    std::int64_t first, second;
};

int all(const Request &request, Response &response)
{
    const Pair *pair = fastgo::make<Pair>(request, Pair{request.query("n", std::int64_t(7)), 1});
    response.content_type("text/csv");
    response.add_header("X-Field", "value");
    for (auto text : {request.method(), request.path(), request.query(), request.body(),
                      request.param("name"), request.param_at(0), request.query("q"),
                      request.query<std::string_view>("none", "-"), request.header("x-one")}) {
        response.write(text);
        response.write(",");
    }
    response.write(std::to_string(pair->first + pair->second));
    response.write(request.header("x-none").data() == nullptr ? ",none" : ",some");
    response.write(request.data<char>());
    return 201;
}

int fixed(const Request &, Response &response)
{
    response.write_static("fixed");
    return 200;
}

int number(const Request &request, Response &response)
{
    fastgo_printf(response, "%g", request.param<double>("name"));
    return 200;
}

int status(const Request &, Response &) { throw fastgo::Status{418}; }
int error(const Request &, Response &) { throw std::runtime_error("it is broken"); }
int other(const Request &, Response &) { throw 7; }
int memory(const Request &request, Response &)
{
    std::vector<int, fastgo::Allocator<int>> endless(request);
    for (;;) {
        endless.push_back(1);
    }
}
int plain(const fastgo_request *, fastgo_response *, void *) { throw fastgo::Status{404}; }

FASTGO_EXPORT(all_, all)
FASTGO_EXPORT(fixed_, fixed)
FASTGO_EXPORT(number_, number)
FASTGO_EXPORT(status_, status)
FASTGO_EXPORT(error_, error)
FASTGO_EXPORT(other_, other)
FASTGO_EXPORT(memory_, memory)
FASTGO_EXPORT(plain_, plain)
"""


@pytest.fixture(scope="module")
def cpp(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    source = tmp_path_factory.mktemp("cpp") / "source"
    source.write_text(CPP)
    compile_strictly(source, ("c++", "-std=c++17", "-fvisibility=hidden", "-fPIC", "-x", "c++"))
    library, compiled = source.with_suffix(".so"), source.with_suffix(".o")
    subprocess.run(["c++", "-shared", "-o", library, compiled], check=True)
    return ctypes.CDLL(str(library))


def test_cpp_reads_all_of_a_request_and_writes_all_of_a_response(
    serve: Serve, cpp: ctypes.CDLL
) -> None:
    app = fastgo.App()
    data = ctypes.create_string_buffer(b";data")
    app.post("/all/{name}", fastgo.native(cpp, "all_", data=data))
    app.get("/fixed", fastgo.native(cpp, "fixed_"))
    app.get("/number/{name}", fastgo.native(cpp, "number_"))
    with Client(serve(app).url) as client:
        fields = "Host: test\r\nX-One: 1\r\n"
        answer = client.ask("POST", "/all/a%20b?q=%41&n=41", b"body", fields)
        assert (answer.status, answer["Content-Type"]) == (201, "text/csv")
        assert answer["X-Field"] == "value"
        assert answer.body == (b"POST,/all/a%20b,q=%41&n=41,body,a b,a b,A,-,1,42,none;data")
        assert client.ask("POST", "/all/a", b"", fields).body.endswith(b",8,none;data")
        assert client.ask("POST", "/all/a?n=x", b"", fields).status == 400
        assert client.get("/fixed").body == b"fixed"
        assert client.get("/number/2.50").body == b"2.5"
        assert client.get("/number/x").status == 400


def test_exceptions_of_cpp_become_answers_and_log_records(
    serve: Serve, cpp: ctypes.CDLL, caplog: pytest.LogCaptureFixture
) -> None:
    app = fastgo.App()
    for name in ("status", "error", "other", "memory", "plain"):
        app.get(f"/{name}", fastgo.native(cpp, f"{name}_"))
    server = serve(app)
    with Client(server.url) as client:
        statuses = {name: client.get(f"/{name}").status for name in ("status", "plain")}
        assert statuses == {"status": 418, "plain": 404}
        for name in ("error", "other", "memory"):
            assert client.get(f"/{name}").status == 500
    server.stop()
    for reason in ("it is broken", "no std::exception", "std::bad_alloc"):
        assert reason in caplog.text


def test_page_tells_the_sizes_and_offsets_of_all_structures(tmp_path: Path) -> None:
    told: list[int] = []
    asked: list[str] = []
    for structure, size, fields in STRUCTURES:
        told.append(int(size))
        asked.append(f"sizeof({structure})")
        for field in fields.split(", "):
            name, offset = field.split()
            told.append(int(offset))
            asked.append(f"offsetof({structure}, {name.strip('`')})")
    source = f"#include <fastgo.h>\nconst int offsets[] = {{{', '.join(asked)}}};\n"
    library = ctypes.CDLL(str(compile_c(tmp_path, source)))
    assert list((ctypes.c_int * len(told)).in_dll(library, "offsets")) == told
    assert [structure for structure, _, _ in STRUCTURES] == re.findall(
        r"^(?:struct|\}) (fastgo_(?!handler)\w+)(?: \{|;)$", HEADERS, re.M
    )


def test_page_names_every_function_of_the_headers() -> None:
    functions = re.findall(r"^static inline [^(]*?(fastgo_\w+)\(", HEADERS, re.M)
    assert len(functions) > 35
    assert [name for name in functions if f"`{name}" not in PAGE] == []

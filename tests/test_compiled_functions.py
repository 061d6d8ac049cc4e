"""fastgo.compiled: which functions and arguments it takes, and what it says of others."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import fastgo
from tests.client import Client
from tests.programs import Programs

numba = pytest.importorskip("numba")
np = pytest.importorskip("numpy")

HERE = r"tests/test_compiled_functions\.py:\d+\)"


def undefined(n: int) -> int:
    return nowhere + n  # type: ignore[name-defined]  # noqa: F821


def unsupported(n: int) -> int:
    return pickle.dumps(n)


def plain_helper(n: int) -> int:
    return n


def calls_plain(n: int) -> int:
    return plain_helper(n)


def opcode(n: int) -> int:
    import math

    return math.floor(n)


def formatted(n: int) -> int:
    return len(f"{n:>5}")


def prints(n: int) -> int:
    print(n)
    return n


def in_object_mode(n: int) -> int:
    with numba.objmode(m="int64"):
        m = n
    return m  # noqa: RET504 (Numba takes no return in there)


@numba.njit
def hidden_print(n: int) -> int:
    print(n)
    return n


def prints_hidden(n: int) -> int:
    return hidden_print(n)


def float_for_int(n: int) -> int:
    return n / 2


def int_for_bool(n: int) -> bool:
    return n


def array_for_int(n: int) -> int:
    return np.ones(n)


def int_for_array(n: int) -> np.ndarray:
    return n


def floats_for_bytes(n: int) -> bytes:
    return np.ones(n)


def complex_array(n: int) -> np.ndarray:
    return np.ones(n) * 1j


def text_result(n: int) -> int:
    return "a"


def nothing(n: int) -> int:
    pass


def maybe(n: int) -> float:
    return None if n else 1.5


NOT_COMPILED = [
    (undefined, "NameError: name 'nowhere' is not defined"),
    (unsupported, r"Unknown attribute 'dumps' of type Module.*\(line \d+\)"),
    (calls_plain, "Untyped global name 'plain_helper': Cannot determine Numba type"),
    (opcode, r"Use of unsupported opcode \(IMPORT_NAME\) found \(line \d+\)"),
    (formatted, "format spec in f-strings not supported yet|FORMAT_WITH_SPEC"),
    (prints, "takes Python's GIL, as print and numba.objmode do"),
    (in_object_mode, "takes Python's GIL"),
    (prints_hidden, "takes Python's GIL"),
    (float_for_int, "returns float64, and its annotation says int64; change one of them"),
    (int_for_bool, "returns int64, and its annotation says bool"),
    (array_for_int, r"returns array\(float64, 1d, C\), and its annotation says int64"),
    (int_for_array, "returns int64, and its annotation says an array of numbers of 1 to 4 dim"),
    (floats_for_bytes, r"returns array\(float64, 1d, C\), and its annotation says an array of byt"),
    (complex_array, r"returns array\(complex128, 1d, C\), and its annotation says an array of num"),
    (text_result, "returns unicode_type, and its annotation says int64"),
    (nothing, "returns none, and its annotation says int64"),
    (maybe, r"returns OptionalType\(float64\), and its annotation says float64"),
]


@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning")
@pytest.mark.parametrize(("function", "reason"), NOT_COMPILED)
def test_what_cannot_be_compiled_is_refused_with_the_reason(
    function: Callable[..., Any], reason: str
) -> None:
    with pytest.raises(fastgo.ConfigError, match=reason) as raised:
        fastgo.compiled()(function)
    message = str(raised.value)
    assert f"function {function.__name__!r} ({__file__}:" in message
    assert "\n" not in message
    assert len(message) < 600


def no_annotation(n) -> int:  # type: ignore[no-untyped-def]
    return n


def no_return(n: int):  # type: ignore[no-untyped-def]
    return n


def text(s: str) -> int:
    return len(s)


def listed(n: list[int]) -> int:
    return n[0]


def stars(*n: int) -> int:
    return n[0]


def keyword(*, n: int) -> int:
    return n


def wrong_default(n: int = 1.5) -> int:  # type: ignore[assignment]
    return n


def endless(x: float = float("inf")) -> float:
    return x


def truth(b: bool = 1) -> bool:  # type: ignore[assignment]
    return b


def other_bytes(data: bytes) -> int:
    return len(data)


def unknown_name(n: "Nothing") -> int:  # type: ignore[name-defined]  # noqa: F821
    return n


def dictionary(n: int) -> dict[int, int]:
    return {n: n}


NOT_READ = [
    (no_annotation, "the parameter 'n' of the function 'no_annotation' .* has no annotation; anno"),
    (no_return, "the function 'no_return' .* does not say what it returns; annotate it"),
    (text, "the parameter 's' .* is str, which is not supported; annotate it with int, float"),
    (listed, r"the parameter 'n' .* is list\[int\], which is not supported"),
    (stars, r"the parameter 'n' .* is not an ordinary one; write it without \*"),
    (keyword, "the parameter 'n' .* is not an ordinary one"),
    (wrong_default, "the parameter 'n' .* has the default 1.5, which is no int64"),
    (endless, "the parameter 'x' .* has the default inf, which is no float64"),
    (truth, "the parameter 'b' .* has the default 1, which is no bool"),
    (other_bytes, "the parameter 'data' .* is bytes; write body: bytes"),
    (unknown_name, "an annotation of the function 'unknown_name' .* cannot be read: name 'Nothi"),
    (dictionary, r"the function 'dictionary' .* returns dict\[int, int\], which is not supported"),
]


@pytest.mark.parametrize(("function", "reason"), NOT_READ)
def test_signature_that_is_not_supported_is_refused(
    function: Callable[..., Any], reason: str
) -> None:
    with pytest.raises(fastgo.ConfigError, match=reason) as raised:
        fastgo.compiled()(function)
    assert f"{__file__}:" in str(raised.value)


def test_default_out_of_range_is_found_when_the_app_is_served() -> None:
    @fastgo.compiled()
    def small(n: fastgo.int8 = 128) -> int:
        return n

    app = fastgo.App()
    app.get("/", small)
    with pytest.raises(fastgo.ConfigError, match=r'default: "128" is not int8, .* \(GET /, regist'):
        fastgo.serve(app, port=0)


def test_template_is_checked_when_the_app_is_served() -> None:
    app = fastgo.App()
    app.get("/{id}", fastgo.compiled("{res}")(plain_helper))
    reason = r"\{res\} at byte 0 is not known; choose one of \{id\}, \{result\}, \{query.NAME\}"
    with pytest.raises(fastgo.ConfigError, match=reason):
        fastgo.serve(app, port=0)


def weigh(i: int, weights: Any) -> float:
    return weights[i]


ARGUMENTS = [
    ({"template": 1}, "template must be str, not int"),
    ({"format": "xml"}, 'format must be "text", "html", "json" or "bytes", not "xml"'),
    ({"template": "", "format": "bytes"}, 'the format "bytes" has no template; leave one of them'),
    ({"status": 99}, "status must be 200 to 599, not 99"),
    ({"headers": "a"}, "headers must be a mapping or pairs"),
    ({"data": [1]}, 'data must be a mapping, not list; write data={"name": array}'),
    ({"blocking": 1}, "blocking must be bool, not int"),
    ({"data": {"weights": [1.0]}}, "data['weights'] must be a numpy.ndarray, not list"),
    ({"data": {"weights": np.ones(4)[::2]}}, "data['weights'] is not contiguous in C's order"),
    ({"data": {"weights": np.ones(4, ">f8")}}, "data['weights'] has the dtype '>f8', which is not"),
    ({"data": {"weights": np.ones(4, object)}}, "data['weights'] has the dtype '|O', which is not"),
    ({"data": {"other": np.ones(4)}}, "data has 'other', which is no parameter of the function"),
    ({"format": "bytes", "data": {"weights": np.ones(4)}}, 'the format "bytes" is for arrays, and'),
]


@pytest.mark.parametrize(("arguments", "message"), ARGUMENTS)
def test_wrong_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(fastgo.ConfigError) as raised:
        fastgo.compiled(**arguments)(weigh)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("what", [None, len, fastgo.Handler, fastgo.text("")])
def test_only_functions_are_compiled(what: Any) -> None:
    with pytest.raises(fastgo.ConfigError, match=r"must be a function, not .*; write @fastgo"):
        fastgo.compiled()(what)


def test_without_numba_the_error_says_what_to_install(programs: Programs) -> None:
    out = programs.run(
        """
        import sys
        sys.modules["numba"] = None
        import fastgo
        def f(n: fastgo.int8) -> int:
            return n
        try:
            fastgo.compiled()(f)
        except fastgo.ConfigError as error:
            print(error)
        """
    )
    assert out.startswith("fastgo.compiled needs Numba, which cannot be loaded (")
    assert out.endswith("run pip install 'fastgo[numba]'\n")


def test_without_compilation_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    with pytest.raises(fastgo.ConfigError, match="NUMBA_DISABLE_JIT is set in the environment"):
        fastgo.compiled()(plain_helper)


def test_fastgo_loads_no_numba_before_it_is_needed(programs: Programs) -> None:
    out = programs.run(
        """
        import sys, fastgo
        fastgo.compiled("{result}"), fastgo.uint8
        print([name for name in ("numba", "numpy", "fastgo._lib") if name in sys.modules])
        """
    )
    assert out == "[]\n"


@fastgo.compiled("{n}")
def named(n: int) -> int:
    return n


def test_copy_is_the_handler_itself() -> None:
    assert copy.copy(named) is copy.deepcopy(named) is named
    assert pickle.loads(pickle.dumps(named)) is named


def test_handler_of_another_name_is_compiled_again() -> None:
    handler = fastgo.compiled(status=201)(plain_helper)
    copied = pickle.loads(pickle.dumps(handler))
    assert copied is not handler
    assert copied == handler  # it is the same process, where the code is there already

    def local(n: int) -> int:
        return n

    with pytest.raises((AttributeError, pickle.PicklingError), match="local"):
        pickle.dumps(fastgo.compiled()(local))


def test_handler_is_found_in_a_spawned_process(programs: Programs) -> None:
    out = programs.run(
        """
        import multiprocessing
        from urllib.request import urlopen
        import fastgo

        @fastgo.compiled("{result}")
        def double(n: int) -> int:
            return 2 * n

        def serve(app):
            with fastgo.serve(app, port=0, engine=ENGINE) as server:
                print(urlopen(server.url + "/21").read().decode())

        if __name__ == "__main__":
            app = fastgo.App()
            app.get("/{n}", double)
            process = multiprocessing.get_context("spawn").Process(target=serve, args=(app,))
            process.start()
            process.join()
        """
    )
    assert out == "42\n"


def test_decorators_stand_above_each_other() -> None:
    app = fastgo.App()

    @app.get("/{n}")
    @fastgo.compiled("{result}")
    def double(n: int) -> int:
        return 2 * n

    with fastgo.serve(app, port=0) as server, Client(server.url) as client:
        assert client.get("/21").body == b"42"

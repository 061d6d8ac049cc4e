"""The headers of native handlers, and what docs/c-abi.md tells of them."""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

import fastgo
from tests.compilers import compile_c

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "c-abi.md").read_text()
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
        r"^(?:struct|\}) (fastgo_(?!handler)\w+)(?: \{|;)$",
        Path(fastgo.get_include(), "fastgo.h").read_text(),
        re.M,
    )


def test_page_names_every_function_of_the_header() -> None:
    header = Path(fastgo.get_include(), "fastgo.h").read_text()
    functions = re.findall(r"^static inline [^(]*?(fastgo_\w+)\(", header, re.M)
    assert len(functions) > 15
    assert [name for name in functions if f"`{name}" not in PAGE] == []

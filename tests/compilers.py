"""Compilers, for handlers that are written in C and Cython."""

import importlib.util
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import fastgo

# A module may be loaded once in a process, also where several tests compile one of its name.
_numbers = iter(range(1000))


def compile_c(folder: Path, source: str) -> Path:
    """Compiles a shared library and returns its path."""
    stem = folder / f"library{next(_numbers)}"
    stem.with_suffix(".c").write_text(source)
    library = stem.with_suffix(".so")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared"]
    include = f"-I{fastgo.get_include()}"
    _run(["cc", *flags, include, "-o", str(library), str(stem.with_suffix(".c"))], folder)
    return library


def compile_cython(folder: Path, source: str) -> ModuleType:
    """Compiles and imports a module, as users do by a setup.py."""
    name = f"cython{next(_numbers)}"
    (folder / f"{name}.pyx").write_text(textwrap.dedent(source))
    (folder / "setup.py").write_text(
        textwrap.dedent(f"""
        import fastgo
        from Cython.Build import cythonize
        from setuptools import Extension, setup

        include = [fastgo.get_include()]
        module = Extension({name!r}, [{name + ".pyx"!r}], include_dirs=include)
        setup(name={name!r}, ext_modules=cythonize([module]))
        """)
    )
    _run([sys.executable, "setup.py", "build_ext", "--inplace"], folder)
    return load_module(name, folder / (name + str(sysconfig.get_config_var("EXT_SUFFIX"))))


def refuse_cython(folder: Path, source: str) -> str:
    """Returns why Cython refuses a source."""
    path = folder / "refused.pyx"
    path.write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "cython", "-3", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode, "it compiles"
    return done.stderr


def compile_cffi(folder: Path, declarations: str, source: str) -> Any:
    """Compiles and imports a library of cffi in API mode and returns it."""
    import cffi

    name = f"cffi{next(_numbers)}"
    ffi = cffi.FFI()
    ffi.cdef(declarations)
    ffi.set_source(name, source, include_dirs=[fastgo.get_include()])
    return load_module(name, Path(ffi.compile(str(folder)))).lib


def load_module(name: str, path: Path) -> ModuleType:
    """Imports an extension module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

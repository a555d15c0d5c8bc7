"""Source code and configuration files, told by their extensions."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source

_EXTENSIONS = {
    "ada": "adb ads",
    "assembly": "asm s",
    "c": "c h",
    "clojure": "clj cljs edn",
    "cpp": "cc cpp cxx hh hpp hxx",
    "csharp": "cs",
    "css": "css less sass scss",
    "cuda": "cu cuh",
    "d": "d",
    "dart": "dart",
    "elixir": "ex exs",
    "elm": "elm",
    "erlang": "erl hrl",
    "fortran": "f f90 f95 for",
    "fsharp": "fs fsx",
    "go": "go",
    "graphql": "graphql",
    "groovy": "gradle groovy",
    "haskell": "hs",
    "ini": "cfg conf ini properties",
    "java": "java",
    "javascript": "cjs js jsx mjs",
    "julia": "jl",
    "kotlin": "kt kts",
    "lisp": "el lisp scm",
    "lua": "lua",
    "make": "cmake mk",
    "matlab": "m",
    "nim": "nim",
    "nix": "nix",
    "ocaml": "ml mli",
    "pascal": "pas",
    "perl": "pl pm",
    "php": "php",
    "powershell": "ps1",
    "prolog": "pro",
    "protobuf": "proto",
    "python": "py pyi pyx",
    "r": "r",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala",
    "shell": "bash fish sh zsh",
    "solidity": "sol",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "terraform": "hcl tf",
    "toml": "toml",
    "typescript": "cts mts ts tsx",
    "verilog": "sv v",
    "vhdl": "vhd vhdl",
    "vue": "vue",
    "xml": "xml xsd xsl",
    "yaml": "yaml yml",
    "zig": "zig",
}
LANGUAGES = {f".{ext}": name for name, exts in _EXTENSIONS.items() for ext in exts.split()}


def read_code(source: Source) -> Iterator[Document]:
    """Read source code; it has no title, its kind is "code:" and the language."""
    kind = f"code:{LANGUAGES[source.path.suffix.lower()]}"
    yield Document(source.name, source.name, source.text(), kind=kind)

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from attar.errors import UsageError
from attar.registry import Registry, RegistryError


def fresh() -> Registry:
    registry = Registry()
    registry._loaded = True  # what is installed is not looked at
    return registry


def test_register_and_get() -> None:
    registry = fresh()

    @registry.register("halve", target="codec", needs=("encoder",), paper="A paper")
    class Halve:
        """Halve everything.

        More words.
        """

    method = registry.get("halve", target="codec")
    assert method.make is Halve
    assert (method.summary, method.needs, method.paper) == (
        "Halve everything.",
        ("encoder",),
        "A paper",
    )
    assert registry.methods("codec") == [method]
    assert registry.methods("context") == []


def test_a_name_twice_is_refused() -> None:
    registry = fresh()
    registry.register("a", target="codec")(int)
    registry.register("a", target="codec")(int)  # the same thing again, as on a reload
    registry.register("a", target="context")(float)
    with pytest.raises(RegistryError, match=r"twice: by builtins\.int and by builtins\.float"):
        registry.register("a", target="codec")(float)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    registry = fresh()
    registry.register("hadamard", target="codec")(int)
    registry.register("uniform", target="codec")(int)
    with pytest.raises(UsageError, match="did you mean 'hadamard'"):
        registry.get("hadamrd", target="codec")
    with pytest.raises(UsageError, match="known: hadamard, uniform"):
        registry.get("xyz", target="codec")


def test_entry_points_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside_codecs.py").write_text(
        "from attar.registry import register\n"
        "@register('outside', target='test-only')\n"
        "def outside():\n    'From another package.'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = importlib.metadata.EntryPoint("mine", "outside_codecs", "attar.methods")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [entry])
    from attar.registry import REGISTRY

    monkeypatch.setattr(REGISTRY, "_loaded", False)
    assert REGISTRY.get("outside", target="test-only").summary == "From another package."


def test_a_package_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint("mine", "there_is_no_such_module", "attar.methods")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [entry])
    with pytest.raises(RegistryError, match="there_is_no_such_module"):
        Registry().methods()


def test_importing_attar_imports_nothing_heavy() -> None:
    code = (
        "import sys, attar;"
        "print([m for m in ('torch', 'transformers', 'numba', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

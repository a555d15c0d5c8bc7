"""The promises about the package as a whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import attar


def _modules() -> list[str]:
    return [m.name for m in pkgutil.walk_packages(attar.__path__, "attar.")]


def test_the_public_api_fits_on_a_screen() -> None:
    assert attar.__file__ is not None
    assert len(Path(attar.__file__).read_text(encoding="utf-8").splitlines()) <= 80
    assert sorted(attar.__all__) == attar.__all__
    for name in attar.__all__:
        assert getattr(attar, name) is not None


def test_every_public_name_has_its_docstring() -> None:
    missing = []
    for module_name in _modules():
        module = importlib.import_module(module_name)
        if not (module.__doc__ or "").strip():
            missing.append(module_name)
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module_name:
                continue
            if not (inspect.isclass(thing) or inspect.isfunction(thing)):
                continue
            if not (thing.__doc__ or "").strip():
                missing.append(f"{module_name}.{name}")
            if inspect.isclass(thing):
                missing += [
                    f"{module_name}.{name}.{key}"
                    for key, member in vars(thing).items()
                    if not key.startswith("_")
                    and (inspect.isfunction(member) or isinstance(member, property))
                    and not (inspect.getdoc(getattr(thing, key)) or "").strip()
                ]
    assert missing == []

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attar.cli.main import main

DOCUMENTS = {
    "guide/wings.md": "# Wings\n\nA wing makes lift. Its drag grows with the square of speed.\n\n"
    "## Flaps\n\nFlaps raise the lift of a wing at low speed.\n",
    "tea.txt": "Green tea is not fermented.\r\nBlack tea is.\r\n",
    "code/gcd.py": 'def gcd(a, b):\n    """Greatest common divisor."""\n    while b:\n'
    "        a, b = b, a % b\n    return a\n",
}


class Run:
    """One call of the command line: exit status, standard output and standard error."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> tuple[int, str, str]:
        status = main([str(a) for a in args])
        out, err = self._capsys.readouterr()
        return status, out, err

    def json(self, *args: object) -> Any:
        status, out, err = self(*args, "--json")
        assert status == 0, err
        return json.loads(out)

    def fails(self, *args: object, status: int) -> str:
        """Run what must fail; returns its one sentence."""
        got, out, err = self(*args)
        assert got == status, (out, err)
        assert "Traceback" not in err
        return err.strip()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for name, text in DOCUMENTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "picture.bin").write_bytes(b"\x00\x01\x02" * 50)
    return folder


@pytest.fixture(scope="session")
def make_pack(documents: Path) -> Callable[[Path], Path]:
    """Pack the documents into a folder; made once and copied after that."""
    made: list[Path] = []

    def make(target: Path) -> Path:
        import shutil

        if not made:
            first = documents.parent / "first.attar"
            if not first.exists():
                assert main(["pack", str(documents), "-o", str(first), "--json"]) == 0
            made.append(first)
        shutil.copytree(made[0], target)
        return target

    return make


@pytest.fixture
def pack(
    make_pack: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Path:
    target = make_pack(tmp_path / "docs.attar")
    capsys.readouterr()
    return target

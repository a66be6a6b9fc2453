"""However the repository was had, with links or without, what is installed from it is whole and works.

The commit that is checked out becomes three trees: a clone, a clone without symbolic links, and a zip that Python has
unpacked. Each must build the same wheel, directly and by way of a source distribution, with every tracked file in it.
The trees without links are installed, one of them to be edited, and must solve, train and pass tests. The wheel is
installed with its dependencies where there is nothing else, and with NumPy alone on every other Python that is found.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
NEED_EXTRAS = {
    "routegame/envs/adapters/agilerl.py",
    "routegame/envs/adapters/benchmarl.py",
    "routegame/envs/adapters/skrl.py",
    "routegame/envs/adapters/torchrl.py",
    "routegame/gateway/litellm.py",
}
"""Modules that import what only an optional extra brings."""
VARIABLES = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONNOUSERSITE": "1"}


class Failure(Exception):
    """What is wrong, in a sentence, or all that a command printed before it failed."""


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """Return what a command prints."""
    done = subprocess.run(command, cwd=folder, env=VARIABLES, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a step took, once it is done."""
    start = time.monotonic()
    yield
    print(f"packaging: {time.monotonic() - start:3.0f} s, {what}", flush=True)


class Environment:
    """A virtual environment with nothing in it, not even pip: the pip that is here installs into it."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        run(python, "-m", "venv", "--without-pip", folder)
        self.folder, self.python = folder, folder / "bin" / "python"

    def install(self, *what: str | Path) -> None:
        """Let pip install something, in the versions of constraints.txt; modules are compiled as they are imported."""
        pip = (
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.python,
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--no-compile",
        )
        run(*pip, "--constraint", ROOT / "constraints.txt", *what)

    def borrow_libraries(self) -> None:
        """Let it see the libraries installed here; the routegame installed here hangs on a .pth file, unread there."""
        (site,) = self.folder.glob("lib/python*/site-packages")
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    def routegame(self, *arguments: str | Path) -> str:
        """Return what a command of routegame prints."""
        return run(self.folder / "bin" / "routegame", *arguments, folder=self.folder)

    def solution(self) -> str:
        """Return a solved game."""
        return self.routegame("solve", "nano-gpt5", "--json")

    def train(self) -> None:
        """Train for a moment. A run has a page, which is made of files that are no modules."""
        self.routegame("train", "nano-gpt5", "--learner", "evolution", "--generations", "2", "--out", "run")
        if "</html>" not in (self.folder / "run" / "report.html").read_text(encoding="utf-8"):
            raise Failure(f"{self.folder.name}: the page of a run breaks off")

    def import_all(self, files: set[str], home: Path) -> None:
        """Import every module; each must come from the folder `home`."""
        here = [name for name in files if name.endswith(".py") and name not in NEED_EXTRAS]
        names = [name.removesuffix(".py").removesuffix("/__init__") for name in here]
        code = "import importlib, sys; [print(importlib.import_module(name).__file__) for name in sys.argv[1:]]"
        modules = sorted(name.replace("/", ".") for name in names)
        for path in run(self.python, "-c", code, *modules, folder=self.folder).splitlines():
            if not Path(path).resolve().is_relative_to(home.resolve()):
                raise Failure(f"{self.folder.name}: {path} was imported, which is not in {home}")


class Packaging:
    """All steps, in a folder of their own."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.normal, self.linkless, self.unzipped = (work / name for name in ("normal", "linkless", "unzipped"))
        run("git", "clone", "--quiet", ROOT, self.normal)
        run("git", "clone", "--quiet", "--config", "core.symlinks=false", ROOT, self.linkless)
        run("git", "archive", "--format=zip", f"--output={work / 'tree.zip'}", "HEAD")
        zipfile.ZipFile(work / "tree.zip").extractall(self.unzipped)
        self.builder = Environment(work / "builder")
        with (ROOT / "pyproject.toml").open("rb") as file:
            self.builder.install("build", *tomllib.load(file)["build-system"]["requires"])
        self.files = self.tracked()
        self.solutions: dict[str, str] = {}

    def tracked(self) -> set[str]:
        """Name the files that a whole package has: what is in src, with what is in the folders that it links to."""
        listed = [line.split(maxsplit=3) for line in run("git", "ls-tree", "-r", "HEAD").splitlines()]
        links = {Path(path).name for mode, *_, path in listed if mode == "120000"}
        files = {path for mode, *_, path in listed if mode != "120000"}
        parts = {f"routegame/{path}" for path in files if path.split("/")[0] in links}
        return parts | {path.removeprefix("src/") for path in files if path.startswith("src/")}

    def build(self, tree: Path) -> list[Path]:
        """Build a wheel, and a source distribution with a wheel from that; return the wheels."""
        with timed(f"{tree.name}: built"):
            for way in ("--wheel",), ():
                folder = self.work / "wheels" / tree.name / ("directly" if way else "from-source")
                run(self.builder.python, "-m", "build", "--no-isolation", *way, "--outdir", folder, tree)
        return sorted((self.work / "wheels" / tree.name).glob("*/*.whl"))

    def with_links(self) -> None:
        """Install the wheel of a usual clone where there is nothing else."""
        wheel = self.build(self.normal)[0]
        for version in PYTHONS:
            python = interpreter(version)
            if python is None:
                print(f"packaging: skipped Python {version}, which is not here", flush=True)
            elif version != THIS:
                self.with_numpy_alone(wheel, version, python)
        with timed(f"python{THIS}: the wheel with its dependencies installed, solved, trained"):
            alone = Environment(self.work / f"python{THIS}")
            alone.install(wheel)
            self.solutions[alone.folder.name] = alone.solution()
            alone.train()

    def with_numpy_alone(self, wheel: Path, version: str, python: str) -> None:
        """Solve on another Python, with none of the libraries but NumPy."""
        with timed(f"python{version}: the wheel and NumPy installed, solved"):
            other = Environment(self.work / f"python{version}", python)
            other.install("--no-deps", "numpy", wheel)
            self.solutions[other.folder.name] = other.solution()
            if "solve" not in other.routegame("--help"):
                raise Failure(f"python{version}: routegame --help does not tell of solve")

    def without_links(self, tree: Path, way: list[str], tests: list[str]) -> None:
        """Install a tree without links, and use it."""
        self.build(tree)
        with timed(f"{' '.join(('pip install', *way, tree.name))}: all modules imported, solved, trained"):
            environment = Environment(self.work / f"{tree.name}-installed")
            environment.install("--no-deps", *way, tree)
            environment.borrow_libraries()
            environment.import_all(self.files, tree if "--editable" in way else environment.folder)
            self.solutions[tree.name] = environment.solution()
            environment.train()
        with timed(f"{tree.name}: {' '.join(tests)}"):
            run(environment.python, "-m", "pytest", "-m", "not slow", *tests, folder=tree)

    def compare(self) -> None:
        """Hold that all wheels are the same, and whole, and that all solutions are the same."""
        wheels = sorted(self.work.glob("wheels/*/*/*.whl"))
        for wheel in wheels:
            files = set(contents(wheel))
            if files != self.files:
                raise Failure(f"{wheel}: lacks {sorted(self.files - files)}, has besides {sorted(files - self.files)}")
            if contents(wheel) != contents(wheels[0]):
                raise Failure(f"{wheel} and {wheels[0]} differ")
        if len(set(self.solutions.values())) != 1:
            raise Failure(f"solve prints not everywhere the same: {self.solutions}")
        print(f"packaging: {len(wheels)} equal wheels; {len(self.solutions)} installations solve to the same bytes")


def interpreter(version: str) -> str | None:
    """Find a Python that runs; a shim of pyenv may not."""
    known = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python")
    for path in (shutil.which(f"python{version}"), *map(str, known)):
        if path and subprocess.run((path, "-c", ""), capture_output=True).returncode == 0:
            return path
    return None


def contents(wheel: Path) -> dict[str, str]:
    """Return the hash of every file of the package in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        lines = (line.rsplit(",", 2) for line in archive.read(record).decode().splitlines())
    return {name: digest for name, digest, _ in lines if name.startswith("routegame/")}


UNZIPPED = ("packaging", "public_face")
"""Tests that are run where the zip was unpacked."""


def main() -> None:
    """Take all steps, those of the three trees at the same time."""
    with timed("in all"), tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        with timed("trees and build tools made"):
            packaging = Packaging(Path(folder))
        without = packaging.without_links
        jobs = [
            pool.submit(packaging.with_links),
            pool.submit(
                without, packaging.linkless, [], ["tests/commands/test_widths.py", "tests/commands/test_train.py"]
            ),
            pool.submit(
                without, packaging.unzipped, ["--editable"], ["tests/test_packaging.py", "tests/test_public_face.py"]
            ),
        ]
        for job in jobs:
            job.result()
        packaging.compare()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"packaging: {failure}")

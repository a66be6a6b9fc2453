"""Where the packages lie. Everything else about the build is in pyproject.toml.

`src/routegame` links to the folders at the top. A checkout that cannot make links (Windows by default, a zip unpacked
by Python) has small text files in their place, which setuptools would pass over and build a package without its parts.
"""

from pathlib import Path

from setuptools import find_packages, setup


def layout(root: Path) -> tuple[list[str], dict[str, str]]:
    """Return `packages` and `package_dir` of a tree: where no link is followed, the folder at the top is named instead.

    The source distribution of a tree without links has neither links nor what stands in their place: there, folders at
    the top tell what the parts are.
    """
    home = root / "src" / "routegame"
    parts = {path.parent.name for path in root.glob("*/__init__.py")}
    for path in home.iterdir():
        if path.name.isidentifier() and not path.is_dir() and path.name not in parts:
            raise SystemExit(f"{path} is no folder and stands for none: there is no {path.name}/__init__.py at the top")
    apart = sorted(part for part in parts if not (home / part).is_dir())
    found = [name for part in apart for name in find_packages(str(root), include=(part, f"{part}.*"))]
    packages = find_packages(str(root / "src")) + [f"routegame.{name}" for name in found]
    return packages, {"": "src"} | {f"routegame.{part}": part for part in apart}


if __name__ == "__main__":
    packages, package_dir = layout(Path(__file__).parent)
    setup(packages=packages, package_dir=package_dir)

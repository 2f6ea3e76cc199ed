"""The lowest version of every package that pyproject.toml allows, one a line.

python ci/floors.py [EXTRA]... [--leave PACKAGE,PACKAGE]     those left out have no line
"""

import argparse
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def floors(project: dict, extras=(), leave=()) -> list[str]:
    """ "numpy==2.0", from "numpy>=2.0", of the dependencies and of these extras. """
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    found = {}
    for requirement in map(Requirement, wanted):
        low = [s.version for s in requirement.specifier if s.operator in (">=", "~=", "==")]
        if len(low) != 1:
            raise SystemExit(f"floors: {requirement} states no lowest version")
        found[canonicalize_name(requirement.name)] = low[0]
    return [f"{name}=={version}" for name, version in found.items() if name not in leave]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extras", nargs="*")
    parser.add_argument("--leave", default="", help="packages without a line, comma-separated")
    given = parser.parse_args()
    with open("pyproject.toml", "rb") as stream:
        print(*floors(tomllib.load(stream)["project"], given.extras, given.leave.split(",")),
              sep="\n")

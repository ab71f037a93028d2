"""Licences and duplicate versions of everything that a build on this machine compiles, with all features.

Reads what `cargo metadata` and `cargo tree` print. Ends with 1 and a list if a licence is not permissive or a crate is there twice without
a reason below.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict

# Licences that ask for no more than a notice.
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib",
}

# Crates of which several versions are compiled or locked, and what asks for the other one.
SEVERAL = {
    "getrandom": "ahash of parquet asks for 0.3, rand for 0.4",
    "hashbrown": "safetensors asks for 0.16, indexmap for 0.17",
    "miniz_oxide": "png asks for 0.8, flate2 for 0.9",
    "num-bigint": "py_literal of ndarray-npy, in tests alone, asks for 0.4, parquet for 0.5",
    "rustc-hash": "contour asks for 1",
    "syn": "derives of zerocopy and zeroize, below parquet and zip, ask for 2",
    "zip": "ndarray-npy, in tests alone, asks for 6, calamine for 9",
}


def is_permissive(expression):
    """Whether an SPDX expression can be met by permissive licences alone. `/` is an older spelling of OR."""
    tokens = re.findall(r"[()]|[^\s()/]+|/", expression)
    position = 0

    def alternatives():
        nonlocal position
        holds = conjunction()
        while position < len(tokens) and tokens[position] in ("OR", "/"):
            position += 1
            other = conjunction()
            holds = holds or other
        return holds

    def conjunction():
        nonlocal position
        holds = licence()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            other = licence()
            holds = holds and other
        return holds

    def licence():
        nonlocal position
        name = tokens[position]
        position += 1
        if name == "(":
            holds = alternatives()
            position += 1
            return holds
        if position < len(tokens) and tokens[position] == "WITH":
            name = f"{name} WITH {tokens[position + 1]}"
            position += 2
        return name in PERMISSIVE

    return alternatives()


def main():
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True)).group(1)
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features", "--filter-platform", host]
    packages = json.loads(subprocess.check_output(command, text=True))["packages"]
    # What is resolved for a feature of another platform is not compiled here.
    command = ["cargo", "tree", "--workspace", "--locked", "--all-features", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.check_output(command, text=True).splitlines()
    compiled = {tuple(line.split()[:2]) for line in lines if line}
    packages = [p for p in packages if (p["name"], f"v{p['version']}") in compiled]
    wrong = [
        f"{p['name']} {p['version']}: the licence {p['license']!r} is not known to be permissive"
        for p in packages
        if not is_permissive(p["license"] or "none")
    ]
    versions = defaultdict(set)
    for package in packages:
        versions[package["name"]].add(package["version"])
    several = {name: sorted(found) for name, found in versions.items() if len(found) > 1}
    wrong += [f"{name}: versions {', '.join(found)}" for name, found in several.items() if name not in SEVERAL]
    wrong += [f"{name} is listed in {__file__} and has one version" for name in SEVERAL if name not in several]
    print("\n".join(wrong) or f"{len(packages)} packages: licences are permissive, versions as listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

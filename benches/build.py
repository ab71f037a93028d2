"""What a user of the library waits for: crates with models, built by cargo against this tree, in a folder of their own.

usage: python3 benches/build.py [--json FILE] [--folder FOLDER] [ROW ...]
needs: cargo, and the registry's crates downloaded before (a build of this tree does that)

    first       the first release build of a crate with one model, no features, nothing built before
    one         one more MLP of three layers in release, trained with one objective
    one-esm     the same, compiled for that objective alone
    ten         ten such models of ten sizes in release
    ten-debug   the same in a debug build
    ten-esm     the same ten in release, compiled for that objective alone
    twenty      twenty layers of 8, all programs, release
    attention   attention over [6, 4], all programs, release
    depth       64 layers of 8 against 3, release
    main        a change of main.rs, release: two models stand in the package's library; `functions` of that library fit them

All rows but `first` build the library before, and a small model, which are not timed. Each prints wall and CPU seconds, those of
cargo and of all that it starts, and the lines of emitted Rust as `target/release/scorematch` counts them, which should be built
from the same tree (`cargo build --release -p scorematch-cli`). Settings that cargo and rustc read from
the environment hold (RUSTFLAGS, SCOREMATCH_INSTRUCTION_SETS), and FOLDER keeps what was built for the next run.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

FIT = """    let mut model: MODEL = MODEL::init(&mut rand::rng());
    let x = ndarray::Array2::from_elem((64, model.dim()), 0.5);
    println!("{}", scorematch::train::Trainer::new(scorematch::train::Objective::esm()).fit(&mut model, &x)?);
"""
# What the trainer does not call.
REST = """    println!("{} {}", model.hvp(&x, &x)?, model.energy(&x)?);
"""


def mlp(name, widths, dim=8):
    return f"pub {name}(x: [{dim}]) {{ mlp(x, {json.dumps(widths)}, silu) }}\n"


ATTENTION = """pub Attention(x: [6, 4]) {
    param q: [4, 4] = fan_in();
    param k: [4, 4] = fan_in();
    param v: [4, 4] = fan_in();
    let weights = softmax(0.5 * dot(dot(x, q), transpose(dot(x, k))), axis = 1);
    sum(dense(silu(dense(x + dot(weights, dot(x, v)), 8)), 1)) + 0.5 * norm_sq(x)
}
"""
SMALL = "pub Small(x: [2]) { 0.5 * norm_sq(x) }\n"
TEN = {f"Net{k}": mlp(f"Net{k}", [16 + 4 * k] * 3, k + 2) for k in range(10)}


def program(fits):
    body = "".join(FIT.replace("MODEL", model) for model in fits)
    return f"fn main() -> scorematch::Result<()> {{\n{body}    Ok(())\n}}\n"


def everything(model):
    return program([model]).replace("    Ok(())", REST + "    Ok(())")


def declared(specs):
    return f"scorematch::energy! {{\n{specs}}}\n"


class Crates:
    """One package, whose sources each row writes."""

    def __init__(self, folder):
        self.folder = folder
        self.sources = folder / "src"

    def write(self, main, library=None):
        self.sources.mkdir(parents=True, exist_ok=True)
        dependencies = f'scorematch = {{ path = {json.dumps(str(ROOT))} }}\nndarray = "0.17"\nrand = "0.10"\n'
        manifest = f'[package]\nname = "models"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\n{dependencies}'
        if not (self.folder / "Cargo.toml").exists():
            (self.folder / "Cargo.toml").write_text(manifest)
            # The versions that this tree is built with.
            shutil.copy(ROOT / "Cargo.lock", self.folder)
        for name, text in ("main.rs", main), ("lib.rs", library):
            file = self.sources / name
            if text is None:
                file.unlink(missing_ok=True)
            elif not file.exists() or file.read_text() != text:
                # Written only where it changed: cargo compares times.
                file.write_text(text)

    def build(self, profile="release"):
        """Wall and CPU seconds of a build."""
        flags = ["--release"] if profile == "release" else []
        environment = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(["cargo", "build", "-q", "--offline", *flags], cwd=self.folder, env=environment, check=True)
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"wall": round(wall, 2), "cpu": round(cpu, 2)}

    def ready(self, profile="release"):
        self.write(declared(SMALL) + program(["Small"]))
        self.build(profile)

    def model(self, specs, main, profile="release"):
        self.ready(profile)
        self.write(declared(specs) + main)
        return {**self.build(profile), "lines": lines(specs)}


def lines(specs):
    """Lines of Rust that models become, by the command line tool; none without it."""
    tool = ROOT / "target/release/scorematch"
    if not tool.exists():
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".energy") as file:
        file.write(specs)
        file.flush()
        printed = subprocess.run([tool, "inspect", "--stage", "rust", file.name], stdout=subprocess.PIPE, text=True, check=True)
    return len(printed.stdout.splitlines())


def first(crates):
    shutil.rmtree(crates.folder / "target", ignore_errors=True)
    net = mlp("Net", [64] * 3, 2)
    crates.write(declared(net) + program(["Net"]))
    return {"": {**crates.build(), "lines": lines(net)}}


def changed(crates, main, library):
    crates.write(main, library)
    crates.build()
    crates.write(main.replace("Ok(())\n}", 'println!("changed");\n    Ok(())\n}'), library)
    return crates.build()


def main_alone(crates):
    library = declared(mlp("One", [64] * 3) + mlp("Two", [32] * 3, 4))
    fits = program(["One", "Two"])
    functions = library + fits.replace("fn main()", "pub fn fit_both()")
    calls = "fn main() -> scorematch::Result<()> {\n    models::fit_both()?;\n    Ok(())\n}\n"
    return {
        "": changed(crates, "use models::{One, Two};\n" + fits, library),
        "functions": changed(crates, calls, functions),
    }


ROWS = {
    "first": first,
    "one": lambda crates: {"": crates.model(mlp("Net", [64] * 3, 2), program(["Net"]))},
    "one-esm": lambda crates: {"": crates.model("#[objectives(esm)] " + mlp("Net", [64] * 3, 2), program(["Net"]))},
    "ten": lambda crates: {"": crates.model("".join(TEN.values()), program(TEN))},
    "ten-debug": lambda crates: {"": crates.model("".join(TEN.values()), program(TEN), "debug")},
    "ten-esm": lambda crates: {"": crates.model("".join("#[objectives(esm)] " + spec for spec in TEN.values()), program(TEN))},
    "twenty": lambda crates: {"": crates.model(mlp("Net", [8] * 20), everything("Net"))},
    "attention": lambda crates: {"": crates.model(ATTENTION, everything("Attention"))},
    "depth": lambda crates: {str(n): crates.model(mlp("Net", [8] * n), program(["Net"])) for n in (3, 64)},
    "main": main_alone,
}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].split("\n")[0].removeprefix("usage: "))
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path, help="kept for the next run; a temporary one otherwise")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    args = parser.parse_args()
    for row in args.rows:
        if row not in ROWS:
            parser.error(f"no row {row}: {' '.join(ROWS)}")
    results = []
    with tempfile.TemporaryDirectory(prefix="scorematch-build-") as temporary:
        folder = (args.folder or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        crates = Crates(folder)
        print(f"{'row':16} {'wall s':>8} {'CPU s':>8} {'lines':>8}")
        for row in args.rows or ROWS:
            for part, seen in ROWS[row](crates).items():
                name = f"{row} {part}".strip()
                results.append({"row": name, **seen})
                count = seen.get("lines")
                print(f"{name:16} {seen['wall']:8.1f} {seen['cpu']:8.1f} {'-' if count is None else count:>8}", flush=True)
    if args.json:
        args.json.write_text(json.dumps({"builds": results}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""One training step (loss, gradient, Adam) here and in JAX and PyTorch, float32, on the same CPU or GPU, in turn.

usage: python benches/peers.py [--threads N] [--objective esm,ssm] [--peers NAME,...] [--rounds N] [--seconds S]
                               [--patience S] [--limit S] [--markdown FILE|-] [--device cuda [--products P]]
                               [--ours COMMAND] [SHAPE ...]
needs: pip install jax jaxlib optax folx numpy torch; torch.compile needs a C++ compiler

Shapes are those of `cargo bench --bench step` (all six unless named) and of `--bench shapes`, objectives esm, ssm, ssm_vr
and dsm, with one direction. First every loss is held against ours, at the same parameters, data and directions: 1e-4 of it,
or the peer is not timed. Then scorematch and every peer run by turns, S seconds each, N rounds; the table has medians over the
rounds, and ratios against the fastest peer. A peer that has no number says why: it failed, was not ready after
--patience seconds, or takes more than --limit seconds a step (then its one step after the first is given).

    jax-hessian              jax.hessian, traced            torch-loop                D backward passes
    jax-scan                 a scan of D jvps of the grad   torch-hessian             torch.func.hessian under vmap
    jax-folx                 the forward Laplacian          torch-products-compiled   D jvps of the grad under vmap, compiled
    jax (ssm, ssm_vr, dsm)   forward over reverse           torch                     reverse over reverse, eager
    -compiled: torch.compile of the same                    torch-compiled            reverse over reverse, compiled

Steps in JAX are one compiled function; those in PyTorch use the fused Adam.

With --device cuda, the shapes are those of tests/cuda/benches/steps.rs, which COMMAND runs once (such as "./steps cuda:0": it is
built elsewhere); its losses are not held against the peers'. --products says how those round: 3xtf32, to float32 (for
scorematch three TF32 products), or tf32. Peers do many steps between two looks at the clock, as scorematch does there.
"""
import argparse
import functools
import importlib.metadata
import json
import os
import pathlib
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile

from peer.worker import PEERS, Failed, Worker

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIX = ["2,64,128", "2,128,128", "10,128,128", "50,128,128", "200,128,128", "784,128,128"]
ON_GPU = ["2,64,128", "10,128,128", "50,128,1024", "200,128,1024", "784,128,1024", "128,256,8192"]
# Agreement of losses, of their size or of 1 if they are smaller: they are differences of terms of size 1.
AGREE = 1e-4


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--objective", default="esm,ssm")
    parser.add_argument("--peers", default="", help="all unless named; 'jax*' names all that begin so")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="a round and peer")
    parser.add_argument("--patience", type=float, default=120, help="until a peer has compiled and done two steps")
    parser.add_argument("--limit", type=float, default=5, help="a step")
    parser.add_argument("--markdown", help="where the tables go as Markdown, - for the screen")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--products", choices=["3xtf32", "tf32"], default="3xtf32")
    parser.add_argument("--ours", default="", help="what prints scorematch's times, on a GPU")
    parser.add_argument("shapes", nargs="*")
    args = parser.parse_args()
    args.objectives = args.objective.split(",")
    for objective in args.objectives:
        if objective not in PEERS:
            parser.error(f"no objective {objective}: {' '.join(PEERS)}")
    known = sorted(set(sum(PEERS.values(), [])))
    wanted = [name for name in args.peers.split(",") if name]
    for name in wanted:
        if not any(fits(peer, name) for peer in known):
            parser.error(f"no peer {name}: {' '.join(known)}")
    args.names = [peer for peer in known if not wanted or any(fits(peer, name) for name in wanted)]
    args.shapes = args.shapes or (SIX if args.device == "cpu" else ON_GPU)
    if (args.device == "cpu") != (not args.ours):
        parser.error("--device cuda and --ours go together")
    return args


def fits(peer, name):
    return peer.startswith(name[:-1]) if name.endswith("*") else peer == name


def hold_threads(threads):
    """This process and its children on as many processors; libraries with as many threads."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    # Kernels of a processor that this one may not be, for a library that nothing here times.
    os.environ.pop("OPENBLAS_CORETYPE", None)


def bench(shape):
    return "step" if shape in SIX else "shapes"


def ours(args, shape, objective):
    """What `cargo bench` writes of one case."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = ["cargo", "bench", "-q", "--bench", bench(shape), "--", "--json", file.name, "--threads", str(args.threads)]
        command += ["--objective", objective, "--seconds", str(args.seconds), shape]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (step,) = json.load(file)["steps"]
        return step


def ours_on_gpu(args):
    """What `steps` prints of every case, with the products asked for, as `ours` gives one."""
    printed = subprocess.run(shlex.split(args.ours), check=True, stdout=subprocess.PIPE, text=True).stdout
    cases = {}
    for line in printed.splitlines():
        who, *said = line.split()
        if who == "scorematch" and said[1] == args.products:
            cases[",".join(said[2:5]), said[0]] = {"us": float(said[5]), "fraction": None, "loss": None}
    return cases


def prepare(args, workers, shape, objective, loss):
    """The peers that are ready and right, and the seconds of a step of those that are too slow for rounds."""
    ready, slow = [], {}
    for name in PEERS[objective]:
        if name not in args.names:
            continue
        worker = workers.setdefault(name, Worker(name, args.device, args.products))
        try:
            made = worker.make(objective, shape, args.patience)
            if loss is not None and not abs(made["loss"] - loss) <= AGREE * max(1, abs(loss)):
                raise Failed(f"its loss is {made['loss']:.6}, here it is {loss:.6}")
        except Failed as failed:
            print(f"  {name} is left out: {failed}", flush=True)
            continue
        if made["seconds"] > args.limit:
            print(f"  {name} takes {made['seconds']:.1f} s a step, and was timed once", flush=True)
            slow[name] = made["seconds"]
        else:
            ready.append(worker)
    return ready, slow


def case(args, workers, shape, objective, ours):
    """Medians of one shape and objective: ours, its fraction of peak, and the peers' by name; µs."""
    print(f"{shape} {objective}", flush=True)
    ready, slow = prepare(args, workers, shape, objective, ours()["loss"])
    mine, theirs = [], {worker.name: [] for worker in ready}
    for _ in range(args.rounds):
        mine.append(ours())
        for worker in list(ready):
            try:
                theirs[worker.name].append(worker.time(args.seconds, args.patience))
            except Failed as failed:
                print(f"  {worker.name} is left out: {failed}", flush=True)
                ready.remove(worker)
                del theirs[worker.name]
    us = statistics.median(step["us"] for step in mine)
    fraction = None if mine[0]["fraction"] is None else statistics.median(step["fraction"] for step in mine)
    peers = {name: statistics.median(times) * 1e6 for name, times in theirs.items()}
    peers |= {name: seconds * 1e6 for name, seconds in slow.items()}
    peers = dict(sorted(peers.items(), key=lambda peer: peer[1]))
    print(f"  scorematch {us:.1f} µs, {part(fraction)} of peak")
    for name, time in peers.items():
        print(f"  {name} {time:.1f} µs, {time / us:.1f}×{' (one step)' if name in slow else ''}", flush=True)
    return us, fraction, peers


def versions(names):
    """Versions of the libraries that the peers of these names need; a peer whose library is missing is left out later."""
    wanted = ["jax", "folx"] if any(name.startswith("jax") for name in names) else []
    wanted += ["torch"] if any(name.startswith("torch") for name in names) else []
    found = {}
    for library in wanted:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "not installed"
    return found


def part(fraction):
    return "–" if fraction is None else f"{fraction:.2f}"


def tables(args, results):
    """The tables in Markdown: ratios against the best peer, then all peers."""
    lines = ["| D,H,B | objective | µs | of peak | best peer | its µs | ratio |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for (shape, objective), (us, fraction, peers) in results.items():
        best = next(iter(peers), None)
        rest = f"{best} | {peers[best]:.1f} | {peers[best] / us:.1f}×" if best else "– | – | –"
        lines.append(f"| {shape} | {objective} | {us:.1f} | {part(fraction)} | {rest} |")
    for objective in args.objectives:
        names = [name for name in PEERS[objective] if name in args.names]
        lines += ["", f"| {objective}, µs | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
        for shape in args.shapes:
            if (shape, objective) not in results:
                continue
            peers = results[shape, objective][2]
            cells = (f"{peers[name]:.0f}" if name in peers else "–" for name in names)
            lines.append(f"| {shape} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    if args.device == "cpu":
        for target in sorted({bench(shape) for shape in args.shapes}):
            subprocess.run(["cargo", "bench", "-q", "--bench", target, "--no-run"], cwd=ROOT, check=True)
        hold_threads(args.threads)
    else:
        on_gpu = ours_on_gpu(args)
    print(f"medians of {args.rounds} rounds, {args.threads} threads; {versions(args.names)}")
    workers, results = {}, {}
    try:
        for shape in args.shapes:
            for objective in args.objectives:
                if args.device == "cpu":
                    mine = functools.partial(ours, args, shape, objective)
                elif (shape, objective) in on_gpu:
                    mine = functools.partial(on_gpu.get, (shape, objective))
                else:
                    print(f"{shape} {objective}: {args.ours} has no such case")
                    continue
                results[shape, objective] = case(args, workers, shape, objective, mine)
    finally:
        for worker in workers.values():
            worker.end()
        # Also of a run that was interrupted.
        text = tables(args, results)
        if args.markdown and args.markdown != "-":
            pathlib.Path(args.markdown).write_text(text)
        else:
            print(text, end="")


if __name__ == "__main__":
    main()

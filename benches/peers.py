"""One training step (loss, gradient, Adam) here and in JAX, float32, on the same CPU, in turn.

usage: python benches/peers.py [--rounds N] [--seconds S] [D,H,B ...]
needs: pip install jax jaxlib optax folx numpy

Runs `cargo bench --bench step` and the same network in JAX alternately, N times each, and prints the medians and their
ratio. ESM = mean(0.5|grad E|^2 - laplacian E), in JAX with the Laplacian by folx (forward Laplacian); SSM with one
Rademacher direction, in JAX by forward over reverse.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import folx
import jax
import jax.numpy as jnp
import numpy as np
import optax

parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seconds", type=float, default=0.5, help="a round, shape and objective")
parser.add_argument("shapes", nargs="*")
args = parser.parse_args()
shapes = args.shapes or ["2,64,128", "2,128,128", "10,128,128", "50,128,128", "200,128,128", "784,128,128"]


def init(key, d, h):
    sizes, params = [d, h, h, h, 1], []
    for m, n in zip(sizes, sizes[1:]):
        key, sub = jax.random.split(key)
        params.append((jax.random.normal(sub, (m, n)) / np.sqrt(m), jnp.zeros(n)))
    return params


def energy(params, x):
    for w, b in params[:-1]:
        x = jax.nn.silu(x @ w + b)
    return (x @ params[-1][0] + params[-1][1])[0]


def esm(params, x, key):
    def one(y):
        r = folx.forward_laplacian(lambda z: energy(params, z), 0)(y)
        g = r.jacobian.dense_array.reshape(-1)
        return 0.5 * g @ g - r.laplacian
    return jax.vmap(one)(x).mean()


def ssm(params, x, key):
    v = jax.random.rademacher(key, x.shape, dtype=jnp.float32)

    def one(y, w):
        g, h = jax.jvp(lambda z: jax.grad(energy, 1)(params, z), (y,), (w,))
        return 0.5 * (g @ w) ** 2 - w @ h
    return jax.vmap(one)(x, v).mean()


class JaxStep:
    """A compiled step, warmed up."""

    def __init__(self, loss, d, h, b):
        key = jax.random.PRNGKey(0)
        x = jax.random.normal(key, (b, d))
        optimizer = optax.adam(1e-3)

        @jax.jit
        def step(params, state, key):
            key, sub = jax.random.split(key)
            value, gradient = jax.value_and_grad(loss)(params, x, sub)
            updates, state = optimizer.update(gradient, state)
            return optax.apply_updates(params, updates), state, key, value

        params = init(key, d, h)
        self.step, self.state = step, [params, optimizer.init(params), key]
        for _ in range(3):
            self.one()

    def one(self):
        start = time.perf_counter()
        *self.state, value = self.step(*self.state)
        value.block_until_ready()
        return time.perf_counter() - start

    def median_us(self, seconds):
        times, start = [], time.perf_counter()
        while time.perf_counter() - start < seconds or len(times) < 5:
            times.append(self.one())
        return float(np.median(times)) * 1e6


def ours(shape):
    """Microseconds of a step by objective, on all threads, and the fractions of peak."""
    root = pathlib.Path(__file__).resolve().parent.parent
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = ["cargo", "bench", "-q", "--bench", "step", "--", "--threads", "0", "--seconds", str(args.seconds)]
        subprocess.run(command + ["--json", file.name, shape], cwd=root, check=True, stdout=subprocess.DEVNULL)
        return {s["objective"]: (s["us"], s["fraction"]) for s in json.load(file)["steps"]}


subprocess.run(["cargo", "bench", "-q", "--bench", "step", "--no-run"], cwd=pathlib.Path(__file__).resolve().parent, check=True)
print(f"median µs of {args.rounds} alternations, all threads")
print("objective  D,H,B         scorematch  of peak       jax  ratio")
for shape in shapes:
    d, h, b = map(int, shape.split(","))
    steps = {"esm": JaxStep(esm, d, h, b), "ssm": JaxStep(ssm, d, h, b)}
    mine, theirs = {"esm": [], "ssm": []}, {"esm": [], "ssm": []}
    for _ in range(args.rounds):
        for name, timing in ours(shape).items():
            mine[name].append(timing)
        for name, step in steps.items():
            theirs[name].append(step.median_us(args.seconds))
    for name in steps:
        us, fraction = np.median(np.array(mine[name]), axis=0)
        jax_us = np.median(theirs[name])
        print(f"{name:9}  {shape:12}  {us:10.1f}  {fraction:7.2f}  {jax_us:8.1f}  {jax_us / us:5.1f}", flush=True)

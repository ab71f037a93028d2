"""One training step (loss, gradient, Adam) of the same network in JAX on the CPU, float32.

usage: python benches/peers.py [--budget SECONDS] [D,H,B ...]
needs: pip install jax jaxlib optax folx numpy
Prints: peer objective D H B median_us. ESM = mean(0.5|grad E|^2 - laplacian E), the Laplacian by folx (forward
Laplacian); SSM with one Rademacher direction by forward-over-reverse.
"""
import argparse
import time
import folx
import jax
import jax.numpy as jnp
import numpy as np
import optax

parser = argparse.ArgumentParser()
parser.add_argument("--budget", type=float, default=2.0)
parser.add_argument("shapes", nargs="*")
args = parser.parse_args()
shapes = [tuple(map(int, s.split(","))) for s in args.shapes] or [
    (2, 64, 128), (2, 128, 128), (10, 128, 128), (50, 128, 128), (200, 128, 128), (784, 128, 128)]


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


for d, h, b in shapes:
    key = jax.random.PRNGKey(0)
    x = jax.random.normal(key, (b, d))
    optimizer = optax.adam(1e-3)
    for peer, name, loss in (("jax-folx", "esm", esm), ("jax", "ssm", ssm)):
        params = init(key, d, h)

        @jax.jit
        def step(params, state, key):
            key, sub = jax.random.split(key)
            value, gradient = jax.value_and_grad(loss)(params, x, sub)
            updates, state = optimizer.update(gradient, state)
            return optax.apply_updates(params, updates), state, key, value

        s = [params, optimizer.init(params), key]
        times, start = [], None
        for i in range(100000):
            t = time.perf_counter()
            *s, value = step(*s)
            value.block_until_ready()
            if i < 3:
                start = time.perf_counter()
                continue
            times.append(time.perf_counter() - t)
            if time.perf_counter() - start > args.budget and len(times) >= 5:
                break
        print(peer, name, d, h, b, f"{np.median(times) * 1e6:.1f}", flush=True)

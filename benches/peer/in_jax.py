"""Training steps in JAX, each compiled as one function of parameters, optimiser state and key."""
import folx
import jax
import jax.numpy as jnp
import optax

from .network import RATE, SIGMA


def settle(device, products):
    """Where steps run, and how products round there: as float32, or as TF32."""
    jax.config.update("jax_platforms", device)
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if products == "tf32" else "highest")


def energy(params, x, residual):
    """One sample's energy."""
    *layers, (weight, bias) = params["layers"]
    h = x
    for i, (w, b) in enumerate(layers):
        out = jax.nn.silu(h @ w + b)
        h = h + out if residual and i > 0 else out
    e = (h @ weight + bias)[0]
    return e + 0.5 * jnp.exp(params["log_k"]) * (x @ x) if residual else e


def by_hessian(f, x):
    """Score and Laplacian by the whole Hessian."""
    return jax.grad(f)(x), jnp.trace(jax.hessian(f)(x))


def by_scan(f, x):
    """Score and Laplacian by Hessian-vector products, one direction after the other."""
    gradient, along = jax.linearize(jax.grad(f), x)
    total, _ = jax.lax.scan(lambda total, e: (total + along(e) @ e, None), 0.0, jnp.eye(x.size))
    return gradient, total


def by_folx(f, x):
    """Score and Laplacian by the forward Laplacian."""
    result = folx.forward_laplacian(f, 0)(x)
    return result.jacobian.dense_array.reshape(-1), result.laplacian


def exact(laplacian):
    def loss(f, x, v):
        gradient, trace = laplacian(f, x)
        return 0.5 * gradient @ gradient - trace
    return loss


def sliced(f, x, v):
    gradient, product = jax.jvp(jax.grad(f), (x,), (v,))
    return 0.5 * (gradient @ v) ** 2 - v @ product


def sliced_vr(f, x, v):
    gradient, product = jax.jvp(jax.grad(f), (x,), (v,))
    return 0.5 * gradient @ gradient - v @ product


def denoising(f, x, v):
    residue = SIGMA * jax.grad(f)(x + SIGMA * v) - v
    return 0.5 * residue @ residue


class Step:
    """A loss of one sample, f the energy, x the sample and v its direction, as a training step."""

    def __init__(self, loss, network, normal=False):
        self.x, self.signs = jnp.asarray(network.samples()), jnp.asarray(network.signs())
        layers = [(jnp.asarray(w.T), jnp.asarray(b)) for w, b in network.layers()]
        params = {"layers": layers, "log_k": jnp.zeros(())} if network.residual else {"layers": layers}
        optimizer = optax.adam(RATE)

        def mean(params, x, v):
            return jax.vmap(lambda x, v: loss(lambda y: energy(params, y, network.residual), x, v))(x, v).mean()

        def step(params, state, key, x):
            key, sub = jax.random.split(key)
            draw = jax.random.normal if normal else jax.random.rademacher
            v = draw(sub, x.shape, dtype=jnp.float32)
            value, gradient = jax.value_and_grad(mean)(params, x, v)
            updates, state = optimizer.update(gradient, state)
            return optax.apply_updates(params, updates), state, key, value

        self.mean, self.params = mean, params
        self.step = jax.jit(step, donate_argnums=(0, 1))
        # A copy, since the step takes over the buffers that it is given.
        self.state = [jax.tree.map(jnp.copy, params), optimizer.init(params), jax.random.key(0)]

    def loss(self):
        """The loss at the first parameters along the signs."""
        return float(jax.jit(self.mean)(self.params, self.x, self.signs))

    def one(self):
        """One step, begun."""
        *self.state, self.value = self.step(*self.state, self.x)

    def wait(self):
        """Until all steps are done."""
        self.value.block_until_ready()


PEERS = {
    "jax-hessian": {"esm": lambda network: Step(exact(by_hessian), network)},
    "jax-scan": {"esm": lambda network: Step(exact(by_scan), network)},
    "jax-folx": {"esm": lambda network: Step(exact(by_folx), network)},
    "jax": {
        "ssm": lambda network: Step(sliced, network),
        "ssm_vr": lambda network: Step(sliced_vr, network),
        "dsm": lambda network: Step(denoising, network, normal=True),
    },
}

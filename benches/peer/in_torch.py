"""Training steps in PyTorch: eager, and compiled where torch.compile can."""
import numpy as np
import torch
from torch.func import grad, grad_and_value, hessian, jvp, vmap
from torch.nn.functional import linear, silu

from .network import RATE, SIGMA

# Lets torch.compile take torch.autograd.grad as part of what it compiles.
torch._dynamo.config.trace_autograd_ops = True


def settle(device, products):
    """Where steps run, and how products round there: as float32, or as TF32."""
    Step.device = device
    torch.set_float32_matmul_precision("high" if products == "tf32" else "highest")


def energy(params, x, residual):
    """The energies of a batch, or of one sample. Parameters are weights and biases in turn, after the well's strength."""
    first = 1 if residual else 0
    h = x
    for i in range(first, len(params) - 2, 2):
        out = silu(linear(h, params[i], params[i + 1]))
        h = h + out if residual and i > first else out
    e = linear(h, params[-2], params[-1]).squeeze(-1)
    return e + 0.5 * torch.exp(params[0]) * (x * x).sum(-1) if residual else e


def derivative(y, x):
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


# Losses of a batch on the tape: the energy f, samples that require gradients, directions.


def loop(f, x, v):
    """Exact, by D backward passes."""
    score = derivative(f(x), x)
    trace = sum(derivative(score[:, i], x)[:, i] for i in range(x.shape[1]))
    return (0.5 * (score**2).sum(1) - trace).mean()


def sliced(f, x, v):
    slope = (derivative(f(x), x) * v).sum(1)
    return (0.5 * slope**2 - (derivative(slope, x) * v).sum(1)).mean()


def sliced_vr(f, x, v):
    score = derivative(f(x), x)
    return (0.5 * (score**2).sum(1) - (derivative((score * v).sum(1), x) * v).sum(1)).mean()


def denoising(f, x, v):
    noisy = x + SIGMA * v
    return 0.5 * ((SIGMA * derivative(f(noisy), noisy) - v) ** 2).sum(1).mean()


# The same as functions to be transformed, which torch.compile takes whole.


def by_hessian(f, x, v):
    def one(x):
        gradient = grad(f)(x)
        return 0.5 * gradient @ gradient - torch.einsum("ii->", hessian(f)(x))
    return vmap(one)(x).mean()


def by_products(f, x, v):
    """Exact, by all Hessian-vector products at once."""
    score = grad(lambda x: f(x).sum())

    def along(e):
        return jvp(score, (x,), (e.expand_as(x),))[1] @ e
    trace = vmap(along)(torch.eye(x.shape[1], device=x.device)).sum(0)
    return (0.5 * (score(x) ** 2).sum(1) - trace).mean()


def sliced_twice(f, x, v):
    def slope(x):
        slope = (grad(lambda x: f(x).sum())(x) * v).sum(1)
        return slope.sum(), slope
    product, slope = grad(slope, has_aux=True)(x)
    return (0.5 * slope**2 - (product * v).sum(1)).mean()


def sliced_vr_twice(f, x, v):
    def slope(x):
        score = grad(lambda x: f(x).sum())(x)
        return (score * v).sum(), score
    product, score = grad(slope, has_aux=True)(x)
    return (0.5 * (score**2).sum(1) - (product * v).sum(1)).mean()


def denoising_once(f, x, v):
    score = grad(lambda x: f(x).sum())(x + SIGMA * v)
    return 0.5 * ((SIGMA * score - v) ** 2).sum(1).mean()


# Gradients and value of a loss: by the tape, or by transforming it.


def taped(loss):
    def both(params, x, v):
        value = loss(params, x, v)
        # The last bias is in no derivative: zeros.
        return torch.autograd.grad(value, params, materialize_grads=True), value.detach()
    return both


def transformed(loss):
    both = grad_and_value(loss)
    return lambda params, x, v: both([param.detach() for param in params], x, v)


class Step:
    """A loss as a training step."""

    device = "cpu"

    def __init__(self, loss, network, way=taped, compiled=False, normal=False):
        torch.compiler.reset()
        arrays = [network.samples(), network.signs()]
        arrays += ([np.float32(0)] if network.residual else []) + [array for layer in network.layers() for array in layer]
        self.x, self.signs, *self.params = (torch.tensor(array, device=self.device) for array in arrays)
        for param in self.params:
            param.requires_grad_()
        self.x.requires_grad_(way is taped)
        self.optimizer = torch.optim.Adam(self.params, RATE, fused=True)
        self.normal = normal

        def mean(params, x, v):
            return loss(lambda x: energy(params, x, network.residual), x, v)

        self.both = way(mean)
        if compiled:
            # Whole, so that what it does not support is an error and no silent eager run.
            self.both = torch.compile(self.both, fullgraph=True)

    def loss(self):
        """The loss at the first parameters along the signs."""
        return float(self.both(self.params, self.x, self.signs)[1])

    def one(self):
        """One step, begun."""
        v = torch.empty(self.x.shape, device=self.device)
        v = v.normal_() if self.normal else v.bernoulli_().mul_(2).sub_(1)
        gradient, _ = self.both(self.params, self.x, v)
        for param, part in zip(self.params, gradient):
            param.grad = part
        self.optimizer.step()

    def wait(self):
        """Until all steps are done."""
        if self.x.is_cuda:
            torch.cuda.synchronize()


PEERS = {
    "torch-loop": {"esm": lambda network: Step(loop, network)},
    "torch-loop-compiled": {"esm": lambda network: Step(loop, network, compiled=True)},
    "torch-hessian": {"esm": lambda network: Step(by_hessian, network)},
    "torch-hessian-compiled": {"esm": lambda network: Step(by_hessian, network, transformed, compiled=True)},
    "torch-products-compiled": {"esm": lambda network: Step(by_products, network, transformed, compiled=True)},
    "torch": {
        "ssm": lambda network: Step(sliced, network),
        "ssm_vr": lambda network: Step(sliced_vr, network),
        "dsm": lambda network: Step(denoising, network, normal=True),
    },
    "torch-compiled": {
        "ssm": lambda network: Step(sliced_twice, network, transformed, compiled=True),
        "ssm_vr": lambda network: Step(sliced_vr_twice, network, transformed, compiled=True),
        "dsm": lambda network: Step(denoising_once, network, transformed, compiled=True, normal=True),
    },
}

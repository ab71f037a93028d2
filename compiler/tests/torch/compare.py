"""Compares emitted modules with the values of cases.json: `compare.py FOLDER TOLERANCE`."""

import importlib
import json
import math
import os
import sys

import safetensors.torch
import torch

folder, tolerance = sys.argv[1], float(sys.argv[2])
sys.path.insert(0, folder)
torch.manual_seed(1)
failures = []
worst = {"energy": (0.0, ""), "score": (0.0, ""), "laplacian": (0.0, "")}


def check(name, holds, what):
    if not holds:
        failures.append(f"{name}: {what}")


def distance(quantity, value, expected):
    """The largest difference, relative to the largest expected number. Derivatives are PyTorch's, which lose digits where
    they vanish, as 1 - tanh² does: for them 1 is large."""
    floor = 1e-300 if quantity == "energy" else 1.0
    return ((value - expected).abs().max() / expected.abs().max().clamp(min=floor)).item()


def module(case):
    loaded = importlib.import_module(case["file"].removesuffix(".py"))
    classes = [c for c in vars(loaded).values() if isinstance(c, type) and issubclass(c, torch.nn.Module)]
    return classes[0]()


def initial(name, model, params):
    """What parameters start with, before they are loaded."""
    state = model.state_dict()
    check(name, sorted(state) == sorted(p["name"] for p in params), f"names {list(state)}")
    for p in params:
        value, (kind, size) = state[p["name"]], p["init"]
        check(name, list(value.shape) == p["shape"], f"{p['name']} has shape {list(value.shape)}")
        check(name, value.dtype == torch.float32, f"{p['name']} is {value.dtype}")
        if kind == "constant":
            check(name, bool((value == torch.tensor(size)).all()), f"{p['name']} is not {size}")
        elif kind == "uniform":
            largest = value.abs().max().item()
            check(name, largest <= size * 1.000001, f"{p['name']} exceeds {size}")
            check(name, value.numel() < 100 or largest > 0.9 * size, f"{p['name']} stays far below {size}")
        elif value.numel() >= 20:
            check(name, 0.5 < value.std().item() / size < 1.6, f"{p['name']} deviates from {size}")


def compare(case):
    name = case["name"]
    model = module(case)
    initial(name, model, case["params"])
    state = {
        p["name"]: torch.tensor(p["values"], dtype=torch.float64).reshape(p["shape"]) for p in case["params"]
    }
    file = os.path.join(folder, "model.safetensors")
    safetensors.torch.save_file(state, file)
    model.double().load_state_dict(safetensors.torch.load_file(file))
    x = torch.tensor(case["x"], dtype=torch.float64).reshape(-1, case["dim"])
    found = {"energy": model(x), "score": model.score(x), "laplacian": model.laplacian(x)}
    for quantity, value in found.items():
        expected = torch.tensor(case[quantity], dtype=torch.float64).reshape(value.shape)
        error = distance(quantity, value, expected)
        if not error <= worst[quantity][0]:
            worst[quantity] = (error, name)
        check(name, error <= tolerance, f"{quantity} is {error:e} away: {value.tolist()}, not {expected.tolist()}")
    with torch.no_grad():
        for quantity in ("score", "laplacian"):
            value = getattr(model, quantity)(x)
            check(name, not value.requires_grad, f"{quantity} keeps a graph")
            error = distance(quantity, value, found[quantity].detach())
            check(name, error <= tolerance, f"{quantity} without a graph is {error:e} away")
    # Tables are in float64: the result must not be.
    check(name, model.float()(x.float()).dtype == torch.float32, "the energy in float32")
    check(name, model(x.float()[:0]).shape == (0,), "no samples")
    try:
        model(x.float()[:, 1:])
        check(name, False, "takes samples of another size")
    except ValueError:
        pass


def units():
    """Energy and score in the units of the data."""
    model = importlib.import_module("units").Units().double()
    mean = torch.tensor([1.5, -2e6, 0.0], dtype=torch.float64)
    std = torch.tensor([0.5, 3.0, 1e-4], dtype=torch.float64)
    z = torch.randn((5, 3), dtype=torch.float64)
    x = mean + std * z
    z = (x - mean) / std
    energy = model(z) + math.log(0.5) + math.log(3.0) + math.log(1e-4)
    check("units", torch.allclose(model.energy_in_data_units(x), energy, rtol=1e-14), "energy")
    check("units", torch.allclose(model.score_in_data_units(x), model.score(z) / std, rtol=1e-14), "score")
    single = model.float().energy_in_data_units(x.float())
    check("units", single.dtype == torch.float32 and "MEAN" not in model.state_dict(), "float32")


cases = json.load(open(os.path.join(folder, "cases.json")))
for case in cases:
    try:
        compare(case)
    except Exception as error:
        failures.append(f"{case['name']}: {type(error).__name__}: {error}")
units()
print(f"torch {torch.__version__}, {len(cases)} models")
for quantity, (error, name) in worst.items():
    print(f"{quantity}: at most {error:.1e}, of {name}")
print("\n".join(failures))
sys.exit(1 if failures else 0)

"""Writes table.txt: activations and three derivatives in 460 digits, by mpmath (pip install mpmath).

A line is the function, z (a single-precision number), and for each derivative the nearest double, what that lacks, and the
greatest magnitude of the derivative within 1 / (2 + 2|z|) of z.
"""

import mpmath as mp

mp.mp.dps = 460

def sigmoid(z):
    return 1 / (1 + mp.exp(-z))

def softplus(z):
    return mp.log1p(mp.exp(z))

FUNCTIONS = {
    "silu": lambda z: z * sigmoid(z),
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2,
    "mish": lambda z: z * mp.tanh(softplus(z)),
    "tanh": mp.tanh,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "log_sigmoid": lambda z: -softplus(-z),
    "logcosh": lambda z: mp.log(mp.cosh(z)),
    "erf": mp.erf,
    "gauss": lambda z: mp.exp(-z * z),
}
POINTS = [0.0625, 0.75, 1.5, 2.5, 4, 5, 8, 10, 13, 20, 26, 37.42994775023705, 40.410841513445845, 80, 345, 690]

def single(x):
    import struct
    return struct.unpack("f", struct.pack("f", x))[0]

def derivatives(f, z):
    """f and three derivatives, by differences whose step is far below the digits kept."""
    h = mp.mpf(10) ** -40
    a = {k: f(z + k * h) for k in (-2, -1, 0, 1, 2)}
    return [
        a[0],
        (a[1] - a[-1]) / (2 * h),
        (a[1] - 2 * a[0] + a[-1]) / h**2,
        (a[2] - 2 * a[1] + 2 * a[-1] - a[-2]) / (2 * h**3),
    ]

with open("table.txt", "w") as out:
    for name, f in FUNCTIONS.items():
        for x in sorted([-single(p) for p in POINTS] + [single(p) for p in POINTS]):
            z, h = mp.mpf(x), 1 / mp.mpf(2 + 2 * abs(x))
            near = [derivatives(f, z + k * h / 2) for k in (-2, 0, 2)]
            fields = [name, repr(x)]
            for k in range(4):
                exact = near[1][k]
                scale = max(abs(n[k]) for n in near)
                double = float(exact)
                fields += [repr(double), "%.3e" % float(exact - mp.mpf(double)), "%.3e" % float(scale)]
            out.write(" ".join(fields) + "\n")

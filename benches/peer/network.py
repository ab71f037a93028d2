"""A network by its name, as benches/step and benches/shapes name it, with the parameters it starts from."""
import numpy as np

from . import numbers

# So small that thousands of steps on one batch change nothing, as in benches/measure/step.rs.
RATE = 1e-7
# The noise level of denoising.
SIGMA = 0.1


class Network:
    """D,H,B: three SiLU layers of H; D-H1-...-Hk,B: these layers; residual:D,H,B: an entry, two residual blocks and a well."""

    def __init__(self, name):
        self.name = name
        kind, _, sizes = name.rpartition(":")
        self.residual = kind == "residual"
        *widths, batch = sizes.split(",")
        if len(widths) == 1:
            hidden = [int(width) for width in widths[0].split("-")]
        else:
            hidden = [int(widths[0])] + 3 * [int(widths[1])]
        self.dim, self.batch = hidden[0], int(batch)
        self.widths = hidden + [1]

    def layers(self):
        """Weights [out, in] and biases [out], in order of declaration: weights of variance 1 / in, biases 0."""
        # The well's strength is declared before the layers, and is 0.
        layers, offset = [], 1 if self.residual else 0
        for m, n in zip(self.widths, self.widths[1:]):
            weight = numbers.spread(offset, (n, m)) / m**0.5
            layers.append((weight.astype(np.float32), np.zeros(n, np.float32)))
            offset += n * m + n
        return layers

    def samples(self):
        return numbers.samples(self.batch, self.dim)

    def signs(self):
        return numbers.signs(self.batch, self.dim)

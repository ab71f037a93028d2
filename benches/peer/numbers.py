"""Numbers that a benchmark starts from: entry k of a stream is SplitMix64 of k, as in benches/measure/numbers.rs, so that a
loss of a peer can be held against the one computed there."""
import numpy as np

DATA = 1 << 40
DIRECTIONS = 2 << 40


def uniform(start, shape):
    """Entries from `start` on, uniform in [0, 1)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = (np.arange(start + 1, start + 1 + count, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64).reshape(shape) / 2**53


def spread(start, shape):
    """Entries from `start` on, uniform with mean 0 and variance 1."""
    return (2 * uniform(start, shape) - 1) * 3**0.5


def samples(batch, dim):
    """Data of variance 1."""
    return spread(DATA, (batch, dim)).astype(np.float32)


def signs(batch, dim):
    """One direction of signs a sample; denoising takes them as its noise."""
    return np.where(uniform(DIRECTIONS, (batch, dim)) < 0.5, -1, 1).astype(np.float32)

//! Replacements for functions of other libraries that this language does not have.

/// Names of functions in PyTorch, JAX and NumPy, and an equivalent, or the reason why there is none.
const RECIPES: &[(&[&str], &str)] = &[
    (
        &["max", "amax"],
        "there is no maximum, which has kinks: `logsumexp(k * a) / k` is a smooth one, sharper for larger k",
    ),
    (
        &["min", "amin"],
        "there is no minimum, which has kinks: `-logsumexp(-k * a) / k` is a smooth one, sharper for larger k",
    ),
    (
        &["maximum", "fmax"],
        "there is no maximum, which has a kink: `b + softplus(k * (a - b)) / k` is a smooth one, sharper for larger k",
    ),
    (
        &["minimum", "fmin"],
        "there is no minimum, which has a kink: `b - softplus(k * (b - a)) / k` is a smooth one, sharper for larger k",
    ),
    (
        &["argmax", "argmin", "sort", "argsort", "topk"],
        "entries cannot be chosen by their values: `softmax(k * a)` weighs them smoothly",
    ),
    (
        &["sign", "sgn", "heaviside"],
        "there are no jumps: `tanh(k * z)` is a smooth sign, `sigmoid(k * z)` a smooth step",
    ),
    (
        &["normalize"],
        "write `x / sqrt(norm_sq(x) + 1e-12)`, or `norm_sq(x, axis = -1, keep = true)` for every row",
    ),
    (
        &["norm", "vector_norm"],
        "the norm is `sqrt(norm_sq(a) + 1e-12)`; without the small number it has a kink at 0. `norm_sq(a)` is its square",
    ),
    (
        &["cosh"],
        "write `0.5 * (exp(z) + exp(-z))`; its logarithm is `logcosh(z)`",
    ),
    (&["sinh"], "write `0.5 * (exp(z) - exp(-z))`"),
    (&["tan"], "write `sin(z) / cos(z)`"),
    (&["exp2"], "write `exp(0.6931471805599453 * z)`"),
    (&["expm1"], "write `exp(z) - 1`"),
    (&["log2"], "write `log(z) / 0.6931471805599453`"),
    (&["log10"], "write `log(z) / 2.302585092994046`"),
    (&["rsqrt"], "write `pow(z, -0.5)`"),
    (&["reciprocal"], "write `1 / z`"),
    (&["hypot"], "write `sqrt(sq(a) + sq(b))`"),
    (
        &[
            "asin", "acos", "atan", "atan2", "arcsin", "arccos", "arctan", "arctan2", "asinh",
            "acosh", "atanh",
        ],
        "there are no inverse trigonometric functions: work with `sin` and `cos`, or with coordinates",
    ),
    (
        &["clamp", "clip"],
        "there is no clipping, which has kinks: `low + (high - low) * sigmoid(z)` stays between two bounds",
    ),
    (
        &[
            "relu6",
            "elu",
            "selu",
            "celu",
            "hardtanh",
            "hardswish",
            "hardsigmoid",
            "prelu",
            "rrelu",
            "threshold",
            "softshrink",
        ],
        "its second derivative jumps, which exact score matching cannot see: use `softplus`, `silu` or `tanh`",
    ),
    (
        &["softsign"],
        "it has a kink in its second derivative: use `tanh`",
    ),
    (
        &["cond", "select", "lt", "gt", "piecewise", "masked_fill"],
        "there are no conditions: `let g = sigmoid(k * (z - c));` and `g * a + (1 - g) * b` blend smoothly",
    ),
    (
        &[
            "conv", "conv1d", "conv2d", "conv3d", "Conv1d", "Conv2d", "Conv3d", "convolve",
        ],
        "there are no convolutions: take the patches and use one layer for all of them, \
         `dense(reshape(gather(x, [0, 1, 2, 1, 2, 3], axis = 0), [2, 3]), channels)`",
    ),
    (
        &[
            "max_pool",
            "max_pool1d",
            "max_pool2d",
            "MaxPool2d",
            "avg_pool1d",
            "avg_pool2d",
            "AvgPool2d",
        ],
        "there are no pools: `reshape` the windows to an axis of their own, then `mean` along it",
    ),
    (
        &["einsum", "tensordot"],
        "write `dot(a, b)` with `transpose`, or broadcast and add: `sum(reshape(a, [4, 1]) * b, axis = 0)`",
    ),
    (&["outer"], "write `reshape(a, [n, 1]) * b`"),
    (
        &["cross"],
        "write its components with `concat` of products of slices, such as `a[1..2] * b[2..3] - a[2..3] * b[1..2]`",
    ),
    (
        &["layer_norm", "LayerNorm", "rms_norm"],
        "write `let c = h - mean(h, axis = -1, keep = true);` and `c / sqrt(mean(sq(c), axis = -1, keep = true) + 1e-5)`",
    ),
    (
        &["batch_norm", "BatchNorm1d", "BatchNorm2d", "vmap"],
        "there is no batch axis: a spec describes one sample",
    ),
    (
        &["dropout", "Dropout"],
        "an energy is one formula without chance: leave it out",
    ),
    (&["var"], "write `mean(sq(a - mean(a)))`"),
    (&["std"], "write `sqrt(mean(sq(a - mean(a))))`"),
    (
        &["prod", "product"],
        "for entries above 0 write `exp(sum(log(a)))`",
    ),
    (
        &["diff"],
        "write the difference of slices, `x[1..] - x[..-1]`",
    ),
    (
        &["cumprod"],
        "for entries above 0 write `exp(cumsum(log(a)))`",
    ),
    (
        &[
            "det", "logdet", "slogdet", "inv", "inverse", "solve", "cholesky", "svd", "eig",
            "eigh", "qr",
        ],
        "there is no linear algebra beyond `dot`: use the factor itself as the parameter, such as L of a precision LLᵀ \
         with `norm_sq(dot(x - mu, l))`",
    ),
    (
        &["arange", "linspace", "range"],
        "write the numbers as a list, `[0, 1, 2]`; a loop is `for i in 0..3 { … }`",
    ),
    (
        &["eye", "tril", "triu", "diag"],
        "write a constant matrix as a list of lists, `[[1, 0], [0, 1]]`; a diagonal acts as `d * x`",
    ),
    (
        &["squeeze", "unsqueeze", "expand_dims"],
        "use `reshape(a, […])`",
    ),
    (
        &["expand", "repeat", "tile", "broadcast_to"],
        "shapes broadcast by themselves: an axis of length 1 is repeated",
    ),
    (
        &["Sequential", "Module"],
        "write `mlp(x, [64, 64], silu)`, or a line `let h = silu(dense(h, 64));` for each layer",
    ),
    (
        &["Parameter"],
        "declare it: `param w: [3, 2] = normal(0.1);`",
    ),
    (
        &["grad", "jacobian", "hessian", "laplacian", "backward"],
        "an energy is written without derivatives: the compiler makes them",
    ),
    (
        &["detach", "stop_gradient"],
        "there is none: everything is differentiated",
    ),
    (
        &[
            "float", "int", "cast", "astype", "asarray", "array", "tensor",
        ],
        "numbers have no types: write the number or the list itself",
    ),
];

/// Names of values in other languages, and their replacements.
const NAMES: &[(&[&str], &str)] = &[
    (&["True", "False"], "booleans are `true` and `false`"),
    (
        &["None", "null"],
        "there is none: leave the option or argument out",
    ),
    (
        &["inf", "nan", "Infinity", "NaN", "INFINITY", "NAN"],
        "constants are finite numbers",
    ),
    (
        &["newaxis"],
        "use `reshape(a, […])` with a 1 where the axis goes",
    ),
];

/// Names of modules through which other languages call functions.
const MODULES: &[&str] = &[
    "torch",
    "np",
    "numpy",
    "jnp",
    "jax",
    "tf",
    "math",
    "nn",
    "F",
    "functional",
    "scipy",
    "special",
    "linalg",
    "lax",
];

fn find(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(words, _)| words.contains(&word))
        .map(|r| r.1)
}

/// The replacement for a call of a function with this name.
pub(super) fn call(word: &str) -> Option<&'static str> {
    find(RECIPES, word)
}

/// The replacement for a value with this name.
pub(super) fn name(word: &str) -> Option<&'static str> {
    find(NAMES, word).or_else(|| find(RECIPES, word))
}

pub(super) fn is_module(word: &str) -> bool {
    MODULES.contains(&word)
}

#[cfg(test)]
mod tests {
    /// A recipe for an existing function, or a second recipe for a name, would never be used.
    #[test]
    fn recipes_are_for_what_is_missing() {
        let words: Vec<&str> = super::RECIPES.iter().flat_map(|r| r.0).copied().collect();
        for (i, word) in words.iter().enumerate() {
            assert!(super::super::builtin::find(word).is_none(), "{word}");
            assert!(!words[..i].contains(word), "{word}");
        }
    }
}

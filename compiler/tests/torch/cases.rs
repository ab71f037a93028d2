//! The specs of the comparison.

use scorematch_compiler::Sizes;
use std::path::{Path, PathBuf};

/// A spec, and the samples that it is evaluated at: `center` ± `reach`.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) sizes: Sizes,
    pub(crate) center: f64,
    pub(crate) reach: f64,
}

impl Case {
    fn new(name: &str, source: &str) -> Case {
        Case {
            name: name.to_string(),
            source: source.to_string(),
            sizes: Sizes::new(),
            center: 0.0,
            reach: 1.0,
        }
    }
}

/// Every spec file of the tree, and formulas of all functions of the language.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = files().iter().map(|file| of_file(file)).collect();
    for formula in ELEMENTWISE {
        for (center, reach) in [
            (0.0, 1.0),
            (0.0, 30.0),
            (0.0, 1e-6),
            (8.0, 1.0),
            (-8.0, 1.0),
        ] {
            let source = format!("pub M(x: [3]) {{ param w: [3]; sum({formula} * w) }}");
            let case = Case::new(&format!("{formula} at {center} ± {reach}"), &source);
            cases.push(Case {
                center,
                reach,
                ..case
            });
        }
    }
    for formula in POSITIVE {
        let source = format!("pub M(x: [3]) {{ param w: [3]; sum({formula} * w) }}");
        cases.push(Case {
            center: 1.5,
            ..Case::new(formula, &source)
        });
    }
    for formula in ARRAYS {
        cases.push(Case::new(
            formula,
            &format!("pub M(x: [2, 3]) {{ {formula} }}"),
        ));
    }
    cases.extend(SPECS.map(|source| Case::new(source, source)));
    let mut free = Case::new(
        "free sizes",
        "pub Free(x: [N, D]) { param w: [D, 2]; sum(sq(dot(x, w))) / N }",
    );
    free.sizes = [("N".to_string(), 4), ("D".to_string(), 3)]
        .into_iter()
        .collect();
    cases.push(free);
    cases
}

fn of_file(file: &Path) -> Case {
    let source = std::fs::read_to_string(file).expect("the file can be read");
    let name = file
        .file_stem()
        .expect("files have names")
        .to_string_lossy();
    Case::new(&name, &source)
}

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "../tests/specs",
        "../cli/specs",
        "../tests/families",
        "tests/golden",
    ];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("the folder is there"))
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "energy"))
        .collect();
    files.sort();
    files
}

/// Functions of any number.
const ELEMENTWISE: [&str; 26] = [
    "silu(x)",
    "tanh(x)",
    "softplus(x)",
    "softplus(-x)",
    "gelu(x)",
    "mish(x)",
    "sigmoid(x)",
    "log_sigmoid(x)",
    "log_sigmoid(2 - 3 * x)",
    "logcosh(x)",
    "sin(x)",
    "cos(x)",
    "exp(-sq(x))",
    "exp(-0.5 * sq(x))",
    "exp(x / 30)",
    "sq(x)",
    "erf(x)",
    "(1 - erf(x / sqrt(2)))",
    "(1 - sigmoid(x))",
    "(1 + tanh(x))",
    "pow(x, 3)",
    "x * sigmoid(1.702 * x)",
    "sq(sin(3 * x - 1)) / (1 + sq(x))",
    "pow(x / (1 + sq(x)), 2)",
    "(silu(x) + sigmoid(x)) * sq(sigmoid(x))",
    "(abs(x) + relu(x) - leaky_relu(x, slope = 0.1))",
];

/// Functions of positive numbers.
const POSITIVE: [&str; 8] = [
    "log(x)",
    "log1p(x)",
    "sqrt(x)",
    "pow(x, -1.5)",
    "pow(x, -2)",
    "1 / x",
    "2 / (x * (1 + x))",
    "pow(x, 2.5) / -(x + 1)",
];

/// Reductions, products and movements.
const ARRAYS: [&str; 24] = [
    "sum(x) * mean(sq(x)) + norm_sq(x)",
    "sum(sq(sum(x, axis = 0)) * [1, 2, 3])",
    "sum(sq(mean(x, axis = -1, keep = true)) * x)",
    "sum(sq(sum(x, axis = [0, 1], keep = true)) + x)",
    "logsumexp(x) + sum(logsumexp(3 * x, axis = 1)) + sum(logsumexp(x, axis = 0, keep = true) * x)",
    "logsumexp(x, axis = [0, 1])",
    "sum(softmax(x) * x) + sum(log_softmax(x, axis = 0) * [[1, 2, 3], [4, 5, 6]])",
    "sum(sq(softmax(x, axis = [0, 1])))",
    "sum(sq(cumsum(x)) * 2) + sum(sq(cumsum(x, axis = 0)))",
    "sum(sq(dot(x, transpose(x))))",
    "sum(dot([1, 10], sq(x)))",
    "sum(dot(sq(x), [1, 2, 3]))",
    "dot(flatten(x), flatten(x)) + sum(sq(transpose(x)) * [[1, 2], [3, 4], [5, 6]])",
    "sum(sq(dot(reshape(x, [3, 1, 2]), reshape(x, [3, 2, 1]))))",
    "sum(sq(transpose(reshape(x, [1, 2, 3]), [2, 0, 1])) * reshape([1, 2, 3], [3, 1, 1]))",
    "sum(sq(x[0]) * x[1]) + x[-1, 2] * x[0, -1] + sum(sq(x[.., 1..])) + sum(sq(x[[1, 0, 1]]))",
    "sum(sq(gather(x, [2, 0, 0, 1], axis = 1)) * [1, 2, 3, 4])",
    "sum(sq(concat(x, [[1, 2, 3]], axis = 0))) + sum(sq(stack(x, x * x, axis = 1)))",
    "let (a, b) = pairs(transpose(x)); sum(sq(a - b)) * size(x)",
    "param a: []; param b: [3]; param c: [2, 1]; sum(sq(a * x + b) * c) + a * sum(x)",
    "param a: [2]; sum(sq(concat(a, x[0]) + stack(a[0], x[1, 1], a[1], 3, x[0, 0])))",
    "param w: [4, 3] = normal(0.3); param v: [4, 4] = uniform(2); sum(sq(dot(dot(x, transpose(w)), v)))",
    "sum(mlp(x, [5, 4], mish, out = 2)) + sum(dense(x, 2, bias = false) * dense(transpose(x), 3)[..2, ..2])",
    "sum(x) + 3",
];

/// What a name or a table may do to the text.
const SPECS: [&str; 6] = [
    "/// A \"quoted\" \\ path, and three quotes: \"\"\"\npub torch(x: [2]) { param half: [2] = ones(); param forward: [2] = constant(0.5); \
     let lambda = half * x; let self_ = forward * lambda; let x = sum(self_) ; let p = x * x; p }",
    "pub F(y: [2]) { param a: [2]; param b: [2] as \"a.b\"; param c: [2] as \"a.0.weight\"; sum(sq(y * a + b) * c) }",
    "pub Ünï(x: [2]) { param größe: [2]; let wärme = sq(x) * größe; let v3 = wärme + 1; let _q = v3; sum(sq(_q)) }",
    "pub Table(x: [20]) { const A = [0.1, 0.2, 0.3, 1e-12, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2e20]; \
     let (a, b) = pairs(x); sum(sq(x * A) / 1e20) + sum(silu(a) * b) }",
    "pub Loop(x: [3]) { let mut h = x; for i in 0..3 { h = tanh(dense(h, 3)) + h; } sum(h) + sum([1, 1, 1] * x) }",
    "const N = 2; fn act(z) = z * sigmoid(N * z); pub A(x: [N]) { sum(act(x)) } pub B(x: [1]) { net f(z) as \"f\" = dense(act(dense(z, 2)), 1); f(x) + f(2 * x) }",
];

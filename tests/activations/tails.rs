//! Activations and three derivatives where they are small, in both precisions and every instruction set, against a
//! table of 460 digits that `table.py` writes.

use scorematch::{InstructionSet, Real, Spec};

use super::*;

const TABLE: &str = include_str!("table.txt");

/// The page that shows the stated errors.
const PAGE: &str = include_str!("../../docs/accuracy.md");

/// The largest errors of the value and of three derivatives that are stated, in `f32` and in `f64`, in ε of the precision:
/// relative to the value, or to the greatest magnitude within 1/(2 + 2|z|) of z where that is more than eight times the
/// value, which it is where the value crosses zero.
const STATED: [(&str, [f64; 4], [f64; 4]); 10] = [
    ("silu", [1.0, 2.5, 5.5, 16.5], [1.5, 1.5, 3.0, 13.5]),
    ("gelu", [1.0, 1.5, 1.5, 1.0], [1.5, 1.5, 1.5, 1.0]),
    ("mish", [1.5, 3.5, 7.5, 7.0], [1.5, 5.0, 5.0, 3.0]),
    ("tanh", [0.5, 1.0, 1.0, 1.5], [1.0, 2.0, 2.5, 3.0]),
    ("sigmoid", [1.0, 1.0, 22.5, 6.5], [1.0, 1.5, 17.0, 2.0]),
    ("softplus", [1.0, 1.0, 1.0, 22.5], [1.5, 1.0, 1.5, 17.0]),
    ("log_sigmoid", [1.0, 1.0, 1.0, 22.5], [1.5, 1.0, 1.5, 17.0]),
    ("logcosh", [0.5, 0.5, 1.0, 1.0], [1.0, 1.0, 2.0, 2.5]),
    ("erf", [1.5, 1.5, 1.5, 3.0], [0.5, 1.0, 1.0, 2.0]),
    ("gauss", [0.5, 0.5, 1.0, 0.5], [0.5, 0.5, 0.5, 1.0]),
];

/// One number of the table.
struct Exact {
    value: f64,
    rest: f64,
    scale: f64,
}

/// The rows of a function: z, and what it and its derivatives are there.
fn rows(name: &str) -> Vec<(f64, [Exact; 4])> {
    let of_name = TABLE.lines().filter(|l| l.split(' ').next() == Some(name));
    of_name
        .map(|line| {
            let numbers: Vec<f64> = line
                .split(' ')
                .skip(1)
                .map(|n| n.parse().expect("a number"))
                .collect();
            let exact = std::array::from_fn(|k| Exact {
                value: numbers[1 + 3 * k],
                rest: numbers[2 + 3 * k],
                scale: numbers[3 + 3 * k],
            });
            (numbers[0], exact)
        })
        .collect()
}

/// The largest errors in ε of values that are no closer than 2¹⁶ to the least normal number: below, an exponential that
/// they are made of may be subnormal, and is 0.
fn errors<S: Spec, T: Real>(name: &str) -> [f64; 4] {
    let (epsilon, tiny) = (
        Real::to_f64(T::epsilon()),
        65536.0 * Real::to_f64(T::min_positive_value()),
    );
    let rows = rows(name);
    let x: Vec<T> = rows.iter().map(|r| T::of(r.0)).collect();
    let mut worst = [0.0; 4];
    for isa in InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
    {
        let computed = computed::<S, T>(isa, &x);
        for (k, computed) in computed.iter().enumerate() {
            for ((z, exact), &y) in rows.iter().zip(computed) {
                let Exact { value, rest, scale } = exact[k];
                let error = ((y - value) - rest).abs();
                assert!(error.is_finite(), "{name} {k} {isa} at {z}: {y}");
                if value.abs() < tiny {
                    assert!(
                        error < tiny,
                        "{name} {k} {isa} at {z}: {y:e}, not {value:e}"
                    );
                    continue;
                }
                let size = if scale > 8.0 * value.abs() {
                    scale
                } else {
                    value.abs()
                };
                let error = error / (epsilon * size);
                if error > 4.0 {
                    println!("{name} {k} {isa} {}: {error:.1} ε at {z}", T::NAME);
                }
                worst[k] = f64::max(worst[k], error);
            }
        }
    }
    worst
}

fn both<S: Spec>(name: &str) -> [[f64; 4]; 2] {
    [errors::<S, f32>(name), errors::<S, f64>(name)]
}

/// The rows of the page's table.
fn stated_rows() -> String {
    let row = |name: &str, precision: &str, errors: [f64; 4]| {
        let cells = errors.map(|e| e.to_string()).join(" | ");
        format!("| `{name}` | {precision} | {cells} |\n")
    };
    let rows = STATED
        .iter()
        .map(|&(name, single, double)| row(name, "f32", single) + &row(name, "f64", double));
    rows.collect()
}

#[test]
fn the_page_shows_what_is_stated() {
    let rows = stated_rows();
    assert!(
        PAGE.contains(&rows),
        "docs/accuracy.md lacks these rows:\n{rows}"
    );
}

#[test]
fn tails_are_as_accurate_as_stated() {
    let mut beyond = Vec::new();
    for (name, single, double) in STATED {
        let errors = match name {
            "silu" => both::<SiluSpec>(name),
            "gelu" => both::<GeluSpec>(name),
            "mish" => both::<MishSpec>(name),
            "tanh" => both::<TanhSpec>(name),
            "sigmoid" => both::<SigmoidSpec>(name),
            "softplus" => both::<SoftplusSpec>(name),
            "log_sigmoid" => both::<LogSigmoidSpec>(name),
            "logcosh" => both::<LogcoshSpec>(name),
            "erf" => both::<ErfSpec>(name),
            "gauss" => both::<GaussSpec>(name),
            _ => panic!("no model of {name}"),
        };
        for (stated, (precision, errors)) in [single, double]
            .iter()
            .zip(["f32", "f64"].into_iter().zip(errors))
        {
            let shown: Vec<String> = errors.iter().map(|e| format!("{e:.1}")).collect();
            println!("| `{name}` | {precision} | {} |", shown.join(" | "));
            if errors.iter().zip(stated).any(|(e, stated)| e > stated) {
                beyond.push(format!("{name} {precision}: {shown:?}, stated {stated:?}"));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}

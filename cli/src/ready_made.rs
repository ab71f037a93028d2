//! Ready-made architectures: a name and its sizes in, the text of a spec out.

use anyhow::{Result, bail, ensure};
use scorematch_runs::commands::{Activation, Source};

/// Names of ready-made architectures, and what they are.
const NAMES: [(&str, &str); 2] = [
    (
        "mlp",
        "a multilayer perceptron in a quadratic well of learned width",
    ),
    ("gaussian", "a Gaussian with any mean and covariance"),
];

/// The spec of the architecture that is asked for; its input has the free size `D`.
pub(crate) fn spec(source: &Source) -> Result<String> {
    let Source {
        model,
        width,
        depth,
        activation,
        ..
    } = source;
    let name = model.as_deref().unwrap_or_default();
    let is_network = name == "mlp";
    ensure!(
        is_network || (width.is_none() && depth.is_none() && activation.is_none()),
        "--width, --depth and --activation are of --model mlp"
    );
    let (width, depth) = (width.unwrap_or(64), depth.unwrap_or(3));
    ensure!(
        width > 0 && depth > 0,
        "--width and --depth must be at least 1"
    );
    let activation = match activation.unwrap_or(Activation::Silu) {
        Activation::Silu => "silu",
        Activation::Tanh => "tanh",
        Activation::Softplus => "softplus",
        Activation::Gelu => "gelu",
    };
    Ok(match name {
        "mlp" => {
            let layers = vec![width.to_string(); depth].join(", ");
            format!(
                "/// {depth} {activation} layers of {width} in a quadratic well of learned width.\npub Mlp(x: [D]) {{\n    param \
                 log_k: [];\n    mlp(x, [{layers}], {activation}) + 0.5 * exp(log_k) * norm_sq(x)\n}}\n"
            )
        }
        "gaussian" => "/// A Gaussian: its precision is the square of a matrix.\npub Gaussian(x: [D]) {\n    param w: [D, D] = \
                       normal(1.0 / sqrt(D));\n    param mean: [D];\n    0.5 * norm_sq(dot(w, x - mean))\n}\n"
            .to_owned(),
        _ => bail!(
            "name a spec file, as in `scorematch train my.energy --data …`, or a ready-made architecture with --model: {}",
            NAMES.map(|(name, what)| format!("{name} ({what})")).join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_architecture_compiles_at_any_size() {
        for (name, _) in NAMES {
            for size in [1, 7] {
                let source = Source {
                    model: Some(name.to_owned()),
                    ..Source::default()
                };
                let text = spec(&source).unwrap();
                let sizes = [("D".to_owned(), size)].into();
                let compiled = scorematch_compiler::compile_source(&text, name, &sizes, None);
                assert!(compiled.unwrap().warnings.is_empty());
            }
        }
    }

    #[test]
    fn what_is_not_there_is_told() {
        let none = spec(&Source::default()).unwrap_err().to_string();
        assert!(none.contains("my.energy") && none.contains("mlp"), "{none}");
        let wide = Source {
            model: Some("gaussian".to_owned()),
            width: Some(3),
            ..Source::default()
        };
        assert!(spec(&wide).unwrap_err().to_string().contains("--model mlp"));
    }
}

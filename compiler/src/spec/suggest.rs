//! Suggestions for unknown names.

use strsim::osa_distance;

/// Names in other libraries, and the equivalent names in this language.
const ELSEWHERE: &[(&str, &str)] = &[
    ("swish", "silu"),
    ("ln", "log"),
    ("square", "sq"),
    ("sqr", "sq"),
    ("powi", "pow"),
    ("powf", "pow"),
    ("norm2", "norm_sq"),
    ("norm_squared", "norm_sq"),
    ("matmul", "dot"),
    ("mv", "dot"),
    ("inner", "dot"),
    ("linear", "dense"),
    ("Linear", "dense"),
    ("layer", "dense"),
    ("cat", "concat"),
    ("concatenate", "concat"),
    ("view", "reshape"),
    ("log_cosh", "logcosh"),
    ("lncosh", "logcosh"),
    ("ln_1p", "log1p"),
    ("log_sum_exp", "logsumexp"),
    ("take", "gather"),
    ("logistic", "sigmoid"),
    ("expit", "sigmoid"),
    ("average", "mean"),
    ("t", "transpose"),
    ("T", "transpose"),
    ("pi", "PI"),
    ("randn", "normal"),
    ("rand", "uniform"),
    ("full", "constant"),
    ("permute", "transpose"),
    ("mm", "dot"),
    ("bmm", "dot"),
    ("Dense", "dense"),
    ("MLP", "mlp"),
    ("SiLU", "silu"),
    ("GELU", "gelu"),
    ("Tanh", "tanh"),
    ("ReLU", "relu"),
    ("log_expit", "log_sigmoid"),
    ("logsigmoid", "log_sigmoid"),
    ("fabs", "abs"),
    ("absolute", "abs"),
    ("power", "pow"),
    ("hstack", "concat"),
    ("index_select", "gather"),
    ("swapaxes", "transpose"),
    ("ravel", "flatten"),
    ("numel", "size"),
    ("len", "size"),
    ("shape", "size"),
];

/// The equivalent name of a name in another library.
pub(super) fn elsewhere(word: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|e| e.0 == word).map(|e| e.1)
}

/// The known name that is most similar to an unknown one, if any is similar enough.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(here) = elsewhere(word).filter(|here| known.contains(here)) {
        return Some(here.to_string());
    }
    // A name of one or two letters may differ in case only.
    let allowed = word.chars().count() / 3;
    let distances = known
        .iter()
        .map(|k| (osa_distance(&word.to_lowercase(), &k.to_lowercase()), k));
    let best = distances.filter(|(d, _)| *d <= allowed).min()?;
    Some(best.1.to_string())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["silu", "softplus", "sum", "h", "x"];
        assert_eq!(nearest("sofplus", known), Some("softplus".to_string()));
        assert_eq!(nearest("slilu", known), Some("silu".to_string()));
        assert_eq!(nearest("swish", known), Some("silu".to_string()));
        assert_eq!(nearest("tanh", known), None);
        assert_eq!(
            nearest("y", known),
            None,
            "a one-letter name is not near every other"
        );
    }
}

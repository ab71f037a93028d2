//! How the parameters of a model are called in a file, where another program gave the names.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::program::ParamInfo;

/// Names of parameters in a file that differ from those in the declaration.
///
/// ```no_run
/// # use scorematch::checkpoint::{Names, Trained};
/// # use scorematch::{Result, Spec};
/// # fn example<S: Spec>() -> Result<()> {
/// // `mlp(x, [64, 64], silu)` is `net.0.weight`, `net.0.bias`, `net.2.weight`, …;
/// // the state dict of a bare `torch.nn.Sequential` has `0.weight`, `0.bias`, `2.weight`, …
/// let sequential = Names::new().prefix("net", "");
/// let trained = Trained::<S>::load_with("sequential.safetensors", &sequential)?;
/// trained.save_with("again.safetensors", &sequential)?;
/// # Ok(())
/// # }
/// ```
///
/// Of several rules that fit a parameter the first one names it; a parameter that none fits has its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct Names {
    rules: Vec<Rule>,
}

/// What becomes of some names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    /// Those that begin so, up to a dot.
    Prefix { model: String, file: String },
    /// One.
    Name { model: String, file: String },
}

impl Names {
    /// Those of the declaration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parameters whose name in the model begins with `model` and a dot begin with `file` and a dot in the file. An empty
    /// prefix has no dot: `prefix("net", "")` is for a file with `0.weight` in place of `net.0.weight`,
    /// `prefix("", "module")` for one with `module.net.0.weight`.
    pub fn prefix(mut self, model: impl Into<String>, file: impl Into<String>) -> Self {
        let (model, file) = (model.into(), file.into());
        self.rules.push(Rule::Prefix { model, file });
        self
    }

    /// The parameter `model` is called `file` in the file.
    pub fn rename(mut self, model: impl Into<String>, file: impl Into<String>) -> Self {
        let (model, file) = (model.into(), file.into());
        self.rules.push(Rule::Name { model, file });
        self
    }

    /// The name in the file of each parameter, in order of declaration.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`]: a rule that names no parameter, a name that two parameters would have, or none.
    pub(super) fn of(&self, model: &str, parameters: &[ParamInfo]) -> Result<Vec<String>> {
        let wrong = |found: String| Error::InvalidSetting {
            setting: "the names in the file",
            found,
            expected: format!(
                "each rule must name a parameter of {model}, and no two alike; its parameters are {}",
                parameters
                    .iter()
                    .map(|info| info.name)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let mut used = vec![false; self.rules.len()];
        let mut names: Vec<String> = Vec::with_capacity(parameters.len());
        for ParamInfo { name, .. } in parameters {
            let mut in_file = (*name).to_owned();
            for (rule, used) in self.rules.iter().zip(&mut used) {
                if let Some(found) = rule.apply(name) {
                    in_file = found;
                    *used = true;
                    break;
                }
            }
            if in_file.is_empty() {
                return Err(wrong(format!("empty for {name:?}")));
            }
            if names.contains(&in_file) {
                return Err(wrong(format!("{in_file:?} for {name:?} and for another")));
            }
            names.push(in_file);
        }
        match self.rules.iter().zip(used).find(|(_, used)| !used) {
            None => Ok(names),
            Some((Rule::Prefix { model, .. }, _)) => {
                Err(wrong(format!("of no use for the prefix {model:?}")))
            }
            Some((Rule::Name { model, .. }, _)) => Err(wrong(format!("of no use for {model:?}"))),
        }
    }
}

impl Rule {
    /// What a parameter of the model is called in the file, if the rule is about it.
    fn apply(&self, name: &str) -> Option<String> {
        match self {
            Rule::Name { model, file } => (model == name).then(|| file.clone()),
            Rule::Prefix { model, file } => {
                let rest = match &model[..] {
                    "" => name,
                    prefix => name.strip_prefix(prefix)?.strip_prefix('.')?,
                };
                Some(match &file[..] {
                    "" => rest.to_owned(),
                    prefix => format!("{prefix}.{rest}"),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Spec;
    use crate::testing::Well;

    #[test]
    fn prefixes_end_at_a_dot() {
        let rule = |model: &str, file: &str| Rule::Prefix {
            model: model.to_owned(),
            file: file.to_owned(),
        };
        for (model, file, name, expected) in [
            ("net", "", "net.0.weight", Some("0.weight")),
            ("net", "seq.a", "net.0.weight", Some("seq.a.0.weight")),
            ("", "module", "net.0.weight", Some("module.net.0.weight")),
            ("net.0", "first", "net.0.weight", Some("first.weight")),
            ("ne", "", "net.0.weight", None),
            ("net", "", "net", None),
            ("other", "", "net.0.weight", None),
        ] {
            assert_eq!(
                rule(model, file).apply(name).as_deref(),
                expected,
                "{model:?} to {file:?}"
            );
        }
    }

    #[test]
    fn the_first_rule_that_fits_names_a_parameter() {
        let names = Names::new().rename("k", "stiffness").prefix("", "module");
        assert_eq!(
            names.of(Well::NAME, Well::PARAMS).unwrap(),
            ["stiffness", "module.b"]
        );
        assert_eq!(
            Names::new().of(Well::NAME, Well::PARAMS).unwrap(),
            ["k", "b"]
        );
    }

    #[test]
    fn rules_that_cannot_be_meant() {
        for (names, expected) in [
            (Names::new().rename("K", "k"), "of no use for \"K\""),
            (
                Names::new().prefix("net", ""),
                "of no use for the prefix \"net\"",
            ),
            (
                Names::new().rename("k", "b"),
                "\"b\" for \"b\" and for another",
            ),
            (Names::new().rename("k", ""), "empty for \"k\""),
        ] {
            let error = names.of(Well::NAME, Well::PARAMS).unwrap_err();
            assert!(matches!(error, Error::InvalidSetting { .. }));
            let text = error.to_string();
            assert!(
                text.contains(expected) && text.ends_with("are k, b"),
                "{text}"
            );
        }
    }
}

//! What a program depends on, as the name of its folder in the cache.

use std::env;

use anyhow::Result;
use scorematch::InstructionSet;
use twox_hash::XxHash3_128;

use super::{Wanted, origin};

/// Names the instruction sets that the library is compiled for.
pub(super) const INSTRUCTION_SETS: &str = "SCOREMATCH_INSTRUCTION_SETS";

/// What the environment says about builds.
pub(super) struct Environment {
    /// Those that the user named, else the best of this machine: the program runs where it is built.
    pub(super) instruction_sets: String,
    rustflags: String,
}

impl Environment {
    /// # Errors
    /// `SCOREMATCH_SIMD` names no instruction set of this machine.
    pub(super) fn read() -> Result<Environment> {
        let text = |name: &str| {
            let value = env::var_os(name).unwrap_or_default();
            value.to_string_lossy().into_owned()
        };
        let named = text(INSTRUCTION_SETS);
        Ok(Environment {
            instruction_sets: if named.is_empty() {
                InstructionSet::detect()?.name().to_owned()
            } else {
                named
            },
            rustflags: text("RUSTFLAGS"),
        })
    }
}

/// What all programs have in common depends on; 32 hexadecimal digits.
pub(super) fn libraries(environment: &Environment) -> String {
    let features = origin::FEATURES.join(",");
    hash([
        env!("CARGO_PKG_VERSION"),
        origin::HASH,
        origin::LOCK,
        origin::RUSTC,
        &features,
        &environment.instruction_sets,
        &environment.rustflags,
    ])
}

/// What a program depends on; 32 hexadecimal digits.
pub(super) fn key(wanted: &Wanted<'_>, environment: &Environment) -> String {
    let sizes = wanted.sizes.iter();
    let sizes: Vec<String> = sizes.map(|(name, size)| format!("{name}={size}")).collect();
    let libraries = libraries(environment);
    let fixed = [
        &libraries,
        wanted.source,
        wanted.model,
        scalar(wanted.double),
    ];
    hash(fixed.into_iter().chain(sizes.iter().map(String::as_str)))
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = XxHash3_128::new();
    for part in parts {
        // Lengths, so that no two lists of parts give the same bytes.
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part.as_bytes());
    }
    format!("{:032x}", hasher.finish_128())
}

/// The type of numbers in the program.
pub(super) fn scalar(double: bool) -> &'static str {
    if double { "f64" } else { "f32" }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    #[test]
    fn everything_that_a_program_depends_on_gives_another_key() {
        let environment = |instruction_sets: &str, rustflags: &str| Environment {
            instruction_sets: instruction_sets.into(),
            rustflags: rustflags.into(),
        };
        let wanted = |source, model, size: Option<(&str, usize)>, double| Wanted {
            spec: Path::new("any.energy"),
            source,
            model,
            sizes: size
                .into_iter()
                .map(|(name, size)| (name.into(), size))
                .collect::<BTreeMap<_, _>>(),
            double,
        };
        let here = environment("avx2", "");
        let keys = [
            key(&wanted("a", "B", None, false), &here),
            key(&wanted("aB", "", None, false), &here),
            key(&wanted("a", "C", None, false), &here),
            key(&wanted("a", "B", None, true), &here),
            key(&wanted("a", "B", Some(("D", 1)), false), &here),
            key(&wanted("a", "B", Some(("D", 2)), false), &here),
            key(&wanted("a", "B", Some(("E", 2)), false), &here),
            key(&wanted("a", "B", None, false), &environment("avx512", "")),
            key(&wanted("a", "B", None, false), &environment("avx2", "-g")),
        ];
        assert_eq!(BTreeSet::from(keys.clone()).len(), keys.len());
        assert!(keys.iter().all(|key| key.len() == 32));
        assert_eq!(
            keys[0],
            key(&wanted("a", "B", None, false), &environment("avx2", ""))
        );
    }
}

//! The instruction sets of the kernels, and which one is used.

use std::fmt;
use std::sync::OnceLock;

/// The environment variable that overrides the choice of [`InstructionSet::detect`].
const VARIABLE: &str = "SCOREMATCH_SIMD";

/// The name that the environment asks for, if any, as it was when it was first read.
fn asked() -> Option<&'static str> {
    static ASKED: OnceLock<String> = OnceLock::new();
    let read = || std::env::var_os(VARIABLE).unwrap_or_default();
    let asked = ASKED.get_or_init(|| read().to_string_lossy().into_owned());
    Some(asked.as_str()).filter(|name| !name.is_empty())
}

/// An instruction set that the vector code is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstructionSet {
    /// The baseline of the compilation target; runs everywhere.
    Portable,
    /// x86-64 with AVX2 and FMA: 256-bit vectors.
    Avx2,
    /// x86-64 with AVX-512 F and DQ: 512-bit vectors.
    Avx512,
    /// aarch64, every one: 128-bit vectors of NEON.
    Neon,
}

impl InstructionSet {
    /// All instruction sets, the preferred first.
    pub const ALL: [InstructionSet; 4] = [
        InstructionSet::Avx512,
        InstructionSet::Avx2,
        InstructionSet::Neon,
        InstructionSet::Portable,
    ];

    /// The name by which the environment variable `SCOREMATCH_SIMD` asks for this instruction set.
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Portable => "portable",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Avx512 => "avx512",
            InstructionSet::Neon => "neon",
        }
    }

    /// Whether this program has code for the instruction set. `SCOREMATCH_INSTRUCTION_SETS`, target features and a debug build
    /// leave some out.
    pub const fn is_compiled(self) -> bool {
        match self {
            InstructionSet::Portable => cfg!(isa = "portable"),
            InstructionSet::Avx2 => cfg!(isa = "avx2"),
            InstructionSet::Avx512 => cfg!(isa = "avx512"),
            InstructionSet::Neon => cfg!(isa = "neon"),
        }
    }

    /// Whether this program has code for the instruction set and this machine can run it.
    #[inline]
    pub fn is_supported(self) -> bool {
        self.is_compiled() && self.runs_here()
    }

    #[inline]
    fn runs_here(self) -> bool {
        match self {
            InstructionSet::Portable => true,
            // Miri interprets no machine instructions.
            _ if cfg!(miri) => false,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => {
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
            }
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => {
                InstructionSet::Avx2.runs_here()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            InstructionSet::Avx2 | InstructionSet::Avx512 => false,
            // Part of the baseline.
            InstructionSet::Neon => cfg!(target_arch = "aarch64"),
        }
    }

    /// Lanes of the vectors that programs for this instruction set compute with, for scalars of so many bytes.
    #[doc(hidden)]
    #[inline]
    pub fn lanes(self, scalar: usize) -> usize {
        match self {
            // Its programs compute whole rows.
            InstructionSet::Portable => 16,
            InstructionSet::Avx2 => 32 / scalar,
            InstructionSet::Avx512 => 64 / scalar,
            InstructionSet::Neon => 16 / scalar,
        }
    }

    /// The instruction set for so few samples. Processors that execute 512 bits in two halves take as long for a half
    /// empty vector as for a full one, and half of that for 256 bits. A set that the environment names serves any
    /// number.
    #[doc(hidden)]
    pub fn for_samples(self, samples: usize, scalar: usize) -> InstructionSet {
        let narrow = InstructionSet::Avx2;
        let fits = self == InstructionSet::Avx512
            && narrow.is_compiled()
            && samples <= narrow.lanes(scalar);
        if fits && asked().is_none() {
            narrow
        } else {
            self
        }
    }

    /// The best instruction set of this machine, or the one that `SCOREMATCH_SIMD` names.
    ///
    /// The variable is read once; later calls give the same answer.
    ///
    /// # Errors
    /// The variable holds something that is not the name of an instruction set, or an instruction set that this machine
    /// or this build lacks; or the machine has none of those that the build has.
    pub fn detect() -> Result<InstructionSet, InstructionSetError> {
        static CHOICE: OnceLock<Result<InstructionSet, InstructionSetError>> = OnceLock::new();
        CHOICE
            .get_or_init(|| InstructionSet::named(asked().unwrap_or_default()))
            .clone()
    }

    /// The first supported set of [`InstructionSet::ALL`].
    fn best() -> Result<InstructionSet, InstructionSetError> {
        let mut compiled = InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_compiled());
        let first = compiled.clone().next().unwrap_or(InstructionSet::Portable);
        compiled
            .find(|isa| isa.runs_here())
            .ok_or(InstructionSetError::Unsupported(first))
    }

    /// The instruction set of that name, if this machine has it. An empty name asks for the best.
    fn named(name: &str) -> Result<InstructionSet, InstructionSetError> {
        if name.is_empty() {
            return InstructionSet::best();
        }
        let isa = InstructionSet::ALL
            .into_iter()
            .find(|isa| isa.name() == name)
            .ok_or_else(|| InstructionSetError::Unknown(name.to_owned()))?;
        if isa.is_supported() {
            Ok(isa)
        } else {
            Err(InstructionSetError::Unsupported(isa))
        }
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the instruction set that the environment asks for cannot be used.
#[derive(Clone, PartialEq, Eq)]
pub enum InstructionSetError {
    /// No instruction set has this name.
    Unknown(String),
    /// This machine lacks the instruction set's instructions, or this build the code.
    Unsupported(InstructionSet),
}

impl fmt::Display for InstructionSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstructionSetError::Unknown(name) => {
                write!(
                    f,
                    "{VARIABLE}={name} names no instruction set; expected one of"
                )?;
                for isa in InstructionSet::ALL {
                    write!(f, " {isa}")?;
                }
                write!(f, ", or leave it unset for the best of this machine")
            }
            InstructionSetError::Unsupported(isa) => match InstructionSet::best() {
                Ok(best) if isa.is_compiled() => write!(
                    f,
                    "{VARIABLE}={isa} asks for instructions that this processor lacks; \
                     unset it, or set it to {best}"
                ),
                Ok(best) => write!(
                    f,
                    "{VARIABLE}={isa} asks for an instruction set that this program was built without; \
                     unset it, set it to {best}, or build with SCOREMATCH_INSTRUCTION_SETS={isa}"
                ),
                Err(_) => write!(
                    f,
                    "this program was built for {isa} alone, which this processor lacks; \
                     build with another SCOREMATCH_INSTRUCTION_SETS and without target features"
                ),
            },
        }
    }
}

/// The message: a `main` that returns an error, and `unwrap`, print this.
impl fmt::Debug for InstructionSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InstructionSetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_instruction_set_is_not_silently_absent() {
        if std::env::var_os(VARIABLE).is_none() && !cfg!(miri) {
            let isa = InstructionSet::detect().expect("nothing overrides the choice");
            #[cfg(target_arch = "x86_64")]
            let expected = if is_x86_feature_detected!("avx512dq") {
                InstructionSet::Avx512
            } else if is_x86_feature_detected!("avx2") {
                InstructionSet::Avx2
            } else {
                InstructionSet::Portable
            };
            #[cfg(target_arch = "aarch64")]
            let expected = InstructionSet::Neon;
            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            let expected = InstructionSet::Portable;
            assert_eq!(isa, expected);
        }
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(
            InstructionSet::named("portable"),
            Ok(InstructionSet::Portable)
        );
        assert_eq!(InstructionSet::named(""), InstructionSet::best());
        let error = InstructionSet::named("avx3").expect_err("no such instruction set");
        let message = error.to_string();
        assert!(message.contains("SCOREMATCH_SIMD=avx3"), "{message}");
        assert!(message.contains("avx512 avx2 neon portable"), "{message}");
        match InstructionSet::named("avx2") {
            Ok(isa) => assert!(isa.is_supported()),
            Err(error) => assert_eq!(
                error,
                InstructionSetError::Unsupported(InstructionSet::Avx2)
            ),
        }
    }
}

//! Which instruction set the kernels use.

use std::fmt;
use std::sync::OnceLock;

/// The environment variable that overrides the choice of [`Form::detect`].
const VARIABLE: &str = "SCOREMATCH_SIMD";

/// The name that the environment asks for, if any, as it was when somebody first looked.
fn asked() -> Option<&'static str> {
    static ASKED: OnceLock<String> = OnceLock::new();
    let read = || std::env::var_os(VARIABLE).unwrap_or_default();
    let asked = ASKED.get_or_init(|| read().to_string_lossy().into_owned());
    Some(asked.as_str()).filter(|name| !name.is_empty())
}

/// An instruction set that the vector code is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// The baseline of the compilation target; runs everywhere.
    Portable,
    /// x86-64 with AVX2 and FMA: 256-bit vectors.
    Avx2,
    /// x86-64 with AVX-512 F and DQ: 512-bit vectors.
    Avx512,
    /// aarch64, every one: 128-bit vectors of NEON.
    Neon,
}

impl Form {
    /// All forms, the preferred first.
    pub const ALL: [Form; 4] = [Form::Avx512, Form::Avx2, Form::Neon, Form::Portable];

    /// The name by which the environment variable `SCOREMATCH_SIMD` asks for this form.
    pub fn name(self) -> &'static str {
        match self {
            Form::Portable => "portable",
            Form::Avx2 => "avx2",
            Form::Avx512 => "avx512",
            Form::Neon => "neon",
        }
    }

    /// Whether this program has code for the form. `SCOREMATCH_FORMS`, target features and a debug build leave some out.
    pub const fn is_compiled(self) -> bool {
        match self {
            Form::Portable => cfg!(form = "portable"),
            Form::Avx2 => cfg!(form = "avx2"),
            Form::Avx512 => cfg!(form = "avx512"),
            Form::Neon => cfg!(form = "neon"),
        }
    }

    /// Whether this program has code for the form and this machine can run it.
    #[inline]
    pub fn is_supported(self) -> bool {
        self.is_compiled() && self.runs_here()
    }

    #[inline]
    fn runs_here(self) -> bool {
        match self {
            Form::Portable => true,
            // It interprets no instructions of a machine.
            _ if cfg!(miri) => false,
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Form::Avx512 => {
                Form::Avx2.runs_here()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Form::Avx2 | Form::Avx512 => false,
            // Part of the baseline.
            Form::Neon => cfg!(target_arch = "aarch64"),
        }
    }

    /// Lanes of the vectors that programs of this form compute with, for scalars of so many bytes.
    #[doc(hidden)]
    #[inline]
    pub fn lanes(self, scalar: usize) -> usize {
        match self {
            // Its programs have whole rows.
            Form::Portable => 16,
            Form::Avx2 => 32 / scalar,
            Form::Avx512 => 64 / scalar,
            Form::Neon => 16 / scalar,
        }
    }

    /// The form for so few samples: on processors that work on half of 512 bits at a time, half empty vectors take as long
    /// as full ones, and 256 bits half of it. The form that the environment asks for serves any number.
    #[doc(hidden)]
    pub fn for_samples(self, samples: usize, scalar: usize) -> Form {
        let narrow = Form::Avx2;
        let fits = self == Form::Avx512 && narrow.is_compiled() && samples <= narrow.lanes(scalar);
        if fits && asked().is_none() {
            narrow
        } else {
            self
        }
    }

    /// The best form of this machine, or the one that `SCOREMATCH_SIMD` names.
    ///
    /// The variable is read once; later calls give the same answer.
    ///
    /// # Errors
    /// The variable holds something that is not the name of a form, or a form that this machine or this build lacks; or
    /// the machine has none of those that the build has.
    pub fn detect() -> Result<Form, FormError> {
        static CHOICE: OnceLock<Result<Form, FormError>> = OnceLock::new();
        CHOICE
            .get_or_init(|| Form::named(asked().unwrap_or_default()))
            .clone()
    }

    /// The first supported form of [`Form::ALL`].
    fn best() -> Result<Form, FormError> {
        let mut compiled = Form::ALL.into_iter().filter(|form| form.is_compiled());
        let first = compiled.clone().next().unwrap_or(Form::Portable);
        compiled
            .find(|form| form.runs_here())
            .ok_or(FormError::Unsupported(first))
    }

    /// The form of that name, if this machine has it. An empty name asks for the best.
    fn named(name: &str) -> Result<Form, FormError> {
        if name.is_empty() {
            return Form::best();
        }
        let form = Form::ALL
            .into_iter()
            .find(|form| form.name() == name)
            .ok_or_else(|| FormError::Unknown(name.to_owned()))?;
        if form.is_supported() {
            Ok(form)
        } else {
            Err(FormError::Unsupported(form))
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the form that the environment asks for cannot be used.
#[derive(Clone, PartialEq, Eq)]
pub enum FormError {
    /// No form has this name.
    Unknown(String),
    /// This machine lacks the form's instructions, or this build the code.
    Unsupported(Form),
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormError::Unknown(name) => {
                write!(f, "{VARIABLE}={name} names no vector form; expected one of")?;
                for form in Form::ALL {
                    write!(f, " {form}")?;
                }
                write!(f, ", or leave it unset for the best of this machine")
            }
            FormError::Unsupported(form) => match Form::best() {
                Ok(best) if form.is_compiled() => write!(
                    f,
                    "{VARIABLE}={form} asks for instructions that this processor lacks; \
                     unset it, or set it to {best}"
                ),
                Ok(best) => write!(
                    f,
                    "{VARIABLE}={form} asks for an instruction set that this program was built without; \
                     unset it, set it to {best}, or build with SCOREMATCH_FORMS={form}"
                ),
                Err(_) => write!(
                    f,
                    "this program was built for {form} alone, which this processor lacks; \
                     build with another SCOREMATCH_FORMS and without target features"
                ),
            },
        }
    }
}

/// The message: a `main` that returns an error, and `unwrap`, print this.
impl fmt::Debug for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FormError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_form_is_not_silently_absent() {
        if std::env::var_os(VARIABLE).is_none() && !cfg!(miri) {
            let form = Form::detect().expect("nothing overrides the choice");
            #[cfg(target_arch = "x86_64")]
            let expected = if is_x86_feature_detected!("avx512dq") {
                Form::Avx512
            } else if is_x86_feature_detected!("avx2") {
                Form::Avx2
            } else {
                Form::Portable
            };
            #[cfg(target_arch = "aarch64")]
            let expected = Form::Neon;
            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            let expected = Form::Portable;
            assert_eq!(form, expected);
        }
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(Form::named("portable"), Ok(Form::Portable));
        assert_eq!(Form::named(""), Form::best());
        let error = Form::named("avx3").expect_err("no such form");
        let message = error.to_string();
        assert!(message.contains("SCOREMATCH_SIMD=avx3"), "{message}");
        assert!(message.contains("avx512 avx2 neon portable"), "{message}");
        match Form::named("avx2") {
            Ok(form) => assert!(form.is_supported()),
            Err(error) => assert_eq!(error, FormError::Unsupported(Form::Avx2)),
        }
    }
}

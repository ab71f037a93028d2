//! The `energy!` macro of scorematch: a shell around `scorematch-compiler`, which does the work.

use proc_macro::TokenStream;

#[doc = include_str!("../LANGUAGE.md")]
#[proc_macro]
pub fn energy(input: TokenStream) -> TokenStream {
    scorematch_compiler::expand(input.into()).into()
}

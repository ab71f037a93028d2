//! Loops over small constants, in the form that costs least to compile.
//!
//! Register blocks are sums in arrays, and every loop over them is unrolled. Branches on constants stand in
//! `const { … }`, because code behind a constant that is false is then never compiled; behind any other condition it is
//! inlined and optimised before it is removed.

/// Runs `body` for every `i` below the constant `N`. The optimiser unrolls such a loop in full; iterators would make what
/// it reads before that several times as long, and it is most of the crate's build time.
macro_rules! unrolled {
    ($i:ident < $N:expr => $body:expr) => {{
        let mut $i = 0;
        while $i < $N {
            $body;
            $i += 1;
        }
    }};
}
pub(crate) use unrolled;

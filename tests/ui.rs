//! What the macro says about mistakes: each case in `tests/ui` fails to build with the message beside it.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read the difference.

#[test]
fn mistakes_are_explained_at_the_users_own_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

//! The text for one small program, whole: what a change of the emitter changes can be read.

use crate::families::family;
use crate::launch::emitted;
use scorematch_compiler::diff::Program;
use scorematch_compiler::objectives;

/// Set to write the text instead of comparing it.
const UPDATE: &str = "SCOREMATCH_UPDATE";

#[test]
fn the_loss_of_a_gaussian() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cuda/gaussian_esm.cu");
    let e = emitted(&family("gaussian"), Program::Loss(&objectives::ESM));
    let launches: String = e
        .cuda
        .launches
        .iter()
        .map(|l| format!("// {l}\n"))
        .collect();
    let text = launches + &e.cuda.source;
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(path, &text).expect("the file can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the file is there");
    assert!(
        text == golden,
        "the text has changed; look at it with {UPDATE}=1 and `git diff`"
    );
}

//! Passes: graph in, graph out, the same function computed. One file a pass; none knows what a loss is.

mod compress;
mod contractions;
mod factor;
mod ready;
mod rebuild;
mod reductions;
mod separate;

pub use compress::compress_entry;

use crate::ir::{Graph, verify};

/// A pass by name.
type Pass = (&'static str, fn(&Graph) -> Graph);

/// The passes in order. Common subexpressions and constants fold wherever a graph is built, dead code falls off
/// whenever it is rebuilt.
const PASSES: [Pass; 7] = [
    ("fold_permutations", contractions::fold_permutations),
    ("separate", separate::separate),
    ("factor_reductions", reductions::factor_reductions),
    // Factors that moved out of sums may have left formulas to separate again.
    ("separate", separate::separate),
    ("fold_permutations", contractions::fold_permutations),
    ("factor_formulas", factor::factor_formulas),
    ("add_when_ready", ready::add_when_ready),
];

/// Runs every pass; in debug builds the graph is verified after each.
pub fn optimize(g: &Graph) -> Graph {
    optimize_watched(g, &mut |name, g| {
        if cfg!(debug_assertions)
            && let Err(what) = verify(g)
        {
            panic!("after {name}: {what}");
        }
    })
}

/// [`optimize`] that shows the graph after each pass, with the pass's name.
pub fn optimize_watched(g: &Graph, watch: &mut dyn FnMut(&str, &Graph)) -> Graph {
    let mut g = rebuild::rebuild(g, rebuild::same);
    for (name, pass) in PASSES {
        g = pass(&g);
        watch(name, &g);
    }
    g
}

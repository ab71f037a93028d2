//! Passes: graph in, graph out, the same function computed. One file for each pass; no pass depends on what a loss is.

mod compress;
mod contractions;
mod early_accumulation;
mod factor;
mod hoist;
mod rebuild;
mod reductions;

pub use compress::compress_entry;

use crate::ir::{Graph, verify};

/// A pass by name.
type Pass = (&'static str, fn(&Graph) -> Graph);

/// The passes in order. Building a graph folds common subexpressions and constants; rebuilding it removes dead code.
const PASSES: [Pass; 7] = [
    ("fold_permutations", contractions::fold_permutations),
    ("hoist", hoist::hoist),
    ("factor_reductions", reductions::factor_reductions),
    // Factors that moved out of sums may leave formulas to hoist from again.
    ("hoist", hoist::hoist),
    ("fold_permutations", contractions::fold_permutations),
    ("factor_formulas", factor::factor_formulas),
    ("accumulate_early", early_accumulation::accumulate_early),
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

//! The ladder: each rung is judged by what the rung below has proved.
//!
//! Interpreted energy → finite differences of it → score, Hessian-vector products → curvature, Laplacian → losses →
//! their gradients → passes → compression → lowered programs and text. Energies are of three kinds: built by hand, at the edges
//! of what is allowed, and random. Random cases are the same on every run; `PROPTEST_CASES` asks for more of them and
//! `PROPTEST_RNG_SEED` for others.

mod again;
mod derivatives;
mod difference;
mod edges;
mod fixed;
mod losses;
mod lowered;
mod objectives;
mod odd;
mod passes;
mod products;
mod random;
mod recipe;
mod sharing;
mod statements;
mod transposes;
mod values;
mod writer;

use scorematch_compiler::ir::Graph;

/// Every rung that an energy's graph can climb.
fn climb(name: &str, g: &Graph, seed: u64) {
    derivatives::score_and_hvp(name, g, seed);
    derivatives::curvature_and_laplacian(name, g, seed);
    transposes::reverse_is_forward_transposed(name, g, seed);
    losses::values(name, g, seed);
    losses::gradients(name, g, seed);
    losses::exact_is_sliced_along_the_basis(name, g, seed);
    passes::optimized_graphs_compute_the_same(name, g, seed);
    passes::compressed_graphs_compute_the_same(name, g, seed);
    lowered::compute_the_same(name, g, seed);
}

#[test]
fn energies_built_by_hand() {
    for (name, g) in fixed::energies() {
        climb(name, &g, 1);
    }
}

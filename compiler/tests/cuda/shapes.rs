//! Other shapes of a launch, and what only some energies ask for.

use crate::families::{check, deviation, family};
use crate::launch::{Binary, Options, emitted};
use crate::oracle::{TOLERANCE, feed};
use scorematch_compiler::diff::Program;
use scorematch_compiler::ir::Graph;
use scorematch_compiler::objectives;
use scorematch_compiler::spec::parse_and_check;

fn energy(spec: &str) -> Graph {
    let tokens = spec.parse().expect("the spec is made of tokens");
    parse_and_check(tokens)
        .expect("the spec is sound")
        .remove(0)
        .graph
}

#[test]
fn any_shape_gives_the_same_values() {
    let plain = Options::default();
    let shapes = [
        Options {
            samples: 16,
            directions: 4,
            scratch_in_shared: 1,
            ..plain
        },
        Options {
            samples: 32,
            directions: 1,
            scratch_in_shared: 0,
            ..plain
        },
        Options {
            samples: 8,
            directions: 8,
            threads: 128,
            ..plain
        },
    ];
    let mut wrong = Vec::new();
    for (i, &options) in shapes.iter().enumerate() {
        for (name, programs) in [
            (
                "residual",
                &[
                    Program::Hvp,
                    Program::Loss(&objectives::SSM),
                    Program::Loss(&objectives::SSM_VR),
                ][..],
            ),
            (
                "pairwise",
                &[Program::Curvature, Program::Loss(&objectives::SSM)],
            ),
            (
                "grbm",
                &[Program::Curvature, Program::Loss(&objectives::DSM)],
            ),
        ] {
            let name_of_binary = format!("{name}_{i}");
            wrong.extend(check(
                &name_of_binary,
                &family(name),
                programs,
                options,
                TOLERANCE,
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Many features: products with x over the batch, and directions compressed by a factorisation.
#[test]
fn wide_inputs_are_compressed_and_their_products_deferred() {
    let energy = energy("pub Wide(x: [261]) { mlp(x, [20, 12], tanh) }");
    let wrong = check(
        "wide",
        &energy,
        &Program::ALL,
        Options::default(),
        TOLERANCE,
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Features that vanish are left out in whole row blocks and column blocks of both operands of a product.
#[test]
fn the_triangle_is_left_out() {
    let energy = energy("pub Wide(x: [60]) { mlp(x, [52, 40], silu) }");
    let programs = [Program::Laplacian, Program::Loss(&objectives::ESM)];
    let emitted = emitted(&energy, Program::Loss(&objectives::ESM));
    let left_out = emitted
        .cuda
        .source
        .matches("structural_zeros(tile, ")
        .count();
    assert!(left_out >= 2, "{left_out} products leave something out");
    let wrong = check(
        "triangle",
        &energy,
        &programs,
        Options::default(),
        TOLERANCE,
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Rows of the first layer that are zero, equal, or nearly so have no direction of their own.
#[test]
fn dependent_rows_make_no_infinity() {
    let energy = energy("pub Wide(x: [24]) { mlp(x, [10, 6], softplus) }");
    let programs = [
        emitted(&energy, Program::Laplacian),
        emitted(&energy, Program::Loss(&objectives::ESM)),
    ];
    let binary = Binary::of("dependent", &programs, Options::default(), |text| text);
    for (i, e) in programs.iter().enumerate() {
        let mut f = feed(&e.graph, 9, 3, 5);
        let w = &mut f.params[0];
        let first = w[..24].to_vec();
        w[2 * 24..][..24].fill(0.0);
        w[4 * 24..][..24].copy_from_slice(&first);
        for (x, y) in w[7 * 24..][..24].iter_mut().zip(&first) {
            *x = f64::from((1.0001 * y) as f32);
        }
        w[8 * 24] += 1e-4;
        let (worst, _) = deviation(&binary, i, e, &f, 2, false).expect("it runs");
        println!("{:?} {worst:.1e}", e.program);
        // The square of a row is a number of single precision.
        assert!(worst < 2e-5, "{:?} is off by {worst:.1e}", e.program);
    }
}

/// One product of TF32 numbers in place of three is less accurate, and not otherwise wrong.
#[test]
fn tf32_is_as_accurate_as_it_can_be() {
    let options = Options {
        tf32_products: 1,
        ..Options::default()
    };
    let e = [emitted(
        &family("mlp_silu_2x64"),
        Program::Loss(&objectives::ESM),
    )];
    let binary = Binary::of("tf32", &e, options, |text| text);
    let f = feed(&e[0].graph, 19, 2, 3);
    let (worst, _) = deviation(&binary, 0, &e[0], &f, 2, false).expect("it runs");
    println!("tf32 {worst:.1e}");
    assert!((1e-5..3e-3).contains(&worst), "{worst:.1e}");
}

/// Length depends on the operations, not on their widths; and equal plans give equal text.
#[test]
fn sources_do_not_grow_with_widths() {
    let lines = |width: usize| -> Vec<usize> {
        let spec = format!("pub Net(x: [100]) {{ mlp(x, [64, {width}, 64], silu) }}");
        let energy = energy(&spec);
        let text = |p| emitted(&energy, p).cuda.source;
        Program::ALL
            .iter()
            .map(|&p| {
                assert_eq!(text(p), text(p));
                // Where buffers are reused depends on widths, and with it where barriers stand.
                text(p)
                    .lines()
                    .filter(|line| !line.contains("sync("))
                    .count()
            })
            .collect()
    };
    assert_eq!(lines(60), lines(4096));
}

//! Every spec file of the fixtures lowers to an energy with the parameters that its fixture names.

use scorematch_compiler::ir::{Axes, Graph};
use scorematch_compiler::spec::{Checked, parse_and_check};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/specs")
}

fn lower(name: &str) -> Checked {
    let file = folder().join(format!("{name}.energy"));
    let source = std::fs::read_to_string(&file).expect("the spec file is there");
    let tokens = source.parse().expect("the spec file is made of tokens");
    let mut models = parse_and_check(tokens).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    assert_eq!(models.len(), 1, "{name}");
    models.remove(0)
}

fn check(name: &str, x: &[usize], params: &[(&str, &[usize])]) {
    let Checked {
        graph,
        smooth,
        warnings,
        docs,
        ..
    } = lower(name);
    assert_eq!(graph.x_shape, x, "{name}");
    let found: Vec<(&str, &[usize])> = graph
        .params
        .iter()
        .map(|p| (p.name.as_str(), p.shape.as_slice()))
        .collect();
    assert_eq!(found, params, "{name}");
    assert!(smooth && warnings.is_empty() && docs.len() == 1, "{name}");
    let energy = graph.output("energy").expect("the output is called energy");
    assert_eq!(
        (graph.shape(energy), graph.axes(energy)),
        (&[][..], Axes::SAMPLE),
        "{name}"
    );
}

/// Names and shapes of an MLP's parameters, as PyTorch has them.
fn mlp(name: &str, dim: usize, widths: &[usize]) {
    let Graph {
        params, x_shape, ..
    } = lower(name).graph;
    assert_eq!(x_shape, [dim], "{name}");
    let (mut expected, mut inputs) = (vec![], dim);
    for (i, &units) in widths.iter().chain(&[1]).enumerate() {
        expected.push((format!("net.{}.weight", 2 * i), vec![units, inputs]));
        expected.push((format!("net.{}.bias", 2 * i), vec![units]));
        inputs = units;
    }
    let found: Vec<_> = params.into_iter().map(|p| (p.name, p.shape)).collect();
    assert_eq!(found, expected, "{name}");
}

#[test]
fn multilayer_perceptrons() {
    mlp("mlp_silu_2x64", 2, &[64; 3]);
    mlp("mlp_silu_10x128", 10, &[128; 3]);
    mlp("mlp_silu_50x64", 50, &[64; 3]);
    mlp("wide_input_200x48", 200, &[48; 3]);
    mlp("one_hidden_7x33", 7, &[33]);
    mlp("uneven_tanh", 5, &[17, 40, 9]);
    mlp("gelu", 3, &[32; 2]);
    mlp("sine", 4, &[24; 2]);
}

#[test]
fn residual_and_skip_connections() {
    check(
        "residual",
        &[6],
        &[
            ("log_k", &[]),
            ("inp.weight", &[32, 6]),
            ("inp.bias", &[32]),
            ("block1.weight", &[32, 32]),
            ("block1.bias", &[32]),
            ("block2.weight", &[32, 32]),
            ("block2.bias", &[32]),
            ("out.weight", &[1, 32]),
            ("out.bias", &[1]),
        ],
    );
    check(
        "skip_input",
        &[4],
        &[
            ("l1.weight", &[20, 4]),
            ("l1.bias", &[20]),
            ("l2.weight", &[20, 24]),
            ("l2.bias", &[20]),
            ("out.weight", &[1, 20]),
            ("out.bias", &[1]),
        ],
    );
}

#[test]
fn classical_models() {
    check("gaussian", &[5], &[("L", &[5, 5]), ("mu", &[5])]);
    check(
        "grbm",
        &[12],
        &[
            ("W", &[20, 12]),
            ("b", &[12]),
            ("c", &[20]),
            ("log_sigma", &[]),
        ],
    );
    check(
        "mixture",
        &[3],
        &[("mu", &[5, 3]), ("log_s", &[5]), ("logit", &[5])],
    );
    check(
        "student_poe",
        &[9],
        &[("W", &[15, 9]), ("log_alpha", &[15])],
    );
    check("ica", &[6], &[("W", &[6, 6])]);
}

#[test]
fn a_network_back_into_data_space() {
    let net = [
        ("net.0.weight", &[20, 6][..]),
        ("net.0.bias", &[20]),
        ("net.2.weight", &[6, 20]),
        ("net.2.bias", &[6]),
    ];
    check("deq", &[6], &net);
}

#[test]
fn networks_shared_by_several_calls() {
    let kernel = |k: usize| {
        let names = ["skip", "0.weight", "0.bias", "1.weight", "1.bias"];
        let shapes: [&'static [usize]; 5] = [&[8, 5], &[10, 5], &[10], &[8, 10], &[8]];
        names
            .map(|n| format!("k{k}.{n}"))
            .into_iter()
            .zip(shapes)
            .collect::<Vec<_>>()
    };
    let layers: Vec<_> = (0..2).flat_map(kernel).collect();
    let mut expected: Vec<(&str, &[usize])> = vec![
        ("rho", &[2]),
        ("z", &[20, 5]),
        ("alpha", &[20]),
        ("log_bw", &[2]),
        ("q_mu", &[5]),
        ("q_log_s", &[5]),
    ];
    expected.extend(layers.iter().map(|(name, shape)| (name.as_str(), *shape)));
    check("dkef", &[5], &expected);
    check(
        "pairwise",
        &[12],
        &[
            ("log_k", &[]),
            ("pair.0.weight", &[16, 1]),
            ("pair.0.bias", &[16]),
            ("pair.1.weight", &[1, 16]),
            ("pair.1.bias", &[1]),
        ],
    );
}

#[test]
fn parameters_at_several_places() {
    check(
        "siamese",
        &[6],
        &[
            ("f.0.weight", &[8, 3]),
            ("f.0.bias", &[8]),
            ("f.1.weight", &[3, 8]),
            ("f.1.bias", &[3]),
        ],
    );
    check("autoencoder", &[7], &[("w", &[5, 7]), ("b", &[5])]);
    check(
        "iterated",
        &[4],
        &[("w", &[4, 4]), ("b", &[4]), ("a", &[4])],
    );
    check(
        "trapped_7",
        &[21],
        &[
            ("log_k", &[]),
            ("pair.0.weight", &[16, 1]),
            ("pair.0.bias", &[16]),
            ("pair.1.weight", &[1, 16]),
            ("pair.1.bias", &[1]),
        ],
    );
}

#[test]
fn coupling_layers_in_a_loop() {
    let layer = |i: usize| {
        let shapes: [(&str, &'static [usize]); 4] = [
            ("0.weight", &[16, 3]),
            ("0.bias", &[16]),
            ("1.weight", &[3, 16]),
            ("1.bias", &[3]),
        ];
        shapes.map(|(name, shape)| (format!("c{i}.{name}"), shape))
    };
    let layers: Vec<_> = (0..4).flat_map(layer).collect();
    let mut expected: Vec<(&str, &[usize])> = vec![("log_scale", &[6])];
    expected.extend(layers.iter().map(|(name, shape)| (name.as_str(), *shape)));
    check("nice", &[6], &expected);
}

#[test]
fn every_file_is_small_and_lowers() {
    for entry in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_stem()
            .expect("files have names")
            .to_string_lossy()
            .into_owned();
        let lines = std::fs::read_to_string(&path)
            .expect("the file can be read")
            .lines()
            .count();
        assert!(lines <= 20, "{name} has {lines} lines");
        lower(&name);
    }
}

//! Energies and derivatives, for every cut of a batch.

use ndarray::{Array2, Axis, s};
use scorematch::{DirectionDistribution, InstructionSet, RandomDraw};

use super::*;

#[test]
fn quantities_agree_with_plain_loops() {
    let model: Small<f64> = model();
    let plain = reference(&model);
    for batch in BATCHES {
        let x = samples(batch, 3);
        let rows = || x.axis_iter(Axis(0));
        let v = draw(DirectionDistribution::Rademacher, 5, 4, batch, 3);
        assert_close(
            "energy",
            &model.energy(x.view()).unwrap(),
            rows().map(|x| plain.energy(x)),
            1e-13,
        );
        assert_close(
            "score",
            &model.score(x.view()).unwrap(),
            rows().flat_map(|x| -plain.gradient(x)),
            1e-13,
        );
        assert_close(
            "laplacian",
            &model.laplacian(x.view()).unwrap(),
            rows().map(|x| plain.laplacian(x)),
            1e-13,
        );
        let products = rows()
            .zip(v.index_axis(Axis(0), 0).rows())
            .flat_map(|(x, v)| plain.hvp(x, v))
            .collect::<Vec<_>>();
        assert_close(
            "hvp",
            &model.hvp(x.view(), v.index_axis(Axis(0), 0)).unwrap(),
            products,
            1e-13,
        );
        let along = model.curvature(x.view(), v.view()).unwrap();
        let pairs = || {
            v.axis_iter(Axis(0))
                .flat_map(|v| (0..batch).map(move |b| (b, v.row(b).to_owned())))
                .collect::<Vec<_>>()
        };
        assert_close(
            "slope",
            &along.slope,
            pairs()
                .iter()
                .map(|(b, v)| v.dot(&plain.gradient(x.row(*b)))),
            1e-13,
        );
        assert_close(
            "curvature",
            &along.curvature,
            pairs()
                .iter()
                .map(|(b, v)| v.dot(&plain.hvp(x.row(*b), v.view()))),
            1e-13,
        );
    }
}

#[test]
fn every_instruction_set_agrees() {
    let x = samples(50, 3);
    let mut model: Small<f64> = model();
    let plain = reference(&model);
    for isa in InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
    {
        model.set_instruction_set(isa).unwrap();
        assert_close(
            isa.name(),
            &model.energy(x.view()).unwrap(),
            x.axis_iter(Axis(0)).map(|x| plain.energy(x)),
            1e-13,
        );
    }
}

#[test]
fn a_sample_does_not_depend_on_its_batch() {
    let model: Wide<f64> = model();
    let x = samples(77, 90);
    let draw = RandomDraw {
        kind: DirectionDistribution::Orthonormal,
        count: 4,
        seed: 8,
        step: 9,
    };
    let (scores, along) = (
        model.score(x.view()).unwrap(),
        model.curvature(x.view(), draw).unwrap(),
    );
    for batch in [1, 5, 30, 76] {
        let head = x.slice(s![..batch, ..]);
        assert_eq!(model.score(head).unwrap(), scores.slice(s![..batch, ..]));
        assert_eq!(
            model.curvature(head, draw).unwrap().curvature,
            along.curvature.slice(s![.., ..batch])
        );
    }
}

#[test]
fn views_of_any_layout() {
    let model: Wide<f64> = model();
    let x = samples(40, 90);
    let (columns, mut padded) = (
        x.t().as_standard_layout().into_owned(),
        Array2::zeros((80, 95)),
    );
    padded.slice_mut(s![..;2, 3..93]).assign(&x);
    let expected = everything(&model, x.view());
    assert_eq!(everything(&model, columns.t()), expected);
    assert_eq!(everything(&model, padded.slice(s![..;2, 3..93])), expected);
}

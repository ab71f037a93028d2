//! Losses and their gradients, with given and with drawn vectors.

use ndarray::{Array2, Axis};
use scorematch::{DirectionDistribution, Loss, Model, Noise, RandomDraw, Spec};

use super::*;

/// Each loss with given vectors, with the same vectors drawn, and as the reference takes it.
fn for_each_loss(
    batch: usize,
    dim: usize,
    mut check: impl FnMut(Loss<'_, f64>, Loss<'_, f64>, reference::Loss),
) {
    check(Loss::esm(), Loss::esm(), reference::Loss::Esm);
    for &kind in DirectionDistribution::ALL {
        let draw = RandomDraw {
            kind,
            count: 5,
            seed: 11,
            step: 2,
        };
        let v = draw.array(batch, dim).unwrap();
        check(
            Loss::ssm(v.view()),
            Loss::ssm(draw),
            reference::Loss::Ssm(v.clone()),
        );
        check(
            Loss::ssm_vr(v.view()),
            Loss::ssm_vr(draw),
            reference::Loss::SsmVr(v.clone()),
        );
    }
}

fn check_losses<S: Spec>(batch: usize) {
    let model: Model<S, f64> = model();
    let plain = reference(&model);
    let x = samples(batch, model.dim());
    let mut gradient = vec![0.0; model.params().len()];
    for_each_loss(batch, model.dim(), |given, drawn, expected| {
        let what = format!("{} of {batch} x {}", given.name(), model.dim());
        let loss = plain.loss(&x, &expected);
        assert_close(
            &what,
            &[model.loss(x.view(), &given).unwrap()],
            [loss],
            1e-12,
        );
        assert_close(
            &what,
            &[model.loss(x.view(), &drawn).unwrap()],
            [loss],
            1e-12,
        );
        assert_close(
            &what,
            &[model
                .loss_gradient(x.view(), &given, &mut gradient)
                .unwrap()],
            [loss],
            1e-12,
        );
        check_gradient(&what, &gradient, &plain, &x, &expected);
        let same = gradient.clone();
        model
            .loss_gradient(x.view(), &drawn, &mut gradient)
            .unwrap();
        assert_eq!(gradient, same, "{what}: given and drawn directions differ");
    });
    let noise = draw(DirectionDistribution::Normal, 1, 5, batch, model.dim()).remove_axis(Axis(0));
    let loss = Loss::dsm(0.3, Noise::Given(noise.view()));
    let expected = reference::Loss::Dsm(0.3, noise.clone());
    let value = plain.loss(&x, &expected);
    assert_close(
        "dsm",
        &[model.loss(x.view(), &loss).unwrap()],
        [value],
        1e-12,
    );
    assert_close(
        "dsm",
        &[model.loss_gradient(x.view(), &loss, &mut gradient).unwrap()],
        [value],
        1e-12,
    );
    check_gradient("dsm gradient", &gradient, &plain, &x, &expected);
    // Drawn noise: value and gradient programs see the same.
    let loss = Loss::dsm(0.3, Noise::Drawn { seed: 1, step: 2 });
    let value = model.loss(x.view(), &loss).unwrap();
    assert_close(
        "drawn dsm",
        &[model.loss_gradient(x.view(), &loss, &mut gradient).unwrap()],
        [value],
        1e-12,
    );
}

/// The gradient along random directions of the parameters, against central differences.
#[track_caller]
fn check_gradient(
    what: &str,
    gradient: &[f64],
    plain: &Reference,
    x: &Array2<f64>,
    loss: &reference::Loss,
) {
    let scale = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    // One direction of a long batch, so that a build without optimisation stays quick.
    let count = if x.len() > 500 { 1 } else { 3 };
    for direction in samples(count, gradient.len()).rows() {
        let along: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let expected = plain.slope(x, loss, direction.iter());
        assert!(
            (along - expected).abs() < 1e-7 * scale,
            "{what}: {along} instead of {expected} of {scale}"
        );
    }
}

#[test]
fn losses_agree_with_plain_loops() {
    for batch in BATCHES {
        check_losses::<Wave<3, 5>>(batch);
    }
}

#[test]
fn losses_in_one_dimension() {
    check_losses::<Wave<1, 4>>(20);
}

#[test]
fn losses_with_deferred_products_in_parts() {
    let model: Wide<f64> = model();
    let plain = reference(&model);
    let x = samples(70, 90);
    let v = draw(DirectionDistribution::Sphere, 3, 5, 70, 90);
    let noise = v.index_axis(Axis(0), 0);
    let mut gradient = vec![0.0; model.params().len()];
    for (loss, expected) in [
        (Loss::esm(), reference::Loss::Esm),
        (Loss::ssm(v.view()), reference::Loss::Ssm(v.clone())),
        (
            Loss::dsm(0.2, Noise::Given(noise)),
            reference::Loss::Dsm(0.2, noise.to_owned()),
        ),
    ] {
        model.loss_gradient(x.view(), &loss, &mut gradient).unwrap();
        check_gradient(loss.name(), &gradient, &plain, &x, &expected);
    }
}

#[test]
fn values_of_long_batches_go_block_by_block() {
    let model: Small<f64> = model();
    let x = samples(2500, 3);
    let mut gradient = vec![0.0; model.params().len()];
    for_each_loss(2500, 3, |given, drawn, _| {
        let summed = model
            .loss_gradient(x.view(), &given, &mut gradient)
            .unwrap();
        assert_close(
            given.name(),
            &[model.loss(x.view(), &given).unwrap()],
            [summed],
            1e-12,
        );
        assert_close(
            given.name(),
            &[model.loss(x.view(), &drawn).unwrap()],
            [summed],
            1e-12,
        );
    });
    let drawn = Loss::dsm(0.3, Noise::Drawn { seed: 1, step: 2 });
    let summed = model
        .loss_gradient(x.view(), &drawn, &mut gradient)
        .unwrap();
    assert_close(
        "dsm",
        &[model.loss(x.view(), &drawn).unwrap()],
        [summed],
        1e-12,
    );
}

#[test]
fn single_precision_follows_double() {
    let (single, double): (Wide<f32>, Wide<f64>) = (model(), model());
    let x = samples(150, 90);
    let draw = RandomDraw {
        kind: DirectionDistribution::Sphere,
        count: 3,
        seed: 1,
        step: 2,
    };
    let noise = Noise::Drawn { seed: 1, step: 2 };
    let x32 = x.mapv(|x| x as f32);
    let pairs = [
        (Loss::esm(), Loss::esm()),
        (Loss::ssm(draw), Loss::ssm(draw)),
        (
            Loss::dsm(0.3, noise),
            Loss::dsm(0.3, Noise::Drawn { seed: 1, step: 2 }),
        ),
    ];
    for (loss32, loss64) in pairs {
        let (mut g32, mut g64) = (
            vec![0.0; single.params().len()],
            vec![0.0; single.params().len()],
        );
        let value32 = single.loss_gradient(x32.view(), &loss32, &mut g32).unwrap();
        let value64 = double.loss_gradient(x.view(), &loss64, &mut g64).unwrap();
        assert_close(loss64.name(), &[value32], [value64], 1e-5);
        assert_close(
            loss64.name(),
            &g32.iter().map(|g| f64::from(*g)).collect::<Vec<_>>(),
            g64,
            1e-5,
        );
    }
}

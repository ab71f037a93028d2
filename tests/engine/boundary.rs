//! What a person may hand in, and what the model says to what it cannot use.

use ndarray::s;
use scorematch::{DirectionDistribution, Error, Loss, Model, Noise, Projections, RandomDraw};

use super::*;

#[test]
fn wrong_arrays_are_errors_that_say_where() {
    let model: Small<f64> = model();
    let x = samples(4, 3);
    let message = |error: Error| error.to_string();
    let text = message(model.energy(samples(4, 2).view()).unwrap_err());
    assert!(
        text.contains("[4, 2]") && text.contains("[batch, 3]"),
        "{text}"
    );
    assert!(matches!(
        model.score(x.slice(s![..0, ..])),
        Err(Error::EmptyBatch { what: "x" })
    ));

    for (value, shown) in [
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        let mut bad = samples(200, 3);
        bad[(150, 1)] = value;
        let text = message(model.laplacian(bad.view()).unwrap_err());
        assert!(
            text.contains(&format!("x holds {shown} at row 150, column 1")),
            "{text}"
        );
        let text = message(model.energy(bad.slice(s![..;-1, ..])).unwrap_err());
        assert!(text.contains("row 49, column 1"), "{text}");
        let text = message(model.hvp(samples(200, 3).view(), bad.view()).unwrap_err());
        assert!(
            text.contains(&format!("v holds {shown} at row 150, column 1")),
            "{text}"
        );
    }

    let mut v = draw(DirectionDistribution::Normal, 2, 1, 4, 3);
    assert!(matches!(
        model.hvp(x.view(), samples(3, 3).view()),
        Err(Error::Shape { what: "v", .. })
    ));
    let short = v.slice(s![.., ..3, ..]);
    let text = message(model.curvature(x.view(), short).unwrap_err());
    assert!(
        text.contains("[2, 3, 3]") && text.contains("[M, 4, 3]"),
        "{text}"
    );
    assert!(matches!(
        model.curvature(x.view(), v.slice(s![..0, .., ..])),
        Err(Error::InvalidSetting { .. })
    ));
    v[(1, 2, 0)] = f64::NAN;
    let text = message(model.loss(x.view(), &Loss::ssm(v.view())).unwrap_err());
    assert!(
        text.contains("direction 1 holds NaN at row 2, column 0"),
        "{text}"
    );
    let none = RandomDraw {
        kind: DirectionDistribution::Normal,
        count: 0,
        seed: 0,
        step: 0,
    };
    assert!(matches!(
        model.loss(x.view(), &Loss::ssm(Projections::Drawn(none))),
        Err(Error::InvalidSetting { .. })
    ));

    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let loss = Loss::dsm(sigma, Noise::Drawn { seed: 0, step: 0 });
        assert!(matches!(
            model.loss(x.view(), &loss),
            Err(Error::InvalidSetting {
                setting: "sigma",
                ..
            })
        ));
    }
    assert!(matches!(
        model.loss_gradient(x.view(), &Loss::esm(), &mut [0.0; 3]),
        Err(Error::Shape {
            what: "gradient",
            ..
        })
    ));
}

#[test]
fn parameters_by_name() {
    let mut model: Small<f64> = Model::zeros();
    assert_eq!(model.params().as_ptr().addr() % 64, 0);
    assert!(model.params().iter().all(|p| *p == 0.0));
    let w = samples(5, 3);
    model.set("net.weight", w.view().into_dyn()).unwrap();
    assert_eq!(model.get("net.weight").unwrap(), w.view().into_dyn());
    assert_eq!(model.params()[1..16], *w.as_slice().unwrap());
    model
        .set("k", ndarray::arr0(2.0).view().into_dyn())
        .unwrap();
    assert_eq!(
        (model.params()[0], model.get("k").unwrap().ndim()),
        (2.0, 0)
    );

    let text = model.get("net.wieght").unwrap_err().to_string();
    assert!(
        text.contains("did you mean \"net.weight\"") && text.contains("k, net.weight, net.bias, a"),
        "{text}"
    );
    let text = model.get("momentum").unwrap_err().to_string();
    assert!(!text.contains("did you mean"), "{text}");
    let text = model
        .set("net.weight", w.t().into_dyn())
        .unwrap_err()
        .to_string();
    assert!(text.contains("[5, 3]") && text.contains("[3, 5]"), "{text}");

    // Energies of parameters that are not finite are values, not errors.
    model
        .set("k", ndarray::arr0(f64::NAN).view().into_dyn())
        .unwrap();
    assert!(
        model
            .energy(samples(2, 3).view())
            .unwrap()
            .iter()
            .all(|e| e.is_nan())
    );
    let copy = model.clone();
    assert_eq!(copy.params()[1..], model.params()[1..]);
}

#[test]
fn init_follows_the_declaration_in_both_precisions() {
    let (single, double): (Wide<f32>, Wide<f64>) = (model(), model());
    assert!(
        single
            .params()
            .iter()
            .zip(double.params())
            .all(|(s, d)| *s == *d as f32)
    );
    assert_eq!(double.params()[0], 1.5);
    let moment = |name| {
        double.get(name).unwrap().iter().map(|x| x * x).sum::<f64>()
            / double.get(name).unwrap().len() as f64
    };
    // 3330 draws: the sample variance is within 5 of its standard errors, √(2/n).
    assert!((moment("net.weight") / 0.16 - 1.0).abs() < 5.0 * (2.0 / 3330.0_f64).sqrt());
    assert!(
        double
            .get("net.bias")
            .unwrap()
            .iter()
            .all(|b| b.abs() <= 0.5)
    );
    assert_eq!(
        format!("{:?}", self::model::<Wave<3, 5>, f32>()),
        "Wave<f32>(x: [3], k: [], net.weight: [5, 3], net.bias: [5], a: [5])"
    );
}

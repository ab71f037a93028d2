//! A model against the golden values of its family, in both precisions and every form that the machine has.

use crate::case::Case;
use crate::models;
use ndarray::{Array2, Array3, ArrayD};
use scorematch::{Form, Loss, Model, Noise, Real, Slices, Spec};
use std::path::Path;

/// The largest deviation of one quantity.
#[derive(Debug)]
pub struct Agreement {
    /// What was compared, with the precision and form.
    pub what: String,
    /// Largest deviation over the array's largest magnitude.
    pub error: f64,
    /// What is allowed.
    pub tolerance: f64,
}

/// A family: the name of its fixture and the comparison.
pub struct Family {
    /// Name of the fixture file without its ending.
    pub name: &'static str,
    /// Compares every quantity.
    pub check: fn(&Path) -> Result<Vec<Agreement>, String>,
}

/// Every family but `conv`. A static, so that the models are compiled in this crate and not in every test.
pub static FAMILIES: [Family; 19] = [
    Family {
        name: "mlp_silu_2x64",
        check: check::<models::MlpSilu2x64Spec>,
    },
    Family {
        name: "mlp_silu_10x128",
        check: check::<models::MlpSilu10x128Spec>,
    },
    Family {
        name: "mlp_silu_50x64",
        check: check::<models::MlpSilu50x64Spec>,
    },
    Family {
        name: "wide_input_200x48",
        check: check::<models::WideInput200x48Spec>,
    },
    Family {
        name: "one_hidden_7x33",
        check: check::<models::OneHidden7x33Spec>,
    },
    Family {
        name: "uneven_tanh",
        check: check::<models::UnevenTanhSpec>,
    },
    Family {
        name: "gelu",
        check: check::<models::GeluSpec>,
    },
    Family {
        name: "sine",
        check: check::<models::SineSpec>,
    },
    Family {
        name: "residual",
        check: check::<models::ResidualSpec>,
    },
    Family {
        name: "skip_input",
        check: check::<models::SkipInputSpec>,
    },
    Family {
        name: "gaussian",
        check: check::<models::GaussianSpec>,
    },
    Family {
        name: "grbm",
        check: check::<models::GrbmSpec>,
    },
    Family {
        name: "mixture",
        check: check::<models::MixtureSpec>,
    },
    Family {
        name: "student_poe",
        check: check::<models::StudentPoeSpec>,
    },
    Family {
        name: "ica",
        check: check::<models::IcaSpec>,
    },
    Family {
        name: "deq",
        check: check::<models::DeqSpec>,
    },
    Family {
        name: "dkef",
        check: check::<models::DkefSpec>,
    },
    Family {
        name: "nice",
        check: check::<models::NiceSpec>,
    },
    Family {
        name: "pairwise",
        check: check::<models::PairwiseSpec>,
    },
];

fn check<S: Spec>(path: &Path) -> Result<Vec<Agreement>, String> {
    let mut found = Vec::new();
    for form in Form::ALL.into_iter().filter(|f| f.is_supported()) {
        compare::<S, f64>(path, form, 1e-9, &mut found)?;
        compare::<S, f32>(path, form, 2e-4, &mut found)?;
    }
    Ok(found)
}

fn compare<S: Spec, T: Real>(
    path: &Path,
    form: Form,
    tolerance: f64,
    found: &mut Vec<Agreement>,
) -> Result<(), String> {
    let mut case = Case::open(path)?;
    let text = |e: scorematch::Error| format!("{}: {e}", path.display());
    let mut model = Model::<S, T>::zeros();
    model.set_form(form).map_err(text)?;
    for p in S::PARAMS {
        let value = case.get(&format!("p.{}", p.name))?.mapv(T::of);
        model.set(p.name, value.view()).map_err(text)?;
    }
    let cast2 = |a: Array2<f64>| a.mapv(T::of);
    let x = cast2(case.rows("x")?);
    let v = cast2(case.rows("v")?);
    let noise = cast2(case.rows("noise")?);
    let directions: Array3<T> = case.direction("v")?.mapv(T::of);
    let sigma = T::of(case.number("sigma")?);
    let magnitude = |a: &ArrayD<f64>| a.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    let mut say = |what: &str, got: ArrayD<f64>, want: ArrayD<f64>, whole: f64| {
        // A gradient that vanishes identically (a bias that cancels) is rounding noise in the reference, 1e-16 of its
        // neighbours: it has no magnitude of its own and is judged against the whole gradient's.
        let scale = magnitude(&want);
        let scale = if scale < 1e-12 * whole { whole } else { scale };
        // An array of zeros has no magnitude of its own; rounding is judged against one.
        let scale = if scale == 0.0 { 1.0 } else { scale };
        let worst = got.iter().zip(&want).fold(0.0f64, |m, (g, w)| {
            let error = (g - w).abs();
            if error.is_nan() {
                f64::INFINITY
            } else {
                m.max(error)
            }
        });
        let error = if got.shape() == want.shape() {
            worst / scale
        } else {
            f64::INFINITY
        };
        found.push(Agreement {
            what: format!("{what} {} {form:?}", T::NAME),
            error,
            tolerance,
        });
    };
    let out = |a: ndarray::ArrayD<T>| a.mapv(|x| Real::to_f64(x));
    say(
        "energy",
        out(model.energy(x.view()).map_err(text)?.into_dyn()),
        case.get("energy")?,
        0.0,
    );
    say(
        "score",
        out(model.score(x.view()).map_err(text)?.into_dyn()),
        case.get("score")?,
        0.0,
    );
    say(
        "laplacian",
        out(model.laplacian(x.view()).map_err(text)?.into_dyn()),
        case.get("laplacian")?,
        0.0,
    );
    say(
        "hvp",
        out(model.hvp(x.view(), v.view()).map_err(text)?.into_dyn()),
        case.get("hvp")?,
        0.0,
    );
    let mut gradient = vec![T::zero(); S::PARAM_LEN];
    let losses = [
        ("esm", Loss::Esm),
        ("ssm", Loss::Ssm(Slices::Given(directions.view()))),
        ("ssm_vr", Loss::SsmVr(Slices::Given(directions.view()))),
        (
            "dsm",
            Loss::Dsm {
                sigma,
                noise: Noise::Given(noise.view()),
            },
        ),
    ];
    for (name, loss) in losses {
        let value = model.loss(x.view(), &loss).map_err(text)?;
        let want = case.get(name)?;
        let number = |value: f64| ArrayD::from_elem(want.raw_dim(), value);
        say(name, number(value), want.clone(), 0.0);
        let value = model
            .loss_gradient(x.view(), &loss, &mut gradient)
            .map_err(text)?;
        say(
            &format!("{name} in the step"),
            number(value),
            want.clone(),
            0.0,
        );
        let mut whole = 0.0f64;
        for p in S::PARAMS {
            whole = whole.max(magnitude(&case.get(&format!("{name}.g.{}", p.name))?));
        }
        for p in S::PARAMS {
            let want = case.get(&format!("{name}.g.{}", p.name))?;
            let got: Vec<f64> = gradient[p.offset..][..p.len()]
                .iter()
                .map(|g| Real::to_f64(*g))
                .collect();
            let got = ArrayD::from_shape_vec(want.raw_dim(), got)
                .map_err(|e| format!("{}: {e}", p.name))?;
            say(&format!("{name} gradient of {}", p.name), got, want, whole);
        }
    }
    Ok(())
}

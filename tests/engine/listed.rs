//! Models of several specs in one list.

use ndarray::{Array2, ArrayView2, ArrayViewD, arr1};
use scorematch::{DirectionDistribution, EnergyModel, Error, RandomDraw};

use super::{Small, Wide, model, samples};

fn list() -> Vec<Box<dyn EnergyModel<f32>>> {
    let (small, wide): (Small<f32>, Wide<f32>) = (model(), model());
    vec![Box::new(small), Box::new(wide)]
}

fn x(model: &dyn EnergyModel<f32>) -> Array2<f32> {
    samples(7, model.dim()).mapv(|x| x as f32)
}

#[test]
fn a_list_computes_what_its_models_compute() {
    let (small, wide): (Small<f32>, Wide<f32>) = (model(), model());
    let draw = RandomDraw {
        kind: DirectionDistribution::Sphere,
        count: 2,
        seed: 1,
        step: 0,
    };
    let list = list();
    assert_eq!(
        (list[0].shape(), list[1].dim()),
        (small.shape(), wide.dim())
    );
    assert_eq!(
        [list[0].name(), list[1].name()],
        [small.name(), wide.name()]
    );
    assert!(list.iter().all(|model| model.is_smooth()));
    let x = x(&*list[1]);
    let view: ArrayView2<'_, f32> = x.view();
    assert_eq!(list[1].energy(view).unwrap(), wide.energy(&x).unwrap());
    assert_eq!(list[1].score(view).unwrap(), wide.score(&x).unwrap());
    assert_eq!(
        list[1].laplacian(view).unwrap(),
        wide.laplacian(&x).unwrap()
    );
    assert_eq!(list[1].hvp(view, view).unwrap(), wide.hvp(&x, &x).unwrap());
    assert_eq!(
        list[1].curvature(view, draw.into()).unwrap(),
        wide.curvature(&x, draw).unwrap()
    );
    assert!(matches!(list[0].energy(view), Err(Error::Shape { .. })));
}

#[test]
fn parameters_are_listed_read_and_written_by_name() {
    for mut model in list() {
        let before: Vec<(String, Vec<usize>, f32)> = model
            .parameters()
            .map(|(name, values)| (name.to_owned(), values.shape().to_vec(), values.sum()))
            .collect();
        assert!(before.len() > 1);
        for (name, shape, sum) in &before {
            let values: ArrayViewD<'_, f32> = model.get(name).unwrap();
            assert_eq!((values.shape(), values.sum()), (&shape[..], *sum), "{name}");
        }
        let mut written = Vec::new();
        for (k, (name, mut values)) in model.parameters_mut().enumerate() {
            values.fill(k as f32);
            written.push(name.to_owned());
        }
        assert!(before.iter().map(|(name, ..)| name).eq(&written));
        for (k, (name, values)) in model.parameters().enumerate() {
            assert!(values.iter().all(|&value| value == k as f32), "{name}");
        }
        let (name, shape, _) = &before[0];
        let ones = ndarray::ArrayD::ones(&shape[..]);
        model.set(name, ones.view()).unwrap();
        assert_eq!(model.get(name).unwrap(), ones);
        let short = arr1(&[1.0f32]);
        assert!(model.set(name, short.view().into_dyn()).is_err());
        assert!(model.get("no such name").is_err());
    }
}

/// On the model itself arrays of any number of axes are given by reference.
#[test]
fn a_parameter_is_set_from_an_array() {
    let mut model: Small<f32> = model();
    let (name, shape) = {
        let (name, values) = model
            .parameters()
            .find(|(_, values)| values.ndim() == 2)
            .unwrap();
        (name, (values.shape()[0], values.shape()[1]))
    };
    let values = Array2::from_shape_fn(shape, |(i, j)| (3 * i + j) as f32);
    model.set(name, &values).unwrap();
    model.set(name, values.view()).unwrap();
    assert_eq!(model.get(name).unwrap(), values.into_dyn());
}

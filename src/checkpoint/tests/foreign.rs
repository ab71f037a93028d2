//! Files of other programs: their names and their types of numbers; and what a model alone saves and loads.

use safetensors::tensor::Dtype;

use super::{bits, f32s, message, units, well, write};
use crate::checkpoint::{Names, Trained, load, save};
use crate::error::Error;
use crate::model::Model;
use crate::testing::Well;

#[test]
fn half_precision_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half");
    // 1.5 and −2 as float16, 3 as bfloat16.
    let b = ("b", Dtype::F16, &[2][..], vec![0x00, 0x3e, 0x00, 0xc0]);
    let k = ("k", Dtype::BF16, &[][..], vec![0x40, 0x40]);
    write(&path, &[k.clone(), b], None);
    let single: Trained<Well, f32> = load(&path).unwrap();
    assert_eq!(single.model.params(), [3.0, 1.5, -2.0]);
    let double: Trained<Well, f64> = load(&path).unwrap();
    assert_eq!(double.model.params(), [3.0, 1.5, -2.0]);
    let infinite = ("b", Dtype::F16, &[2][..], vec![0x00, 0x3e, 0x00, 0x7c]);
    write(&path, &[k, infinite], None);
    assert!(message(&path).ends_with("entry 1 of \"b\" is not a finite f64"));
}

#[test]
fn other_names_are_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("named");
    write(
        &path,
        &[
            ("module.0.bias", Dtype::F32, &[2], f32s(&[1.0, 2.0])),
            ("module.stiffness", Dtype::F32, &[], f32s(&[4.0])),
        ],
        None,
    );
    let names = Names::new()
        .rename("k", "module.stiffness")
        .rename("b", "module.0.bias");
    let trained = Trained::<Well>::load_with(&path, &names).unwrap();
    assert_eq!(trained.model.params(), [4.0, 1.0, 2.0]);
    // Under its own names the file is another model's.
    assert!(message(&path).ends_with("not of this model: module.0.bias, module.stiffness"));

    let trained = Trained::new(well(), Some(units()), 7);
    trained.save_with(&path, &names).unwrap();
    assert!(message(&path).contains("missing: k, b"));
    let again = Trained::<Well, f64>::load_with(&path, &names).unwrap();
    assert_eq!(bits(&again.model), bits(&well()));
    assert_eq!((again.step, again.standardization), (7, Some(units())));

    let wrong = trained.save_with(&path, &Names::new().prefix("net", ""));
    assert!(matches!(wrong, Err(Error::InvalidSetting { .. })));
    assert!(Trained::<Well, f64>::load_with(&path, &names).is_ok());
}

#[test]
fn a_reserved_name_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reserved");
    let reserved = Names::new().rename("k", "__metadata__");
    let error = Trained::new(well(), None, 0).save_with(&path, &reserved);
    assert!(matches!(error, Err(Error::Checkpoint { .. })));
    assert!(!path.exists());
}

#[test]
fn a_model_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    well().save(&path).unwrap();
    assert_eq!(bits(&Model::load(&path).unwrap()), bits(&well()));
    assert_eq!(load::<Well, f64>(&path).unwrap().step, 0);
    // Its numbers would mean something else without the units.
    save(&path, &well(), Some(&units()), 5).unwrap();
    let error = Model::<Well, f64>::load(&path).unwrap_err().to_string();
    assert!(error.contains("`Trained::load`"), "{error}");
}

//! Files as they are written, and files as they may be found.

mod damage;
mod destination;
mod foreign;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use ndarray::array;
use safetensors::tensor::{Dtype, TensorView};

use super::metadata::Metadata;
use super::{Trained, load, save};
use crate::data::Standardization;
use crate::error::Error;
use crate::model::Model;
use crate::testing::Well;

fn well() -> Model<Well, f64> {
    let mut model = Model::zeros();
    model
        .params_mut()
        .copy_from_slice(&[1.0 / 3.0, -0.0, 1e-300]);
    model
}

fn units() -> Standardization {
    Standardization::new(vec![0.1, -7.0], vec![1.0 / 3.0, 1e5]).unwrap()
}

fn message(path: &Path) -> String {
    match load::<Well, f64>(path) {
        Err(error @ (Error::Checkpoint { .. } | Error::Io { .. })) => {
            let text = error.to_string();
            assert!(
                text.contains(path.to_str().unwrap()),
                "the file is named: {text}"
            );
            text
        }
        other => panic!("an error was expected, not {other:?}"),
    }
}

/// A file with these tensors, and this metadata if any. Metadata that can be read gets the hash that belongs to it.
fn write(path: &Path, tensors: &[(&str, Dtype, &[usize], Vec<u8>)], metadata: Option<&str>) {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (
            *name,
            TensorView::new(*dtype, shape.to_vec(), bytes).unwrap(),
        )
    });
    let views: Vec<_> = views.collect();
    let signed = |text: &str| match serde_json::from_str::<Metadata>(text) {
        Ok(metadata) => metadata.signed(&views).to_json(),
        Err(_) => text.to_owned(),
    };
    let metadata = metadata.map(|text| HashMap::from([("scorematch".to_owned(), signed(text))]));
    fs::write(path, safetensors::serialize(views, metadata).unwrap()).unwrap();
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

#[test]
fn there_and_back_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    save(&first, &well(), Some(&units()), 1234).unwrap();
    let trained: Trained<Well, f64> = load(&first).unwrap();
    assert_eq!(bits(&trained.model), bits(&well()));
    assert_eq!(
        (trained.step, trained.standardization.as_ref()),
        (1234, Some(&units()))
    );
    trained.save(&second).unwrap();
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    save(&first, &well(), None, 0).unwrap();
    assert_eq!(load::<Well, f64>(&first).unwrap().standardization, None);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "no temporary file is left"
    );
}

fn bits(model: &Model<Well, f64>) -> Vec<u64> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

/// The metadata is text; numbers must come back from it to the last bit all the same.
#[test]
fn units_there_and_back_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let draws: ndarray::Array2<f64> = crate::directions::noise(
        scorematch_kernels::simd::InstructionSet::detect().unwrap(),
        1,
        0,
        0,
        50,
        4,
    );
    for draw in draws.outer_iter() {
        let std = vec![draw[2].exp(), (100.0 * draw[3]).exp()];
        let units = Standardization::new(vec![draw[0], 1e9 * draw[1]], std).unwrap();
        save(&path, &well(), Some(&units), 0).unwrap();
        assert_eq!(
            load::<Well, f64>(&path).unwrap().standardization,
            Some(units)
        );
    }
}

#[test]
fn either_precision_loads_as_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &well(), None, 0).unwrap();
    let single: Trained<Well, f32> = load(&path).unwrap();
    assert_eq!(single.model.params(), [1.0f32 / 3.0, 0.0, 0.0]);
    single.save(&path).unwrap();
    let double: Trained<Well, f64> = load(&path).unwrap();
    assert_eq!(double.model.params()[0], f64::from(1.0f32 / 3.0));
    write(
        &path,
        &[
            ("k", Dtype::F64, &[], 1e300f64.to_le_bytes().into()),
            ("b", Dtype::F32, &[2], f32s(&[0.0; 2])),
        ],
        None,
    );
    assert!(load::<Well, f64>(&path).is_ok());
    let error = load::<Well, f32>(&path).unwrap_err().to_string();
    assert!(
        error.ends_with("entry 0 of \"k\" is not a finite f32"),
        "{error}"
    );
}

#[test]
fn a_state_dict_without_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    write(
        &path,
        &[
            ("b", Dtype::F32, &[2], f32s(&[1.0, 2.0])),
            ("k", Dtype::F32, &[], f32s(&[4.0])),
        ],
        None,
    );
    let trained: Trained<Well, f32> = load(&path).unwrap();
    assert_eq!((trained.step, &trained.standardization), (0, &None));
    assert_eq!(trained.model.params(), [4.0, 1.0, 2.0]);
    assert_eq!(trained.energy(array![[1.0, 3.0]].view()).unwrap()[0], 2.0);
}

#[test]
fn files_of_other_models() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let (k, b) = (
        ("k", Dtype::F32, &[][..], f32s(&[1.0])),
        ("b", Dtype::F32, &[2][..], f32s(&[0.0; 2])),
    );
    let sound = [k.clone(), b.clone()];
    let cases = [
        (
            r#"{"format":1,"spec":"Mlp","x_shape":[2],"dtype":"f32","step":1,"hash":""}"#,
            "it holds the model Mlp(x: [2]); it was to be loaded as Well(x: [2])",
        ),
        (
            r#"{"format":1,"spec":"Well","x_shape":[3],"dtype":"f32","step":1,"hash":""}"#,
            "it holds the model Well(x: [3])",
        ),
        (r#"{"spec":"Well"}"#, "metadata cannot be read"),
        (
            r#"{"format":1,"spec":"Well","x_shape":[2],"dtype":"f32","step":1,"standardization":{"mean":[0,0,0],"std":[1,1,1]},"hash":""}"#,
            "its standardization has 3 columns; the model has 2",
        ),
        (
            r#"{"format":1,"spec":"Well","x_shape":[2],"dtype":"f32","step":1,"standardization":{"mean":[0,0],"std":[1,0]},"hash":""}"#,
            "its standardization is damaged",
        ),
    ];
    for (metadata, expected) in cases {
        write(&path, &sound, Some(metadata));
        let found = message(&path);
        assert!(found.contains(expected), "{found}");
    }
    write(
        &path,
        &[k.clone(), ("net.0.weight", Dtype::F32, &[1], f32s(&[0.0]))],
        None,
    );
    assert!(
        message(&path)
            .ends_with("not the parameters of Well; missing: b; not of this model: net.0.weight")
    );
    write(
        &path,
        &[k.clone(), ("b", Dtype::F32, &[1, 2], f32s(&[0.0; 2]))],
        None,
    );
    assert!(message(&path).ends_with("\"b\" has shape [1, 2]; the model's has [2]"));
    write(&path, &[k, ("b", Dtype::I32, &[2], vec![0; 8])], None);
    assert!(
        message(&path).ends_with("\"b\" is stored as I32; convert it to F16, BF16, F32 or F64")
    );
    write(&path, &[("k", Dtype::F32, &[], f32s(&[f32::NAN])), b], None);
    assert!(message(&path).ends_with("entry 0 of \"k\" is not a finite f64"));
}

//! Files that are damaged, foreign, or not to be written at all.

use std::collections::HashMap;
use std::fs;

use safetensors::tensor::Dtype;
use scorematch_kernels::simd::Real;

use super::{bits, f32s, message, units, well, write};
use crate::checkpoint::{load, save};
use crate::error::Error;
use crate::model::Model;
use crate::program::{Init, ParamInfo, Programs, Spec};
use crate::testing::Well;

#[test]
fn every_cut_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &well(), Some(&units()), 5).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(
            message(&path).contains("cut short or no safetensors file"),
            "{length} bytes"
        );
    }
    fs::write(&path, [whole, vec![0]].concat()).unwrap();
    message(&path);
}

/// Every single bit, of lengths, names, metadata and tensors: an error, or the same content.
#[test]
fn every_flipped_bit_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for units in [Some(units()), None] {
        save(&path, &well(), units.as_ref(), 5).unwrap();
        let whole = fs::read(&path).unwrap();
        let mut told = 0;
        for bit in 0..8 * whole.len() {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &damaged).unwrap();
            match load::<Well, f64>(&path) {
                Err(Error::Checkpoint { .. }) => told += 1,
                Err(error) => panic!("bit {bit}: {error}"),
                Ok(trained) => assert_eq!(
                    (bits(&trained.model), trained.step, &trained.standardization),
                    (bits(&well()), 5, &units),
                    "bit {bit}"
                ),
            }
        }
        assert!(told > 0);
    }
}

#[test]
fn changes_are_told_from_other_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &well(), Some(&units()), 5).unwrap();
    let whole = fs::read(&path).unwrap();
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = whole
            .windows(from.len())
            .position(|window| window == from.as_bytes())
            .unwrap();
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        fs::write(&path, bytes).unwrap();
        message(&path)
    };
    assert!(changed("standardization", "standardizatioo").contains("unknown field"));
    assert!(changed("-7.0", "-6.0").contains("changed after it was saved"));
    assert!(changed(r#"step\":5"#, r#"step\":4"#).contains("changed after it was saved"));
    assert!(changed("scorematch", "scorematcl").contains("the entry \"scorematcl\""));
    assert!(changed(r#"format\":1"#, r#"format\":3"#).contains("is of format 3"));
    assert!(changed("__metadata__", "__metadatA__").contains("no safetensors file"));
    let last = whole.len() - 1;
    fs::write(&path, [&whole[..last], &[whole[last] ^ 1]].concat()).unwrap();
    assert!(message(&path).contains("changed after it was saved"));
}

/// PyTorch's own entry says nothing about parameters; no other is known.
#[test]
fn metadata_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let bytes = [f32s(&[4.0]), f32s(&[1.0, 2.0])];
    let with = |entries: &[(&str, &str)]| {
        let views = [("k", 0), ("b", 1)].map(|(name, i)| {
            let shape = if i == 0 { vec![] } else { vec![2] };
            let view = safetensors::tensor::TensorView::new(Dtype::F32, shape, &bytes[i]);
            (name, view.unwrap())
        });
        let entries = entries
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()));
        let header: HashMap<_, _> = entries.collect();
        fs::write(&path, safetensors::serialize(views, Some(header)).unwrap()).unwrap();
        load::<Well, f64>(&path).map(|trained| trained.model.params().to_vec())
    };
    assert_eq!(with(&[]).unwrap(), [4.0, 1.0, 2.0]);
    assert_eq!(with(&[("format", "pt")]).unwrap(), [4.0, 1.0, 2.0]);
    for entries in [
        &[("format", "pt"), ("note", "mine")][..],
        &[("Scorematch", "{}")],
        &[("scorematch", "{}")],
        &[("scorematch", "")],
        &[("scorematch", "{}"), ("format", "pt")],
    ] {
        let error = with(entries).expect_err("metadata that is not known");
        assert!(matches!(error, Error::Checkpoint { .. }), "{error}");
    }
    write(
        &path,
        &[
            ("k", Dtype::F32, &[], f32s(&[4.0])),
            ("b", Dtype::F32, &[2], f32s(&[1.0, 2.0])),
        ],
        Some(r#"{"format":0,"spec":"Well","x_shape":[2],"dtype":"f32","step":1,"hash":""}"#),
    );
    assert!(message(&path).contains("changed after it was saved"));
}

#[test]
fn foreign_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for text in [
        "just a text, long enough for a header",
        "{}",
        "PK\u{3}\u{4} an archive as PyTorch writes it",
    ] {
        fs::write(&path, text).unwrap();
        assert!(message(&path).contains("safetensors"), "{text}");
    }
    assert!(matches!(
        load::<Well, f64>(folder.path().join("missing")),
        Err(Error::Io { .. })
    ));
    assert!(matches!(
        load::<Well, f64>(folder.path()),
        Err(Error::Io { .. })
    ));
}

#[test]
fn parameters_that_are_no_numbers_are_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &well(), None, 1).unwrap();
    let before = fs::read(&path).unwrap();
    for (value, said) in [
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        let mut model = well();
        model.params_mut()[2] = value;
        let error = save(&path, &model, None, 2).expect_err("it could not be loaded");
        assert!(matches!(error, Error::Checkpoint { .. }));
        let text = error.to_string();
        assert!(
            text.contains(&format!("entry 1 of \"b\" is {said}")),
            "{text}"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

/// A well whose parameter has the name under which safetensors keeps metadata.
#[derive(Debug)]
enum Reserved {}

impl Spec for Reserved {
    const NAME: &'static str = "Reserved";
    const X_SHAPE: &'static [usize] = Well::X_SHAPE;
    const DIM: usize = Well::DIM;
    const PARAMS: &'static [ParamInfo] = &[
        ParamInfo {
            name: "k",
            shape: &[],
            offset: 0,
            init: Init::Constant(1.0),
        },
        ParamInfo {
            name: "__metadata__",
            shape: &[2],
            offset: 1,
            init: Init::Constant(0.0),
        },
    ];
    const PARAM_LEN: usize = Well::PARAM_LEN;
    const SMOOTH: bool = true;

    fn programs<T: Real>() -> &'static Programs<T> {
        Well::programs()
    }
}

#[test]
fn the_name_of_the_metadata_is_no_name_of_a_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let error =
        save(&path, &Model::<Reserved, f64>::zeros(), None, 0).expect_err("a reserved name");
    let text = error.to_string();
    assert!(
        text.contains("\"__metadata__\"") && text.contains("rename"),
        "{text}"
    );
    assert!(!path.exists());
}

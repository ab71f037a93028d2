//! Ready-made models, compiled by the build script from the files in `specs/`.

#![allow(
    dead_code,
    reason = "of most models commands name the spec and not the type"
)]

include!(concat!(env!("OUT_DIR"), "/zoo.rs"));

//! Ready-made models, compiled by the build script from the files in `specs/`; the command line uses them.

include!(concat!(env!("OUT_DIR"), "/zoo.rs"));

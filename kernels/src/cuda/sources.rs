//! The files of `cuda/`, listed here and nowhere else. The build script includes this file as it is.

/// A file of `cuda/`.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! source {
    ($name:literal) => {
        Source {
            name: $name,
            text: include_str!(concat!("../../cuda/", $name)),
        }
    };
}

const DEVICE: Source = source!("device.cuh");
const THREAD_GROUP: Source = source!("thread_group.cuh");
const FUNCTIONS: Source = source!("functions.cuh");
const GEMM: Source = source!("gemm.cuh");
const LQ: Source = source!("lq.cuh");
const TILE: Source = source!("tile.cuh");
const RANDOM: Source = source!("random.cuh");
const DIRECTIONS: Source = source!("directions.cuh");
const TRAIN: Source = source!("train.cuh");
const STEP_EPILOGUE_KERNEL: Source = source!("step_epilogue.cuh");

/// What every program follows, in order.
pub const PROGRAM: [Source; 6] = [DEVICE, THREAD_GROUP, FUNCTIONS, GEMM, LQ, TILE];

/// What training adds to them, in order.
pub const TRAINING: [Source; 3] = [RANDOM, DIRECTIONS, TRAIN];

/// The sources of the step epilogue, a kernel that ends a step that several GPUs share.
pub const STEP_EPILOGUE: [Source; 8] = [
    DEVICE,
    THREAD_GROUP,
    FUNCTIONS,
    TILE,
    RANDOM,
    DIRECTIONS,
    TRAIN,
    STEP_EPILOGUE_KERNEL,
];

/// The texts of some sources, one after another.
pub fn text(sources: &[Source]) -> String {
    sources.iter().map(|source| source.text).collect()
}

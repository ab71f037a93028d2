//! The lowered form of a program: statements over buffers, without a graph.
//!
//! Enters: a plan and a [`Target`]. Leaves: a [`Lowered`] program. Its statements are loop nests, GEMM calls, rank-k
//! updates, reductions and data movement; their operands are [`View`]s of buffers, and its outputs are typed. An
//! emitter prints these statements and derives nothing.
//!
//! [`verify`] states the invariants, and [`interpret`] defines the meaning of a statement.

mod arena;
mod buffers;
mod contraction;
mod effects;
mod gemm;
mod index_map;
mod interpret;
mod lowering;
mod movement;
mod nest;
mod print;
mod program;
mod statement;
mod target;
mod transposes;
mod verify;
mod view;

pub use contraction::{Contraction, Factor, IndexAxis, Subscript, stride_of};
pub use effects::Effects;
pub use gemm::{GemmCall, RankKCall, Repeat};
pub use index_map::IndexMap;
pub use interpret::{Interpreted, interpret};
pub use lowering::lower;
pub use movement::{Block, Indexed, Maximum, Movement};
pub use nest::{DirectionSum, Formula, Load, Local, LoopNest, Source};
pub use print::print;
pub use program::{DeferredGemm, Inputs, Lowered, Output, Span, TileFactor};
pub use statement::{
    BatchStatement, Defer, Deliver, Fill, Lq, LqGradient, ReduceToColumns, SampleResult, SampleSum,
    TileStatement, Transpose,
};
pub use target::{Target, Transposes};
pub use verify::verify;
pub use view::{Buffer, Operand, View};

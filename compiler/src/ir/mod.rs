//! The intermediate representation: a tensor graph whose elementwise nodes hold symbolic scalar expressions.

mod build;
mod eval;
mod graph;
mod print;
mod scalar;
mod verify;

pub use build::broadcast;
pub use eval::{Array, Feed, eval};
pub use graph::{Axes, DIRECTION, Graph, Init, Input, Label, Node, NodeId, Op, Param};
pub use print::print;
pub use scalar::{CLAMP, Expr, Func, Pool, evaluate, in_range};
pub(crate) use scalar::{Quotient, Sides, Term, quotients};
pub use verify::verify;

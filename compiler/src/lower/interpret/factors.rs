//! The LQ factorisation, by the interpreter of graphs.

use super::memory::Memory;
use crate::ir::{Axes, Feed, Graph, Init, Op, eval};
use crate::lower::Lq;

pub(super) fn lq(memory: &mut Memory<'_>, lq: &Lq) {
    let [rows, columns] = lq.shape;
    let r = rows.min(columns);
    let mut g = Graph::new(vec![1]);
    let a = g.param("a", lq.shape.to_vec(), Init::Constant(0.0));
    let parts = [
        (lq.lower, Op::LqLower(a), vec![rows, r]),
        (lq.orthonormal, Op::LqOrthonormal(a), vec![r, columns]),
    ];
    let feed = Feed {
        batch: 1,
        directions: 1,
        params: vec![memory.read(&lq.of, 0)],
        ..Feed::default()
    };
    for (view, op, shape) in parts {
        let Some(view) = view else { continue };
        let part = g.push(op, shape, Axes::SHARED);
        g.outputs = vec![("part".to_string(), part)];
        for array in eval(&g, &feed) {
            memory.write(&view, 0, &array.data);
        }
    }
}

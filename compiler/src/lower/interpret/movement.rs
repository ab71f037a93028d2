//! Data movement.

use super::memory::{Memory, indices};
use crate::lower::{Indexed, Movement};

pub(super) fn movement(memory: &mut Memory<'_>, m: &Movement) {
    for t in 0..memory.directions(m.to().axes) {
        match m {
            Movement::Blocks { to, zeros, blocks } => {
                if *zeros {
                    memory.write(to, t, &vec![0.0; to.len]);
                }
                for b in blocks {
                    for i in indices(&[b.count, b.run]) {
                        let from = i[0] * b.from_step + b.from_start + i[1];
                        let x = memory.operand(&b.from, from, t);
                        *memory.cell(to, i[0] * b.to_step + b.to_start + i[1], t) = x;
                    }
                }
            }
            Movement::Gather(g) => {
                for (mapped, listed) in pairs(g) {
                    let x = memory.operand(&g.from, mapped, t);
                    *memory.cell(&g.to, listed, t) = x;
                }
            }
            Movement::Scatter(s) => {
                memory.write(&s.to, t, &vec![0.0; s.to.len]);
                for (mapped, listed) in pairs(s) {
                    let x = memory.operand(&s.from, listed, t);
                    *memory.cell(&s.to, mapped, t) += x;
                }
            }
            Movement::Maximum(m) => {
                for i in indices(&[m.outer, m.run]) {
                    let at = |k: usize| (i[0] * m.len + k) * m.run + i[1];
                    let mut top = 0;
                    for k in 1..m.len {
                        if memory.operand(&m.of, at(k), t) > memory.operand(&m.of, at(top), t) {
                            top = k;
                        }
                    }
                    let values = m.values.as_ref().unwrap_or(&m.of);
                    let x = memory.operand(values, at(top), t);
                    *memory.cell(&m.to, i[0] * m.run + i[1], t) = x;
                }
            }
        }
    }
}

/// Entries of the mapped side and of the side that is listed in order.
fn pairs(i: &Indexed) -> Vec<(usize, usize)> {
    let map = i.map.indices();
    let sizes = [i.outer, map.len(), i.run];
    let pairs = indices(&sizes).map(|at| {
        let mapped = (at[0] * i.mapped + map[at[1]]) * i.run + at[2];
        (mapped, (at[0] * map.len() + at[1]) * i.run + at[2])
    });
    pairs.collect()
}

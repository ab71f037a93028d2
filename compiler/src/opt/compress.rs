//! Entry compression: exact curvature at the cost of the first layer's width, and of half its products.
//!
//! Where x enters the streamed part only through shared linear maps J (R × D), the D unit directions may be replaced by
//! the min(R, D) columns of L, J = LQ: Σₜ over them sees J only through J Jᵀ = L Lᵀ. With R < D they are fewer, and
//! ‖Jᵀū‖² = ‖Lᵀū‖² has fewer terms likewise; in any case L is lower triangular, and products with a triangle are half
//! as long. Valid for graphs whose directions are the unit vectors of x and whose results sum quadratic forms over
//! them; the caller guarantees this.

use super::rebuild::{rebuild, same};
use crate::ir::{Axes, DIRECTION, Graph, NodeId, Op, Term};
use rustc_hash::FxHashMap as HashMap;

/// The pass; the graph comes back unchanged where nothing is gained. `triangle_from`: the number of directions from
/// which the triangle alone, without fewer directions, is worth the factorisation; `None`: never.
pub fn compress_entry(g: &Graph, triangle_from: Option<usize>) -> Graph {
    let g = rebuild(g, same);
    let Some(entry) = Entry::find(&g, triangle_from) else {
        return g;
    };
    let mut extended = g.clone();
    let seeds = entry.seeds(&mut extended);
    let mut pairs = Vec::new();
    for (map, seed) in entry.maps.iter().zip(&seeds) {
        pairs.push((
            extended.expand_columns(*map),
            extended.expand_columns(*seed),
        ));
    }
    for id in g.ids() {
        if let Some(norm) = entry.norm(&mut extended, id, &seeds) {
            pairs.push((id, norm));
        }
    }
    replace(&extended, &pairs)
}

struct Entry {
    /// Shared [.., D] maps whose columns seed tangents.
    maps: Vec<NodeId>,
    dim: usize,
    rows: usize,
    /// Columns of L.
    rank: usize,
}

impl Entry {
    fn find(g: &Graph, triangle_from: Option<usize>) -> Option<Entry> {
        if g.ids()
            .any(|id| matches!(g.node(id).op, Op::UnitDirections))
        {
            return None;
        }
        let maps: Vec<NodeId> = g
            .ids()
            .filter_map(|id| match g.node(id).op {
                Op::ExpandColumns(a) => Some(a),
                _ => None,
            })
            .collect();
        let dim = g.dim();
        let rows = maps.iter().map(|&a| g.node(a).len() / dim).sum();
        let gains = rows < dim || triangle_from.is_some_and(|from| dim >= from);
        (!maps.is_empty() && gains).then_some(Entry {
            maps,
            dim,
            rows,
            rank: rows.min(dim),
        })
    }

    /// Rows of L for each entry map, in its shape.
    fn seeds(&self, g: &mut Graph) -> Vec<NodeId> {
        let flat: Vec<NodeId> = self
            .maps
            .iter()
            .map(|&a| {
                let rows = g.node(a).len() / self.dim;
                g.reshape(a, vec![rows, self.dim])
            })
            .collect();
        let stacked = g.concat(&flat, 0);
        let lower = g.push(
            Op::LqLower(stacked),
            vec![self.rows, self.rank],
            Axes::SHARED,
        );
        let mut start = 0;
        self.maps
            .iter()
            .map(|&a| {
                let mut shape = g.shape(a).to_vec();
                let rows = g.node(a).len() / self.dim;
                let part = g.slice(lower, 0, start, rows);
                start += rows;
                *shape.last_mut().expect("an entry map has x's axis") = self.rank;
                g.reshape(part, shape)
            })
            .collect()
    }

    /// ‖Σ_f J_fᵀ ū_f‖² as ‖Σ_f L_fᵀ ū_f‖², where the node is such a norm.
    fn norm(&self, g: &mut Graph, id: NodeId, seeds: &[NodeId]) -> Option<NodeId> {
        if self.rank == self.dim {
            return None;
        }
        let Op::Contract { operands, out } = &g.node(id).op else {
            return None;
        };
        let [(a, la), (b, lb)] = operands.as_slice() else {
            return None;
        };
        if a != b || la != lb || !out.is_empty() || g.node(*a).len() != self.dim {
            return None;
        }
        let mut vector = *a;
        if let Op::Reshape(inner) = g.node(vector).op {
            vector = inner;
        }
        let terms = match &g.node(vector).op {
            Op::Map { expr, args } => match g.scalars.term(*expr) {
                Term::Sum(k, terms)
                    if f64::from_bits(*k) == 0.0
                        && terms.iter().all(|t| {
                            f64::from_bits(t.0) == 1.0 && g.scalars.as_arg(t.1).is_some()
                        }) =>
                {
                    args.clone()
                }
                _ => return None,
            },
            _ => vec![vector],
        };
        let mut projected = Vec::new();
        for term in terms {
            projected.push(self.project(g, term, seeds)?);
        }
        let sum = g.map(&projected, |s, v| {
            let items: Vec<_> = v.iter().map(|&e| (1.0, e)).collect();
            s.linear(&items)
        });
        Some(g.einsum("r,r->", &[sum, sum]))
    }

    /// Jᵀū for an entry map J, as Lᵀū.
    fn project(&self, g: &mut Graph, term: NodeId, seeds: &[NodeId]) -> Option<NodeId> {
        let Op::Contract { operands, out } = g.node(term).op.clone() else {
            return None;
        };
        let [first, second] = operands.as_slice() else {
            return None;
        };
        for (matrix, vector) in [(first, second), (second, first)] {
            let Some(k) = self.maps.iter().position(|m| *m == matrix.0) else {
                continue;
            };
            // Every axis of the map but x's must be summed against the vector.
            let (x_label, rows) = matrix.1.split_last()?;
            if out != [*x_label] || vector.1 != rows {
                continue;
            }
            let mut labels = rows.to_vec();
            labels.push(DIRECTION);
            return Some(g.contract(
                vec![(seeds[k], labels), vector.clone()],
                vec![DIRECTION],
                None,
            ));
        }
        None
    }
}

/// The graph with the nodes on the left of `pairs` replaced by those on the right. A replacement stands later than
/// what it replaces but depends on earlier nodes only, so copying by need finds an order.
fn replace(g: &Graph, pairs: &[(NodeId, NodeId)]) -> Graph {
    let mut result = g.emptied();
    // Of several replacements of one node the first counts.
    let pairs: HashMap<NodeId, NodeId> = pairs.iter().rev().copied().collect();
    let mut done: Vec<Option<NodeId>> = vec![None; g.nodes.len()];
    for (name, id) in &g.outputs {
        copy(g, *id, &pairs, &mut result, &mut done);
        result
            .outputs
            .push((name.clone(), done[id.index()].expect("just copied")));
    }
    result
}

/// Copies a node and what it needs, operands first, with an explicit stack.
fn copy(
    from: &Graph,
    root: NodeId,
    pairs: &HashMap<NodeId, NodeId>,
    to: &mut Graph,
    done: &mut [Option<NodeId>],
) {
    let stand_in = |id: NodeId| pairs.get(&id).copied().unwrap_or(id);
    let mut stack = vec![(root, false)];
    while let Some((id, ready)) = stack.pop() {
        if done[id.index()].is_some() {
            continue;
        }
        let target = stand_in(id);
        if ready {
            let new = match done[target.index()] {
                Some(copied) => copied,
                None => {
                    let mut node = from.node(target).clone();
                    node.rename(&mut |a| done[a.index()].expect("operands come first"));
                    same(to, node)
                }
            };
            done[target.index()] = Some(new);
            done[id.index()] = Some(new);
            continue;
        }
        stack.push((id, true));
        stack.extend(from.operands(target).into_iter().map(|a| (a, false)));
    }
}

//! Graphs as text: one line a node, for people and for golden tests.

use super::graph::{Axes, Graph, Input, NodeId, Op};

/// The text of a graph: parameters, nodes, outputs.
pub fn print(g: &Graph) -> String {
    let mut text = String::new();
    for id in g.ids() {
        let n = g.node(id);
        let class = match (n.axes.sample, n.axes.tangent) {
            (false, false) => "shared",
            (true, false) => "sample",
            _ => "tangent",
        };
        text.push_str(&format!(
            "  %{} = {} : {class} {:?}\n",
            id.0,
            operation(g, id),
            n.shape
        ));
    }
    for (name, id) in &g.outputs {
        text.push_str(&format!("  return {name} = %{}\n", id.0));
    }
    text
}

fn operation(g: &Graph, id: NodeId) -> String {
    let name = |a: &NodeId| format!("%{}", a.0);
    match &g.node(id).op {
        Op::Param(i) => format!("param {:?}", g.params[*i].name),
        Op::Input(input) => format!(
            "input {}",
            match input {
                Input::X => "x",
                Input::V => "v",
                Input::Directions => "directions",
                Input::Omega => "omega",
                Input::Weight => "weight",
                Input::Sigma => "sigma",
            }
        ),
        Op::Const(bits) if bits.len() <= 4 => {
            format!(
                "const {:?}",
                bits.iter().map(|b| f64::from_bits(*b)).collect::<Vec<_>>()
            )
        }
        Op::Const(bits) => format!(
            "const [{}, .. {} entries]",
            f64::from_bits(bits[0]),
            bits.len()
        ),
        Op::Contract { operands, out } => {
            let labels = |l: &[u8]| l.iter().map(|b| *b as char).collect::<String>();
            let inputs = operands
                .iter()
                .map(|o| name(&o.0))
                .collect::<Vec<_>>()
                .join(", ");
            let spec = operands
                .iter()
                .map(|o| labels(&o.1))
                .collect::<Vec<_>>()
                .join(",");
            let all = operands
                .iter()
                .fold(Axes::SHARED, |a, o| a.union(g.axes(o.0)));
            let kept = g.axes(id);
            let over = match (all.sample && !kept.sample, all.tangent && !kept.tangent) {
                (true, true) => " over samples, directions",
                (true, false) => " over samples",
                (false, true) => " over directions",
                _ => "",
            };
            format!("contract {spec}->{} ({inputs}){over}", labels(out))
        }
        Op::Map { expr, args } => format!("map {}", g.scalars.print(*expr, &|i| name(&args[i]))),
        Op::Reshape(a) => format!("reshape {}", name(a)),
        Op::Slice { of, axis, start } => {
            format!(
                "slice {} axis {axis} [{start}..{}]",
                name(of),
                start + g.shape(id)[*axis]
            )
        }
        Op::Pad { of, axis, before } => format!("pad {} axis {axis} at {before}", name(of)),
        Op::Concat { parts, axis } => {
            format!(
                "concat axis {axis} ({})",
                parts.iter().map(name).collect::<Vec<_>>().join(", ")
            )
        }
        Op::Gather { of, axis, indices } => format!("gather {} axis {axis} {indices:?}", name(of)),
        Op::Scatter { of, axis, indices } => {
            format!("scatter {} axis {axis} {indices:?}", name(of))
        }
        Op::AtMax { of, values, axis } if of == values => format!("max {} axis {axis}", name(of)),
        Op::AtMax { of, values, axis } => {
            format!("{} at max of {} axis {axis}", name(values), name(of))
        }
        Op::UnitDirections => "unit_directions".to_string(),
        Op::ExpandColumns(a) => format!("expand_columns {}", name(a)),
        Op::ReduceToColumns(a) => format!("reduce_to_columns {}", name(a)),
        Op::LqLower(a) => format!("lq lower {}", name(a)),
        Op::LqOrthonormal(a) => format!("lq orthonormal {}", name(a)),
        Op::LqGradient { lower, gradient } => {
            format!("lq gradient {} of {}", name(gradient), name(lower))
        }
    }
}

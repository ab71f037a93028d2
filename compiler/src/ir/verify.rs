//! What must hold in every graph; checked after every pass in debug builds and tests.

use super::build::broadcast;
use super::graph::{Axes, Graph, NodeId, Op};

/// The first violated invariant, as text that names the node.
pub fn verify(g: &Graph) -> Result<(), String> {
    for id in g.ids() {
        check(g, id).map_err(|what| format!("%{}: {what}", id.0))?;
    }
    for (name, id) in &g.outputs {
        if id.index() >= g.nodes.len() {
            return Err(format!("output {name} refers to no node"));
        }
    }
    Ok(())
}

fn check(g: &Graph, id: NodeId) -> Result<(), String> {
    let n = g.node(id);
    let operands = g.operands(id);
    if let Some(late) = operands.iter().find(|a| **a >= id) {
        return Err(format!("reads %{}, which is no earlier node", late.0));
    }
    let union = operands
        .iter()
        .fold(Axes::SHARED, |a, &o| a.union(g.axes(o)));
    let same = |a: NodeId, axis: usize| -> Result<(), String> {
        let (s, t) = (&n.shape, g.shape(a));
        if s.len() != t.len() || axis >= s.len() || (0..s.len()).any(|i| i != axis && s[i] != t[i])
        {
            return Err(format!(
                "shape {s:?} does not follow from {t:?} along axis {axis}"
            ));
        }
        Ok(())
    };
    let axes = |expected: Axes| {
        if n.axes == expected {
            Ok(())
        } else {
            Err(format!("axes {:?}, operands give {expected:?}", n.axes))
        }
    };
    match &n.op {
        Op::Param(i) if g.params.get(*i).is_none_or(|p| p.shape != n.shape) => {
            Err("no such parameter".into())
        }
        Op::Const(bits) if bits.len() != n.len() => {
            Err(format!("{} constants for shape {:?}", bits.len(), n.shape))
        }
        Op::Param(_) | Op::Const(_) | Op::Input(_) => Ok(()),
        Op::UnitDirections => axes(Axes::TANGENT),
        Op::Map { expr, args } => {
            axes(union)?;
            if g.scalars.arguments(*expr) != (0..args.len()).collect::<Vec<_>>() {
                return Err("arguments and formula differ".into());
            }
            match args
                .iter()
                .find(|a| broadcast(g.shape(**a), &n.shape).as_ref() != Some(&n.shape))
            {
                Some(a) => Err(format!(
                    "{:?} does not broadcast to {:?}",
                    g.shape(*a),
                    n.shape
                )),
                None => Ok(()),
            }
        }
        Op::Contract { operands, out } => {
            if operands.iter().any(|(a, l)| l.len() != g.shape(*a).len())
                || out.len() != n.shape.len()
            {
                return Err("labels and shapes differ in length".into());
            }
            let mut sizes = std::collections::BTreeMap::new();
            for (a, labels) in operands {
                for (l, &size) in labels.iter().zip(g.shape(*a)) {
                    if *sizes.entry(*l).or_insert(size) != size {
                        return Err(format!("label {} has two sizes", *l as char));
                    }
                }
                if (1..labels.len()).any(|i| labels[..i].contains(&labels[i])) {
                    return Err("a label occurs twice in one operand".into());
                }
            }
            if out
                .iter()
                .zip(&n.shape)
                .any(|(l, size)| sizes.get(l) != Some(size))
            {
                return Err("the result's shape does not follow from its labels".into());
            }
            if n.axes.within(union) {
                Ok(())
            } else {
                axes(union)
            }
        }
        Op::Reshape(a) => {
            axes(union)?;
            if g.node(*a).len() == n.len() {
                Ok(())
            } else {
                Err("a reshape keeps the number of entries".into())
            }
        }
        Op::Slice { of, axis, start } => {
            axes(union)?;
            same(*of, *axis)?;
            if start + n.shape[*axis] <= g.shape(*of)[*axis] {
                Ok(())
            } else {
                Err("slice out of range".into())
            }
        }
        Op::Pad { of, axis, before } => {
            axes(union)?;
            same(*of, *axis)?;
            if before + g.shape(*of)[*axis] <= n.shape[*axis] {
                Ok(())
            } else {
                Err("pad out of range".into())
            }
        }
        Op::Concat { parts, axis } => {
            axes(union)?;
            parts.iter().try_for_each(|p| same(*p, *axis))?;
            let total: usize = parts.iter().map(|p| g.shape(*p)[*axis]).sum();
            if total == n.shape[*axis] {
                Ok(())
            } else {
                Err("parts do not add up".into())
            }
        }
        Op::Gather { of, axis, indices } => {
            axes(union)?;
            same(*of, *axis)?;
            let in_range =
                indices.iter().all(|i| *i < g.shape(*of)[*axis]) && indices.len() == n.shape[*axis];
            if in_range {
                Ok(())
            } else {
                Err("gather out of range".into())
            }
        }
        Op::Scatter { of, axis, indices } => {
            axes(union)?;
            same(*of, *axis)?;
            let in_range =
                indices.iter().all(|i| *i < n.shape[*axis]) && indices.len() == g.shape(*of)[*axis];
            if in_range {
                Ok(())
            } else {
                Err("scatter out of range".into())
            }
        }
        Op::AtMax { of, values, axis } => {
            axes(union)?;
            same(*of, *axis)?;
            if n.shape[*axis] != 1 {
                Err("a maximum is kept with length 1".into())
            } else if g.shape(*values) != g.shape(*of)
                || !g.axes(*of).within(g.axes(*values))
                || g.axes(*of).sample != g.axes(*values).sample
            {
                Err("what is read where another value is largest has its shape and samples".into())
            } else {
                Ok(())
            }
        }
        Op::ExpandColumns(a) => {
            let s = g.shape(*a);
            if union == Axes::SHARED && s.split_last().is_some_and(|(_, s)| s == n.shape) {
                axes(Axes::TANGENT)
            } else {
                Err("columns are read from a shared [.., r]".into())
            }
        }
        Op::ReduceToColumns(a) => {
            if n.shape.split_last().is_some_and(|(_, s)| s == g.shape(*a)) && union == Axes::TANGENT
            {
                axes(Axes::SHARED)
            } else {
                Err("only per-tangent values are stacked".into())
            }
        }
        Op::LqLower(a) | Op::LqOrthonormal(a) => {
            let (s, r) = (g.shape(*a), g.shape(*a).iter().copied().min().unwrap_or(0));
            let lower = matches!(n.op, Op::LqLower(_));
            let expected = if lower { [s[0], r] } else { [r, s[1]] };
            if s.len() == 2 && n.shape == expected {
                axes(Axes::SHARED)
            } else {
                Err("factors of a matrix".into())
            }
        }
        Op::LqGradient { lower, gradient } => {
            if g.shape(*lower) == n.shape && g.shape(*gradient) == n.shape && n.shape.len() == 2 {
                axes(Axes::SHARED)
            } else {
                Err("a factor and its gradient have one shape".into())
            }
        }
    }
}

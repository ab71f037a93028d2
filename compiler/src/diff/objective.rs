//! The programs of a model: what a call of the runtime computes, as graphs over one energy.
//!
//! Conventions: p(x) ∝ exp(−E(x)), score −∇E, J_ESM = mean(½‖∇E‖² − ΔE) (Hyvärinen 2005, eq. 4, with s = −∇E),
//! sliced forms of Song et al. 2019 (eq. 8 and its variance-reduced variant), denoising of Vincent 2011 scaled by σ.

use super::cotangent::cotangents;
use super::curvature::{Directions, curvature, over_directions};
use super::tangent::{Tangent, tangents};
use crate::ir::{Axes, Graph, Input, NodeId, Op};
use std::collections::HashMap;

/// What is computed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Program {
    /// E, one per sample.
    Energy,
    /// −∇E.
    Score,
    /// ΔE, exact.
    Laplacian,
    /// ∇²E v for one v per sample.
    Hvp,
    /// v·∇E and vᵀ∇²E v for M directions per sample.
    Curvature,
    /// mean_b( ½‖∇E‖² − ΔE ) and its gradient.
    Esm,
    /// mean_b mean_m( ½(v·∇E)² − vᵀ∇²E v ) and its gradient.
    Ssm,
    /// mean_b( ½‖∇E‖² − mean_m vᵀ∇²E v ) and its gradient.
    SsmVr,
    /// mean_b( ½‖σ∇E(x + σε) − ε‖² ) and its gradient, x already perturbed.
    Dsm,
}

impl Program {
    /// Every program, in the order in which they are emitted.
    pub const ALL: [Program; 9] = [
        Program::Energy,
        Program::Score,
        Program::Laplacian,
        Program::Hvp,
        Program::Curvature,
        Program::Esm,
        Program::Ssm,
        Program::SsmVr,
        Program::Dsm,
    ];

    /// Name in emitted code.
    pub fn name(self) -> &'static str {
        match self {
            Program::Energy => "Energy",
            Program::Score => "Score",
            Program::Laplacian => "Laplacian",
            Program::Hvp => "Hvp",
            Program::Curvature => "Curvature",
            Program::Esm => "Esm",
            Program::Ssm => "Ssm",
            Program::SsmVr => "SsmVr",
            Program::Dsm => "Dsm",
        }
    }

    /// Whether it is a training loss with a gradient.
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Program::Esm | Program::Ssm | Program::SsmVr | Program::Dsm
        )
    }
}

/// An energy with its adjoint: what every program starts from.
struct Adjoint {
    g: Graph,
    /// Nodes of the energy itself.
    count: usize,
    x: NodeId,
    energy: NodeId,
    bars: HashMap<NodeId, NodeId>,
    /// ∇E
    gradient: NodeId,
}

fn adjoint(energy: &Graph) -> Adjoint {
    let mut g = energy.clone();
    let x = g.input(Input::X);
    let e = g
        .output("energy")
        .expect("a checked energy has that output");
    let count = g.nodes.len();
    let one = g.constant(1.0);
    let bars = cotangents(&mut g, &[(e, one)], &[x]);
    let shape = g.x_shape.clone();
    let gradient = match bars.get(&x) {
        Some(&bar) => super::tangent::broadcast_to(&mut g, bar, &shape),
        None => super::tangent::zeros(&mut g, &shape),
    };
    g.outputs.clear();
    Adjoint {
        g,
        count,
        x,
        energy: e,
        bars,
        gradient,
    }
}

impl Adjoint {
    fn output(mut self, name: &str, id: NodeId) -> Graph {
        self.g.outputs.push((name.to_string(), id));
        self.g
    }

    /// ΔE: tangents along the unit vectors, summed.
    fn laplacian(&mut self) -> NodeId {
        let one = self.g.constant(1.0);
        let dots = tangents(&mut self.g, self.count, &[(self.x, Tangent::Diagonal(one))]);
        curvature(
            &mut self.g,
            self.count,
            &self.bars,
            &dots,
            Directions::Summed,
        )
        .unwrap_or_else(|| self.g.constant(0.0))
    }

    fn given_tangents(&mut self) -> Vec<Tangent> {
        let v = self.g.input(Input::Directions);
        tangents(&mut self.g, self.count, &[(self.x, Tangent::Value(v))])
    }

    fn half_norm(&mut self) -> NodeId {
        let norm = dot(&mut self.g, self.gradient, self.gradient);
        self.g.scale(0.5, norm)
    }
}

/// Σ a·b over every feature, as one contraction.
fn dot(g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let labels: Vec<u8> = (0..g.shape(a).len()).map(|i| b'a' + i as u8).collect();
    g.contract(vec![(a, labels.clone()), (b, labels)], vec![], None)
}

/// The graph of a program; losses come without their gradient, which [`gradient`] appends.
pub fn derive(energy: &Graph, program: Program) -> Graph {
    let mut a = adjoint(energy);
    match program {
        Program::Energy => {
            let e = a.energy;
            a.output("out", e)
        }
        Program::Score => {
            let score = a.g.scale(-1.0, a.gradient);
            a.output("out", score)
        }
        Program::Laplacian => {
            let laplacian = a.laplacian();
            a.output("out", laplacian)
        }
        Program::Hvp => {
            let v = a.g.input(Input::V);
            let count = a.g.nodes.len();
            let dots = tangents(&mut a.g, count, &[(a.x, Tangent::Value(v))]);
            let shape = a.g.x_shape.clone();
            let product = match dots[a.gradient.index()] {
                Tangent::Value(id) => id,
                _ => super::tangent::zeros(&mut a.g, &shape),
            };
            a.output("out", product)
        }
        Program::Curvature => {
            let dots = a.given_tangents();
            let slope = match dots[a.energy.index()] {
                Tangent::Value(id) => id,
                _ => a.g.constant(0.0),
            };
            let c = curvature(&mut a.g, a.count, &a.bars, &dots, Directions::Each)
                .unwrap_or_else(|| a.g.constant(0.0));
            let mut g = a.output("slope", slope);
            g.outputs.push(("curvature".to_string(), c));
            g
        }
        Program::Esm => {
            let norm = a.half_norm();
            let laplacian = a.laplacian();
            let j = a.g.sub(norm, laplacian);
            mean(a, j)
        }
        Program::Ssm => {
            let c = sliced_curvature(&mut a);
            let dots = a.given_tangents();
            let j = match dots[a.energy.index()] {
                Tangent::Value(slope) => {
                    let square = a.g.map(&[slope], |s, v| s.powi(v[0], 2));
                    let total = over_directions(&mut a.g, square);
                    let weight = a.g.input(Input::Weight);
                    a.g.map(&[total, weight, c], |s, v| {
                        let term = s.mul(v[0], v[1]);
                        s.linear(&[(0.5, term), (-1.0, v[2])])
                    })
                }
                _ => a.g.scale(-1.0, c),
            };
            mean(a, j)
        }
        Program::SsmVr => {
            let norm = a.half_norm();
            let c = sliced_curvature(&mut a);
            let j = a.g.sub(norm, c);
            mean(a, j)
        }
        Program::Dsm => {
            let (sigma, noise) = (a.g.input(Input::Sigma), a.g.input(Input::V));
            let residual = a.g.map(&[sigma, a.gradient, noise], |s, v| {
                let scaled = s.mul(v[0], v[1]);
                s.sub(scaled, v[2])
            });
            let norm = dot(&mut a.g, residual, residual);
            let j = a.g.scale(0.5, norm);
            mean(a, j)
        }
    }
}

/// mean_m vᵀ∇²E v
fn sliced_curvature(a: &mut Adjoint) -> NodeId {
    let dots = a.given_tangents();
    match curvature(&mut a.g, a.count, &a.bars, &dots, Directions::Summed) {
        Some(c) => {
            let weight = a.g.input(Input::Weight);
            a.g.mul(c, weight)
        }
        None => a.g.constant(0.0),
    }
}

/// Σ_b ω_b j_b
fn mean(mut a: Adjoint, j: NodeId) -> Graph {
    let omega = a.g.input(Input::Omega);
    let loss = a.g.contract(
        vec![(omega, vec![]), (j, vec![])],
        vec![],
        Some(Axes::SHARED),
    );
    a.output("loss", loss)
}

/// Appends the loss's gradient in every parameter, as outputs `grad.<index>`. A parameter that the loss does not
/// depend on (a final bias, say) has no such output: its gradient is zero.
pub fn gradient(g: &mut Graph) {
    let loss = g.output("loss").expect("a loss graph");
    let mut params: Vec<(usize, NodeId)> = g
        .ids()
        .filter_map(|id| match g.node(id).op {
            Op::Param(index) => Some((index, id)),
            _ => None,
        })
        .collect();
    params.sort_unstable();
    let nodes: Vec<NodeId> = params.iter().map(|p| p.1).collect();
    let one = g.constant(1.0);
    let bars = cotangents(g, &[(loss, one)], &nodes);
    for (index, id) in params {
        if let Some(&bar) = bars.get(&id) {
            let shape = g.shape(id).to_vec();
            let whole = super::tangent::broadcast_to(g, bar, &shape);
            g.outputs.push((format!("grad.{index}"), whole));
        }
    }
}

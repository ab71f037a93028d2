//! The programs of a model: what a call of the runtime computes, as graphs over one energy.
//!
//! Conventions: p(x) ∝ exp(−E(x)), score −∇E. The losses are those of the table of objectives.

use super::cotangent::cotangents;
use super::curvature::{DirectionReduction, curvature};
use super::objective::loss;
use super::tangent::{Tangent, tangents};
use crate::ir::{Graph, Input, NodeId, Op};
use scorematch_objectives::{self as objectives, Descriptor};
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
    /// The loss of an objective and its gradient in the parameters.
    Loss(&'static Descriptor),
}

impl Program {
    /// The programs that are no loss.
    const QUANTITIES: [Program; 5] = [
        Program::Energy,
        Program::Score,
        Program::Laplacian,
        Program::Hvp,
        Program::Curvature,
    ];

    /// Every program, in the order in which they are emitted.
    pub const ALL: [Program; Self::QUANTITIES.len() + objectives::ALL.len()] = {
        let mut all = [Program::Energy; Self::QUANTITIES.len() + objectives::ALL.len()];
        let (quantities, losses) = all.split_at_mut(Self::QUANTITIES.len());
        quantities.copy_from_slice(&Self::QUANTITIES);
        let mut i = 0;
        while i < losses.len() {
            losses[i] = Program::Loss(objectives::ALL[i]);
            i += 1;
        }
        all
    };

    /// Name in emitted code.
    pub fn name(self) -> &'static str {
        match self {
            Program::Energy => "Energy",
            Program::Score => "Score",
            Program::Laplacian => "Laplacian",
            Program::Hvp => "Hvp",
            Program::Curvature => "Curvature",
            Program::Loss(objective) => objective.program,
        }
    }

    /// The objective of a training loss; none for a quantity.
    pub fn objective(self) -> Option<&'static Descriptor> {
        match self {
            Program::Loss(objective) => Some(objective),
            Program::Energy
            | Program::Score
            | Program::Laplacian
            | Program::Hvp
            | Program::Curvature => None,
        }
    }

    /// Whether the caller gives directions.
    pub fn takes_directions(self) -> bool {
        match self {
            Program::Curvature => true,
            Program::Loss(objective) => objective.draws_directions(),
            Program::Energy | Program::Score | Program::Laplacian | Program::Hvp => false,
        }
    }

    /// Whether the samples that the program sees are perturbed by noise.
    pub fn perturbs(self) -> bool {
        self.objective()
            .is_some_and(|objective| objective.point == objectives::Point::Perturbed)
    }
}

/// An energy with its adjoint, which every program of a model starts from.
#[derive(Clone)]
pub struct Adjoint {
    pub(super) g: Graph,
    /// Nodes of the energy itself.
    pub(super) count: usize,
    x: NodeId,
    pub(super) energy: NodeId,
    pub(super) cotangents: HashMap<NodeId, NodeId>,
    /// ∇E
    pub(super) gradient: NodeId,
}

impl Adjoint {
    /// Derives the adjoint of an energy.
    ///
    /// # Panics
    /// The graph has no output `energy`; that of a checked model has one.
    pub fn of(energy: &Graph) -> Adjoint {
        let mut g = energy.clone();
        let x = g.input(Input::X);
        let e = g
            .output("energy")
            .expect("a checked energy has that output");
        let count = g.nodes.len();
        let one = g.constant(1.0);
        let cotangents = cotangents(&mut g, &[(e, one)], &[x]);
        let shape = g.x_shape.clone();
        let gradient = match cotangents.get(&x) {
            Some(&cotangent) => super::tangent::broadcast_to(&mut g, cotangent, &shape),
            None => super::tangent::zeros(&mut g, &shape),
        };
        g.outputs.clear();
        Adjoint {
            g,
            count,
            x,
            energy: e,
            cotangents,
            gradient,
        }
    }

    pub(super) fn output(mut self, name: &str, id: NodeId) -> Graph {
        self.g.outputs.push((name.to_string(), id));
        self.g
    }

    /// ΔE: tangents along the unit vectors, summed.
    pub(super) fn laplacian(&mut self) -> NodeId {
        let one = self.g.constant(1.0);
        let tangents = tangents(&mut self.g, self.count, &[(self.x, Tangent::Diagonal(one))]);
        curvature(
            &mut self.g,
            self.count,
            &self.cotangents,
            &tangents,
            DirectionReduction::Summed,
        )
        .unwrap_or_else(|| self.g.constant(0.0))
    }

    pub(super) fn given_tangents(&mut self) -> Vec<Tangent> {
        let v = self.g.input(Input::Directions);
        tangents(&mut self.g, self.count, &[(self.x, Tangent::Value(v))])
    }

    /// The graph of a program; losses come without their gradient, which [`gradient`] appends.
    pub fn derive(&self, program: Program) -> Graph {
        let mut a = self.clone();
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
                let tangents = tangents(&mut a.g, count, &[(a.x, Tangent::Value(v))]);
                let shape = a.g.x_shape.clone();
                let product = match tangents[a.gradient.index()] {
                    Tangent::Value(id) => id,
                    _ => super::tangent::zeros(&mut a.g, &shape),
                };
                a.output("out", product)
            }
            Program::Curvature => {
                let tangents = a.given_tangents();
                let slope = match tangents[a.energy.index()] {
                    Tangent::Value(id) => id,
                    _ => a.g.constant(0.0),
                };
                let c = curvature(
                    &mut a.g,
                    a.count,
                    &a.cotangents,
                    &tangents,
                    DirectionReduction::Each,
                )
                .unwrap_or_else(|| a.g.constant(0.0));
                let mut g = a.output("slope", slope);
                g.outputs.push(("curvature".to_string(), c));
                g
            }
            Program::Loss(objective) => loss(a, objective),
        }
    }
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
    let cotangents = cotangents(g, &[(loss, one)], &nodes);
    for (index, id) in params {
        if let Some(&cotangent) = cotangents.get(&id) {
            let shape = g.shape(id).to_vec();
            let whole = super::tangent::broadcast_to(g, cotangent, &shape);
            g.outputs.push((format!("grad.{index}"), whole));
        }
    }
}

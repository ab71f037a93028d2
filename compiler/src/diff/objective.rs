//! The loss of an objective as a graph: its formula over the energy's derivatives, averaged over the batch.

use super::curvature::{DirectionReduction, curvature, over_directions};
use super::program::Adjoint;
use super::tangent::Tangent;
use crate::ir::{Axes, Graph, Input, NodeId};
use scorematch_objectives::{Along, Coefficient, Descriptor, Formula, Vector};

/// The graph of a loss: Σ_b ω_b j_b, where the weights ω are 1/B and x is perturbed already if the objective perturbs it.
pub(super) fn loss(mut a: Adjoint, objective: &Descriptor) -> Graph {
    let terms = terms(&mut a, &objective.formula);
    let j = sum(&mut a.g, &terms);
    let omega = a.g.input(Input::Omega);
    let loss = a.g.contract(
        vec![(omega, vec![]), (j, vec![])],
        vec![],
        Some(Axes::SHARED),
    );
    a.output("loss", loss)
}

/// A number times values.
struct Term {
    number: f64,
    factors: Vec<NodeId>,
}

impl Term {
    fn of(number: f64, value: NodeId) -> Term {
        Term {
            number,
            factors: vec![value],
        }
    }
}

/// A formula as a sum, so that one map adds up all that a sample's loss is made of.
fn terms(a: &mut Adjoint, formula: &Formula) -> Vec<Term> {
    match formula {
        Formula::Energy => vec![Term::of(1.0, a.energy)],
        Formula::Laplacian => vec![Term::of(1.0, a.laplacian())],
        Formula::SquaredNorm(parts) => {
            let vector = combination(a, parts);
            vec![Term::of(1.0, square(&mut a.g, vector))]
        }
        Formula::MeanOverDirections(parts) => along(a, parts),
        Formula::Scaled(Coefficient::Number(-1.0), formula) => {
            let mut terms = terms(a, formula);
            terms.iter_mut().for_each(|term| term.number = -term.number);
            terms
        }
        Formula::Scaled(coefficient, formula) => {
            let terms = terms(a, formula);
            let value = sum(&mut a.g, &terms);
            let scaled = match *coefficient {
                Coefficient::Number(number) => a.g.scale(number, value),
                Coefficient::Sigma => {
                    let sigma = a.g.input(Input::Sigma);
                    a.g.mul(sigma, value)
                }
            };
            vec![Term::of(1.0, scaled)]
        }
        Formula::Squared(formula) => {
            let terms = terms(a, formula);
            let value = sum(&mut a.g, &terms);
            vec![Term::of(1.0, a.g.map(&[value], |s, v| s.powi(v[0], 2)))]
        }
        Formula::Sum(formulas) => formulas.iter().flat_map(|f| terms(a, f)).collect(),
    }
}

/// Σ of terms, as one map; 0 for none.
fn sum(g: &mut Graph, terms: &[Term]) -> NodeId {
    let values: Vec<NodeId> = terms.iter().flat_map(|t| t.factors.clone()).collect();
    if values.is_empty() {
        return g.constant(0.0);
    }
    g.map(&values, |s, v| {
        let mut next = v.iter();
        let products: Vec<_> = terms
            .iter()
            .map(|term| {
                let factors = next.by_ref().take(term.factors.len());
                let product = factors.copied().reduce(|a, b| s.mul(a, b));
                (term.number, product.expect("a term has a factor"))
            })
            .collect();
        s.linear(&products)
    })
}

/// Σ c·u over vectors u of the features.
fn combination(a: &mut Adjoint, parts: &[(Coefficient, Vector)]) -> NodeId {
    let terms: Vec<Term> = parts
        .iter()
        .map(|(coefficient, vector)| {
            let value = match vector {
                Vector::Gradient => a.gradient,
                Vector::Noise => a.g.input(Input::V),
            };
            match *coefficient {
                Coefficient::Number(number) => Term::of(number, value),
                Coefficient::Sigma => Term {
                    number: 1.0,
                    factors: vec![a.g.input(Input::Sigma), value],
                },
            }
        })
        .collect();
    sum(&mut a.g, &terms)
}

/// The mean over the given directions of quantities along each: their sums times the weight 1/M. Curvatures come first, since
/// the tangents that they need are those of slopes too.
fn along(a: &mut Adjoint, parts: &[(f64, Along)]) -> Vec<Term> {
    let (mut curvatures, mut slopes) = (Vec::new(), Vec::new());
    for &(number, quantity) in parts {
        match quantity {
            Along::Curvature => curvatures.push(number),
            Along::SlopeSquared => slopes.push(number),
        }
    }
    let mut terms = Vec::new();
    for number in curvatures {
        let tangents = a.given_tangents();
        let summed = DirectionReduction::Summed;
        if let Some(total) = curvature(&mut a.g, a.count, &a.cotangents, &tangents, summed) {
            let weight = a.g.input(Input::Weight);
            terms.push(Term::of(number, a.g.mul(total, weight)));
        }
    }
    for number in slopes {
        let tangents = a.given_tangents();
        match tangents[a.energy.index()] {
            Tangent::Value(slope) => {
                let square = a.g.map(&[slope], |s, v| s.powi(v[0], 2));
                let total = over_directions(&mut a.g, square);
                let weight = a.g.input(Input::Weight);
                let factors = vec![total, weight];
                terms.insert(0, Term { number, factors });
            }
            // The energy does not depend on x: a scalar has no other tangent.
            Tangent::Zero | Tangent::Diagonal(_) | Tangent::Columns(_) => {}
        }
    }
    terms
}

/// ‖a‖² over every feature, as one contraction.
fn square(g: &mut Graph, a: NodeId) -> NodeId {
    let labels: Vec<u8> = (0..g.shape(a).len()).map(|i| b'a' + i as u8).collect();
    g.contract(vec![(a, labels.clone()), (a, labels)], vec![], None)
}

//! A program behind function pointers.

use std::marker::PhantomData;
use std::ops::Range;

use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use super::{Common, DeviceCode, Layout, Program, Tile};

/// The programs of a model.
#[derive(Clone, Copy, Debug)]
pub struct Programs<T: 'static> {
    /// E(x): one output row.
    pub energy: Compiled<T>,
    /// s = −∇ₓE: `DIM` output rows.
    pub score: Compiled<T>,
    /// ΔE = tr ∇²ₓE: one output row.
    pub laplacian: Compiled<T>,
    /// ∇²ₓE·v for the per-sample `v`: `DIM` output rows.
    pub hvp: Compiled<T>,
    /// v·∇ₓE and vᵀ∇²ₓE v for each given direction: two output rows a tangent.
    pub curvature: Compiled<T>,
    /// The training programs of the objectives that the model was compiled with, by their names: loss and parameter gradient.
    pub losses: &'static [(&'static str, Compiled<T>)],
}

/// A program as a value. Backends take these, so that they are compiled once for a scalar type and not once for
/// every program.
#[derive(Clone, Copy, Debug)]
pub struct Compiled<T> {
    /// [`Program::LAYOUT`].
    pub layout: &'static Layout,
    /// [`Program::DEVICE`].
    pub device: Option<&'static DeviceCode>,
    /// The program's name in messages.
    pub name: fn() -> &'static str,
    /// [`Program::prologue`].
    pub prologue: fn(&mut Common<'_, T>),
    /// [`Program::tile`].
    pub tile: fn(InstructionSet, &mut Tile<'_, T>),
    /// [`Program::stream`].
    pub stream: fn(InstructionSet, &mut Tile<'_, T>, Range<usize>),
    /// [`Program::finish`].
    pub finish: fn(InstructionSet, &mut Tile<'_, T>),
    /// [`Program::epilogue`].
    pub epilogue: fn(&mut Common<'_, T>),
}

impl<T: Real> Compiled<T> {
    /// The program `P` for scalars `T`.
    #[must_use]
    pub const fn of<P: Program>() -> Self {
        Compiled {
            layout: const { &P::LAYOUT },
            device: const { P::DEVICE.as_ref() },
            name: std::any::type_name::<P>,
            prologue: |common| T::dispatch(common.pool.isa, Prologue(common, PhantomData::<P>)),
            tile: |isa, tile| T::dispatch(isa, BeforeStream(tile, PhantomData::<P>)),
            stream: |isa, tile, directions| {
                T::dispatch(isa, Stream(tile, directions, PhantomData::<P>));
            },
            finish: |isa, tile| T::dispatch(isa, AfterStream(tile, PhantomData::<P>)),
            epilogue: |common| T::dispatch(common.pool.isa, Epilogue(common, PhantomData::<P>)),
        }
    }
}

/// Some directions of a tile, as [`on_vectors_of_isa`] has the other parts.
struct Stream<'t, 'b, P, T>(&'t mut Tile<'b, T>, Range<usize>, PhantomData<P>);

impl<P: Program, T: Real> ForVector<T> for Stream<'_, '_, P, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        P::stream::<V::Program>(self.0, self.1);
    }
}

/// A part of a program, to be run with the vectors of an instruction set.
macro_rules! on_vectors_of_isa {
    ($name:ident: $part:ident of $buffers:ident) => {
        struct $name<'t, 'b, P, T>(&'t mut $buffers<'b, T>, PhantomData<P>);

        impl<P: Program, T: Real> ForVector<T> for $name<'_, '_, P, T> {
            type Out = ();

            #[inline(always)]
            fn run<V: Vector<Scalar = T>>(self) {
                P::$part::<V::Program>(self.0);
            }
        }
    };
}

on_vectors_of_isa!(Prologue: prologue of Common);
on_vectors_of_isa!(BeforeStream: tile of Tile);
on_vectors_of_isa!(AfterStream: finish of Tile);
on_vectors_of_isa!(Epilogue: epilogue of Common);

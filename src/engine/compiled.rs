//! A program behind function pointers.

use std::marker::PhantomData;

#[cfg(feature = "cuda")]
use crate::program::DeviceCode;
use crate::program::{Layout, Program, Scalars, Tile};
use crate::simd::{ForVector, Form, Real, Vector};

/// What a prologue is.
type Prologue<T> = fn(params: &[T], scalars: &Scalars<T>, shared: &mut [T]);
/// What an epilogue is.
type Epilogue<T> = fn(params: &[T], scalars: &Scalars<T>, shared: &mut [T], acc: &mut [T]);

/// A program as a value. The engine takes these, so that it is compiled once for a scalar type and not once for
/// every program: a model has nine, and half of their build time went into copies of the engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compiled<T> {
    pub(crate) layout: &'static Layout,
    /// The same program for a device, and the name to call it by where there is none.
    #[cfg(feature = "cuda")]
    pub(crate) device: Option<&'static DeviceCode>,
    #[cfg(feature = "cuda")]
    pub(crate) name: fn() -> &'static str,
    pub(super) prologue: Prologue<T>,
    pub(super) tile: fn(Form, &mut Tile<'_, T>),
    pub(super) epilogue: Epilogue<T>,
}

impl<T: Real> Compiled<T> {
    /// The program `P` for scalars `T`.
    pub(crate) const fn of<P: Program>() -> Self {
        Compiled {
            layout: const { &P::LAYOUT },
            #[cfg(feature = "cuda")]
            device: const { P::DEVICE.as_ref() },
            #[cfg(feature = "cuda")]
            name: std::any::type_name::<P>,
            prologue: P::prologue::<T>,
            tile: |form, tile| T::dispatch(form, InForm(tile, PhantomData::<P>)),
            epilogue: P::epilogue::<T>,
        }
    }
}

/// One tile, to be run with the vectors of a form.
struct InForm<'t, 'b, P, T>(&'t mut Tile<'b, T>, PhantomData<P>);

impl<P: Program, T: Real> ForVector<T> for InForm<'_, '_, P, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        P::tile::<V::Program>(self.0);
    }
}

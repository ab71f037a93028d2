//! A program behind function pointers.

use std::marker::PhantomData;
use std::ops::Range;

use scorematch_kernels::simd::{ForVector, Form, Real, Vector};

use super::{Common, DeviceCode, Layout, Program, Tile};

/// A program as a value. Backends take these, so that they are compiled once for a scalar type and not once for
/// every program: a model has nine, and half of their build time went into copies of the engine.
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
    pub tile: fn(Form, &mut Tile<'_, T>),
    /// [`Program::stream`].
    pub stream: fn(Form, &mut Tile<'_, T>, Range<usize>),
    /// [`Program::finish`].
    pub finish: fn(Form, &mut Tile<'_, T>),
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
            prologue: |common| T::dispatch(common.team.form, Prologue(common, PhantomData::<P>)),
            tile: |form, tile| T::dispatch(form, BeforeStream(tile, PhantomData::<P>)),
            stream: |form, tile, directions| {
                T::dispatch(form, Stream(tile, directions, PhantomData::<P>));
            },
            finish: |form, tile| T::dispatch(form, AfterStream(tile, PhantomData::<P>)),
            epilogue: |common| T::dispatch(common.team.form, Epilogue(common, PhantomData::<P>)),
        }
    }
}

/// Some directions of a tile, as [`in_form`] has the other parts.
struct Stream<'t, 'b, P, T>(&'t mut Tile<'b, T>, Range<usize>, PhantomData<P>);

impl<P: Program, T: Real> ForVector<T> for Stream<'_, '_, P, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        P::stream::<V::Program>(self.0, self.1);
    }
}

/// A part of a program, to be run with the vectors of a form.
macro_rules! in_form {
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

in_form!(Prologue: prologue of Common);
in_form!(BeforeStream: tile of Tile);
in_form!(AfterStream: finish of Tile);
in_form!(Epilogue: epilogue of Common);

//! Generic functions that are compiled in this crate, once for each scalar type.
//!
//! A generic function is compiled in every crate that calls it. What models, trainers and checkpoints do takes several times
//! as long to compile as the programs of a model, so a user's crate calls it through a table of functions, which this
//! crate fills for `f32` and `f64`.

/// Makes functions that are generic over a scalar type `T`. Each does what the path behind its signature does, which is
/// compiled in this crate.
macro_rules! instances {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty = $path:path;
    )*) => {
        trait Table<T: scorematch_kernels::simd::Real> {
            $(fn $name(&self, $($argument: $type),*) -> $result;)*
        }

        struct Here;

        impl<T: scorematch_kernels::simd::Real> Table<T> for Here {
            $(fn $name(&self, $($argument: $type),*) -> $result {
                $path($($argument),*)
            })*
        }

        impl scorematch_kernels::simd::ForScalar for Here {
            type Out<T: scorematch_kernels::simd::Real> = &'static dyn Table<T>;

            // Not inlined: the table would be filled where they are.
            #[inline(never)]
            fn single(self) -> &'static dyn Table<f32> {
                &Here
            }

            #[inline(never)]
            fn double(self) -> &'static dyn Table<f64> {
                &Here
            }
        }

        $($(#[$doc])*
        pub(super) fn $name<T: scorematch_kernels::simd::Real>($($argument: $type),*) -> $result {
            T::choose(Here).$name($($argument),*)
        })*
    };
}
pub(crate) use instances;

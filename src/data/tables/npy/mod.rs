//! Arrays of NumPy. Takes an npy file, or one array of an npz file; produces rows of its columns. Values are decoded from
//! the file block by block, in both orders of axes.

mod element;
mod header;
mod source;
mod window;
mod write;

pub(super) use source::open;
pub(super) use write::write;

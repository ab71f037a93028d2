//! The hash over the content of a safetensors file.

use safetensors::tensor::TensorView;
use twox_hash::XxHash3_128;

/// The XXH3 hash, 128 bits in hexadecimal, of the metadata, which must not contain the hash, then of each tensor in the
/// order of names. A length precedes every part, so that no two contents give the same bytes.
pub(crate) fn content_hash(metadata: &str, tensors: &[(&str, TensorView<'_>)]) -> String {
    let mut hasher = XxHash3_128::new();
    let mut part = |bytes: &[u8]| {
        hasher.write(&(bytes.len() as u64).to_le_bytes());
        hasher.write(bytes);
    };
    part(metadata.as_bytes());
    let mut sorted: Vec<_> = tensors.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    for (name, tensor) in sorted {
        part(name.as_bytes());
        part(tensor.dtype().to_string().as_bytes());
        for &size in tensor.shape() {
            part(&(size as u64).to_le_bytes());
        }
        part(tensor.data());
    }
    format!("{:032x}", hasher.finish_128())
}

//! The program for a device, as a constant beside the one for the CPU.

use super::writer::Writer;
use crate::diff::Program;
use crate::emit::cuda;
use crate::lower::{Target, lower};
use crate::plan::Plan;

pub(super) fn device(w: &mut Writer, program: Program, plan: &Plan) {
    let code = cuda(program, &lower(plan, &Target::CUDA));
    w.block_with(
        "const DEVICE: Option<rt::DeviceCode> = Some(rt::DeviceCode",
        "});",
        |w| {
            w.line(format!("entry: {:?},", code.entry));
            w.line(format!("source: {:?},", code.source));
            w.line("launches: &[");
            for l in &code.launches {
                w.line(format!(
                    "    rt::Launch {{ samples: {}, directions: {}, sample_scratch: {}, chunk_scratch: {}, products: {} }},",
                    l.samples, l.directions, l.sample_scratch, l.chunk_scratch, l.products
                ));
            }
            w.line("],");
        },
    );
}

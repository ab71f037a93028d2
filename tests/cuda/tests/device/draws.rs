//! Random numbers on a device and on the host: the same bits.

use ndarray::Array3;
use scorematch::{DirectionDistribution, InstructionSet, RandomDraw};
use scorematch_cuda_tests::root;
use std::path::Path;
use std::process::Command;

const SAMPLES: usize = 37;
/// Samples of the first share.
const SHARE: usize = 14;
const DIM: usize = 150;
const COUNT: usize = 3;

/// What the device's sources draw, compiled by g++; in two shares, as two devices have them.
fn drawn(kind: usize, key: [u32; 2]) -> Vec<f32> {
    let read =
        |path: &str| std::fs::read_to_string(root().join(path)).expect("the source is there");
    let mut text = read("compiler/tests/cuda/emulation.hpp");
    for kernel in ["thread_group", "functions", "random", "directions"] {
        text += &read(&format!("kernels/cuda/{kernel}.cuh"));
    }
    text += &format!(
        "int main() {{
            const int from[] = {{0, {SHARE}, {SAMPLES}}};
            std::vector<float> to[2], reflections({SAMPLES} * {COUNT} * ({DIM} + 1));
            unsigned arrived = 0;
            for (int i = 0; i < 2; ++i) {{
                const int batch = from[i + 1] - from[i];
                to[i].resize(batch * {DIM} * {COUNT});
                emulation::launch(2, THREADS, 4, false, [&] {{
                    draw_directions<{DIM}>(Grid(&arrived), {kind}, {{{{{}u, {}u}}, FOR_DIRECTIONS}}, from[i], batch,
                                           {COUNT}, to[i].data(), reflections.data());
                }});
            }}
            for (int t = 0; t < {COUNT}; ++t) {{
                for (const std::vector<float>& share : to) {{
                    const size_t each = share.size() / {COUNT};
                    std::fwrite(share.data() + t * each, sizeof(float), each, stdout);
                }}
            }}
        }}\n",
        key[0], key[1]
    );
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("draws_{kind}"));
    std::fs::write(base.with_extension("cpp"), text).expect("the source can be written");
    let output = Command::new("g++")
        .args([
            "-std=c++17",
            "-O2",
            "-w",
            "-mfma",
            "-ffp-contract=off",
            "-o",
        ])
        .arg(&base)
        .arg(base.with_extension("cpp"))
        .output()
        .expect("g++ can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let output = Command::new(&base).output().expect("it can be started");
    output
        .stdout
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// The key of seed 11 and step 5, which the host computes before a step: Philox of the step under the seed.
const KEY: [u32; 2] = philox([5, 0, 0, 0], [11, 0]);

/// Philox4x32-10, once more.
const fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 2] {
    let mut round = 0;
    while round < 10 {
        let (a, b) = (c[0] as u64 * 0xD251_1F53, c[2] as u64 * 0xCD9E_8D57);
        c = [
            (b >> 32) as u32 ^ c[1] ^ k[0],
            b as u32,
            (a >> 32) as u32 ^ c[3] ^ k[1],
            a as u32,
        ];
        k = [
            k[0].wrapping_add(0x9E37_79B9),
            k[1].wrapping_add(0xBB67_AE85),
        ];
        round += 1;
    }
    [c[0], c[1]]
}

#[test]
fn a_device_draws_what_the_host_draws() {
    let isa = InstructionSet::detect().expect("an instruction set is found");
    for (kind, number) in [
        (DirectionDistribution::Rademacher, 1),
        (DirectionDistribution::Normal, 2),
        (DirectionDistribution::Sphere, 3),
        (DirectionDistribution::Orthonormal, 4),
    ] {
        let draw = RandomDraw {
            kind,
            count: COUNT,
            seed: 11,
            step: 5,
        };
        let host: Array3<f32> = draw.array(SAMPLES, DIM).expect("it is drawn");
        let device = drawn(number, KEY);
        let host: Vec<f32> = host.iter().copied().collect();
        assert_eq!(host.len(), device.len());
        let equal = host
            .iter()
            .zip(&device)
            .filter(|(a, b)| a.to_bits() == b.to_bits())
            .count();
        let worst = host
            .iter()
            .zip(&device)
            .fold(0.0f32, |m, (a, b)| m.max((a - b).abs()));
        println!(
            "{kind}: {equal} of {} the same bits, worst {worst:e}",
            host.len()
        );
        // Reflections are summed in another order; instruction sets without a fused multiply-add round otherwise.
        let bits = kind == DirectionDistribution::Rademacher
            || (isa == InstructionSet::Avx2 && kind != DirectionDistribution::Orthonormal);
        assert!(
            if bits {
                equal == host.len()
            } else {
                worst < 1e-4
            },
            "{kind}"
        );
    }
}

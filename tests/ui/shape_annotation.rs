use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        const H = 32;
        let h: [64] = silu(dense(x, H));
        dense(h, 1)
    }
}

fn main() {}

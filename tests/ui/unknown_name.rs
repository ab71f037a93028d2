use scorematch::energy;

energy! {
    pub Well(x: [3]) {
        param centre: [3];
        0.5 * norm_sq(x - center) + sum(y)
    }
}

fn main() {}

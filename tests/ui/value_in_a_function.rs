use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        param centre: [3];
        fn well(y) = 0.5 * norm_sq(y - centre);
        well(x) + centre(x)
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        norm_sq(x)
    }
    pub Net(y: [2]) {
        norm_sq(y)
    }
}

fn main() {}

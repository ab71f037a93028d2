use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        param w: [3];
        param v: [2];
        norm_sq(x)
    }
    pub Cancels(x: [2]) {
        param w: [2];
        norm_sq(x) + 0 * sum(w)
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        param w: [3] = normal(0.1);
        sum(sq(w))
    }
}

fn main() {}

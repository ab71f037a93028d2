use scorematch::energy;

energy! {
    pub Net(x: [0]) {
        param w: [3, 0];
        sum(x) + sum(w)
    }
    pub Other(x: [2]) {
        sum(dense(x, 2 - 2))
    }
}

fn main() {}

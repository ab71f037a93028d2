use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        let h = tanh(dense(x, 16));
        h
    }
    pub Other(x: [2]) {
        pairs(reshape(x, [2, 1]))
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        net features(y) { tanh(dense(y, 8)) }
        sum(features(x)) + sum(features(x[0..3]))
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        let mut h = x;
        for i in 0..3 {
            param w: [4];
            h = tanh(dense(h * w, 4) as "layer");
        }
        sum(h)
    }
}

fn main() {}

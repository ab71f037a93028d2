use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let y = x - mu;
        param mu: [6];
        let h = act(y - mu);
        fn act(z) = z * sigmoid(z);
        sum(act(h))
    }
}

fn main() {}

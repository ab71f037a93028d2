use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let net = dense(x, 8);
        let fn = 3;
        fn silu(z) = z * sigmoid(z);
        norm_sq(x)
    }
}

fn main() {}

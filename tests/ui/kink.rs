#![deny(deprecated)]

use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        param w: [4];
        let h = relu(dense(x, 8));
        let k = mlp(h, [8], leaky_relu);
        sum(abs(k)) + dot(abs(w), x)
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [12]) {
        let h = dense(x, 8, bais = false);
        let k = dense(x, 8, bias = 1);
        let l = sum(x, axis = 0, axis = 0);
        let m = dense(bias = true, x, 8);
        fn act(z) = z * sigmoid(z);
        sum(act(z = h)) + sum(k) + l + sum(m)
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        let h = dense(norm_sq(x), 8);
        let k = mlp(x, [8, 0], tanh);
        let l = mlp(x, 8, tanh);
        let m = mlp(x, [8], 3);
        let n = mlp(x, [8], sum);
        sum(h) + sum(k) + sum(l) + sum(m) + sum(n)
    }
}

fn main() {}

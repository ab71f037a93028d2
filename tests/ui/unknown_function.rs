use scorematch::energy;

energy! {
    pub Net(x: [3]) {
        let h = swish(dense(x, 8));
        let h = sofplus(dense(h, 8));
        sum(frobnicate(h))
    }
}

fn main() {}

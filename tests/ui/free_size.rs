use scorematch::energy;

energy! {
    pub Free(x: [D]) {
        param w: [20, D];
        sum(dot(w, x)) * D
    }
    pub Batch(x: [B, 10]) {
        sum(x)
    }
}

fn main() {}

use scorematch::energy;

energy! {
    pub NoInput {
        3
    }
    pub NoShape(x) {
        norm_sq(x)
    }
    pub TwoInputs(x: [2], y: [3]) {
        norm_sq(x)
    }
    #[derive(Clone)]
    pub Attribute(x: [2]) {
        norm_sq(x)
    }
    param w: [3];
}

fn main() {}

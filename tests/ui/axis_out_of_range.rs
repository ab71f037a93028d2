use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let r = reshape(x, [3, 2]);
        sum(sum(r, axis = 2)) + sum(softmax(r, axis = -3)) + sum(norm_sq(x), axis = 0)
    }
}

fn main() {}

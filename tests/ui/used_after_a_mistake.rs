use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        sum(tahn(dense(x, 8)))
    }
}

fn main() {
    let model = Net::<f64>::zeros();
    println!("{} {:?}", model.dim(), model.params());
}

fn main() {
    let a: Vec<String> = std::env::args().collect();
    let s = std::fs::read_to_string(&a[1]).unwrap();
    let st = match a[2].as_str() {
        "plan" => scorematch_compiler::Stage::Plan,
        "opt" => scorematch_compiler::Stage::Opt,
        _ => scorematch_compiler::Stage::Cuda,
    };
    print!("{}", scorematch_compiler::inspect(&s, "f", st).unwrap());
}

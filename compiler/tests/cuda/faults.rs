//! Faults planted into the sources: the emulation must catch them, or it shows nothing where it finds nothing.

use crate::families::{deviation, family};
use crate::launch::{Binary, Emitted, Options, emitted};
use crate::oracle::{TOLERANCE, feed};
use scorematch_compiler::diff::Program;
use scorematch_compiler::objectives;

/// How a fault shows, if it does.
fn symptom(binary: &Binary, e: &Emitted) -> Option<String> {
    let f = feed(&e.graph, 19, 3, 7);
    let mut seen = Vec::new();
    for reverse in [false, true] {
        match deviation(binary, 0, e, &f, 2, reverse) {
            Err(message) => return Some(message),
            Ok((worst, _)) if worst > TOLERANCE => return Some(format!("off by {worst:.1e}")),
            Ok((_, values)) => seen.push(values),
        }
    }
    let differs = seen[0]
        .iter()
        .zip(&seen[1])
        .any(|(a, b)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan()));
    differs.then(|| "depends on the order of threads".to_string())
}

/// The symptom of one edit of the source of a program, each of whose texts must be there.
fn planted(name: &str, options: Options, edits: &[(&str, &str)]) -> Option<String> {
    let e = emitted(
        &family("wide_input_200x48"),
        Program::Loss(&objectives::ESM),
    );
    let programs = [e];
    let binary = Binary::of(name, &programs, options, |mut text| {
        for (from, to) in edits {
            assert!(text.contains(from), "the sources hold {from:?}");
            text = text.replacen(from, to, 1);
        }
        text
    });
    symptom(&binary, &programs[0])
}

#[test]
fn sound_sources_show_no_symptom() {
    assert_eq!(planted("sound", Options::default(), &[]), None);
}

/// The barriers between the steps of a tile are there for a reason: left out, they are missed, but for those between
/// loops in which every thread happens to read what it wrote itself.
#[test]
fn barriers_are_missed() {
    let energy = family("skip_input");
    for program in [
        Program::Score,
        Program::Curvature,
        Program::Loss(&objectives::ESM),
    ] {
        let programs = [emitted(&energy, program)];
        let count = programs[0].cuda.source.matches("sync(a, tile);").count();
        assert!(count > 5, "{program:?} has {count} barriers");
        // One binary for all: which barrier is left out comes from outside.
        let name = format!("barrier_{}", program.name());
        let binary = Binary::of(&name, &programs, Options::default(), |text| {
            let (head, body) = text
                .split_once("namespace")
                .expect("programs have namespaces");
            let (head, body) = (head.to_string(), format!("namespace{body}"));
            let mut parts = body.split("sync(a, tile);");
            let mut edited = parts.next().unwrap_or_default().to_string();
            for (k, part) in parts.enumerate() {
                edited += &format!("if (skipped() != {k}) sync(a, tile);{part}");
            }
            let skipped = "inline int skipped() {\n    static const int number = \
                           std::atoi(std::getenv(\"SKIPPED\"));\n    return number;\n}\n";
            format!("{head}{edited}").replacen(
                "// Runs device code",
                &format!("#include <cstdlib>\n{skipped}// Runs device code"),
                1,
            )
        });
        let unmissed: Vec<usize> = (0..count)
            .filter(|k| symptom(&binary.with("SKIPPED", k.to_string()), &programs[0]).is_none())
            .collect();
        println!("{program:?}: nobody misses the barriers {unmissed:?} of {count}");
        assert!(
            3 * unmissed.len() <= count,
            "{program:?}: nobody misses {unmissed:?} of {count}"
        );
    }
}

#[test]
fn faults_are_caught() {
    let plain = Options::default();
    let faults: [(&str, &str, &str); 7] = [
        // The barriers around the tiles, and of the whole grid.
        (
            "grid_barrier",
            "prologue(a, grid);\n        grid.sync();",
            "prologue(a, grid);",
        ),
        (
            "sum_barrier",
            "grid.sync();\n        sum_partials",
            "sum_partials",
        ),
        // A barrier that some threads do not come to.
        (
            "divergent",
            "        stream(a, tile)",
            "        if (thread() != 5) stream(a, tile)",
        ),
        (
            "swapped_a",
            "a.set(1, lower && first ? at[8 * ROW] : 0.0f);",
            "a.set(1, upper && second ? at[4 * COL] : 0.0f);",
        ),
        (
            "swapped_b",
            "b.set(1, second ? row[4 * XROW * LD] : 0.0f);",
            "b.set(1, second ? row[0] : 0.0f);",
        ),
        // Without one part of the split, products have the accuracy of TF32.
        ("lost_part", "mma(c, a.high, b.low);", ""),
        // A lane's part of a sum read before it is there.
        ("warp_barrier", "__syncwarp();\n        }\n    }\n}", "}}}"),
    ];
    for (name, from, to) in faults {
        let found = planted(name, plain, &[(from, to)]);
        println!("{name}: {found:?}");
        assert!(found.is_some(), "{name} is not caught");
    }
}

#[test]
fn accesses_out_of_bounds_are_caught() {
    let sanitized = Options {
        sanitize: true,
        ..Options::default()
    };
    assert_eq!(planted("sanitized", sanitized, &[]), None);
    let faults = [
        (
            "past_output",
            "clear(tile.acc + 0, ",
            "clear(tile.acc + 8, ",
        ),
        (
            "past_samples",
            "min(tile.first + s, a.batch - 1)",
            "tile.first + s",
        ),
    ];
    for (name, from, to) in faults {
        let found = planted(name, sanitized, &[(from, to)]).unwrap_or_default();
        assert!(found.contains("heap-buffer-overflow"), "{name}: {found:?}");
    }
}

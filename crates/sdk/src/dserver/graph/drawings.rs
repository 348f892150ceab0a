//! Tests of the drawings.

use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

/// Datasets by UUID, each with those that it was derived from. One that only others name is not known.
fn graph<S: AsRef<str>>(root: &str, nodes: &[(S, Vec<S>)], name: impl Fn(&str) -> String) -> Graph {
    let rows = nodes.iter().map(|(uuid, from)| {
        let (uuid, from) = (uuid.as_ref(), from.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
        let row = json!({
            "uri": format!("s3://bucket/{uuid}"), "uuid": uuid, "name": name(uuid), "creator_username": name("ada"),
            "frozen_at": 1_795_257_297.5, "number_of_items": 3, "size_in_bytes": 2048, "derived_from": from,
            "tags": ["x", name("y")],
        });
        serde_json::from_value(row).unwrap()
    });
    Graph::new(root, rows.collect())
}

/// Two sources, of which one is not known; a diamond; a circle; an arrow over two layers; one to itself.
fn small(name: impl Fn(&str) -> String) -> Graph {
    let nodes = [
        ("raw", vec![]),
        ("clean", vec!["raw", "calibration"]),
        ("mesh", vec!["raw"]),
        ("fit", vec!["clean", "mesh", "raw"]),
        ("paper", vec!["fit", "paper"]),
        ("again", vec!["fit", "next"]),
        ("next", vec!["again"]),
    ];
    graph("fit", &nodes, name)
}

/// Without a pattern that a layout could be lucky with, and the same in each run.
fn large(count: usize) -> Graph {
    let uuid = |n: usize| format!("{n:08x}-0000-4000-8000-000000000000");
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let nodes: Vec<(String, Vec<String>)> = (0..count)
        .map(|n| {
            let from = (0..random(3)).filter(|_| n > 0).map(|_| uuid(n - 1 - random(n.min(40)))).collect();
            (uuid(n), from)
        })
        .collect();
    graph(&uuid(count / 2), &nodes, |uuid| format!("run {uuid}"))
}

#[test]
fn a_graph_is_drawn_in_each_form() {
    let graph = small(|name| format!("the {name}"));
    insta::assert_snapshot!("small_tree", graph.to_tree());
    insta::assert_snapshot!("small_dot", graph.to_dot());
    insta::assert_snapshot!("small_mermaid", graph.to_mermaid());
    insta::assert_snapshot!("small_svg", graph.to_svg());
    // What stands beside the picture.
    let page = graph.to_html();
    let (head, rest) = page.split_once("<style").unwrap();
    let (details, script) = (rest.find("<div class=\"details\">").unwrap(), rest.find("<script").unwrap());
    insta::assert_snapshot!("small_html", format!("{head}...\n{}...", &rest[details..script]));
}

#[test]
fn nothing_to_draw_is_no_failure() {
    let graph = Graph::default();
    assert!(graph.to_svg().ends_with("</svg>\n") && graph.to_html().contains("0 datasets"));
    assert_eq!((graph.to_tree().lines().count(), graph.to_dot().lines().count()), (1, 3));
}

/// What a name is may change no more than the letters of the name.
#[test]
fn names_are_text_in_each_form() {
    let (tame, wild) = (
        small(|name| format!("the {name}")),
        small(|name| {
            format!(
                "{name} \"'`</script></style></title><script>alert(1)</script>]]>--><!--\\\\N\\\"#quot;&lt;{{}}[]|;%%\u{202e}\u{1b}[31m\nB\u{7}\u{ffff}\u{2028}"
            )
        }),
    );
    let structure = |text: String, marks: &[char]| text.chars().filter(|c| marks.contains(c)).collect::<String>();
    let markup = |text| structure(text, &['<', '>', '"', '\'', '\n']);
    assert_eq!(markup(wild.to_svg()).replace('\n', ""), markup(tame.to_svg()).replace('\n', ""));
    assert_eq!(markup(wild.to_html()), markup(tame.to_html()));
    let mermaid = |graph: &Graph| {
        structure(graph.to_mermaid(), &['"', '<', '>', '[', ']', '{', '}', '|', '%', '`', '\n', '\\', '('])
    };
    assert_eq!(mermaid(&wild), mermaid(&tame));
    // In DOT a backslash takes the letter behind it along.
    let dot = |graph: &Graph| {
        let text = graph.to_dot().replace("\\n", "").replace("\\\\", "").replace("\\\"", "");
        structure(text, &['"', '\n', '\\', '<', '>', '[', '{'])
    };
    assert_eq!(dot(&wild).replace(['<', '>', '[', '{'], ""), dot(&tame).replace(['<', '>', '[', '{'], ""));
    for text in [wild.to_svg(), wild.to_html(), wild.to_dot(), wild.to_mermaid(), wild.to_tree()] {
        let acts = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2028}' | '\u{ffff}');
        assert!(!text.contains(acts), "{text}");
    }
}

#[test]
fn a_uuid_may_be_any_text() {
    let wild = "\"]; n1 --> n2 </title><a href=\"javascript:x\">\n\\";
    let graph = graph(wild, &[(wild, vec!["y"])], str::to_owned);
    for text in [graph.to_svg(), graph.to_html()] {
        assert!(!text.contains("<a href=\"j") && !text.contains("</title><a"), "{text}");
    }
    assert_eq!(graph.to_mermaid().lines().count(), 6);
    assert_eq!(graph.to_dot().lines().count(), 6);
}

#[test]
fn a_page_runs_nothing_but_its_own() {
    let page = small(str::to_owned).to_html();
    let nonce = page.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(nonce.len(), 64);
    assert!(
        page.contains("default-src 'none'; style-src 'nonce-") && page.contains("base-uri 'none'; form-action 'none'")
    );
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), page.matches(&format!("<style nonce=\"{nonce}\"")).count());
    for outside in ["http:", "https:", "//", "url(", "@import", " style=", " onclick"] {
        let left = page.replace("http://www.w3.org/2000/svg", "").replace("url(#", "").replace("s3://", "");
        let left: String = left.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        assert!(!left.contains(outside), "{outside}");
    }
    let other = small(|name| format!("{name}!")).to_html();
    assert!(!other.contains(nonce), "who writes a name can't know it");
}

#[test]
fn boxes_keep_apart_and_arrows_lead_from_one_to_the_other() {
    let size = layout::Size { width: 232.0, height: 72.0 };
    for graph in [small(str::to_owned), large(300)] {
        let number: BTreeMap<&str, usize> = graph.nodes.keys().enumerate().map(|(n, uuid)| (&**uuid, n)).collect();
        let edges: Vec<(usize, usize)> = graph.edges().map(|(uuid, from)| (number[from], number[uuid])).collect();
        let drawn = layout::layout(number.len(), &edges, size);
        for (n, a) in drawn.boxes.iter().enumerate() {
            let inside = |at: f64, size: f64, whole: f64| at >= size / 2.0 - 0.01 && at <= whole - size / 2.0 + 0.01;
            assert!(inside(a.x, size.width, drawn.size.width) && inside(a.y, size.height, drawn.size.height), "{a:?}");
            for b in &drawn.boxes[..n] {
                assert!((a.x - b.x).abs() > size.width || (a.y - b.y).abs() > size.height, "{a:?} {b:?}");
            }
        }
        for ((from, to), way) in edges.iter().zip(&drawn.arrows) {
            let touches = |point: layout::Point, of: layout::Point| {
                (point.x - of.x).abs() <= size.width / 2.0 + 0.01 && (point.y - of.y).abs() <= size.height / 2.0 + 0.01
            };
            match from == to {
                true => assert!(way.is_empty()),
                false => assert!(touches(way[0], drawn.boxes[*from]) && touches(way[way.len() - 1], drawn.boxes[*to])),
            }
        }
    }
}

/// The figure that counts is that of a release (some tens of milliseconds); this one is for a busy machine and a debug
/// build, and fails where something grows with the square.
#[test]
fn thousands_of_datasets_are_drawn_in_no_time() {
    let chain: Vec<(String, Vec<String>)> = (0..2000_usize)
        .map(|n| {
            (
                format!("{n:04}"),
                [n.checked_sub(1), (n > 1).then_some(0)].into_iter().flatten().map(|n| format!("{n:04}")).collect(),
            )
        })
        .collect();
    let apart: Vec<(String, Vec<String>)> = (0..2000).map(|n| (format!("{n:04}"), vec![])).collect();
    let graphs = [large(2000), graph("0000", &chain, str::to_owned), graph("0000", &apart, str::to_owned)];
    for graph in graphs {
        let begun = Instant::now();
        let svg = graph.to_svg();
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert_eq!(svg.matches("<g class=\"box").count(), 2000);
        assert_eq!(svg, graph.to_svg(), "the same picture");
    }
}

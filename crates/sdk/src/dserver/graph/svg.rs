//! A graph as a picture.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Graph,
    label::{self, Label, cut, markup},
    layout::{Point, Size, layout},
};

/// A box with three lines of text in it.
const BOX: Size = Size { width: 244.0, height: 72.0 };
const MARGIN: f64 = 24.0;
/// What the explanation below needs.
const EXPLANATION_WIDTH: f64 = 350.0;
const LINE: f64 = 18.0;
/// Letters of a name that fit in; of a creator beside a date, and without one.
const NAME: usize = 27;
const CREATOR: usize = 21;
const LONG: usize = 36;

const STYLE: &str = "\
.provenance{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}\
.provenance .ground{fill:#fff}\
.provenance .box rect{fill:#f8fafc;stroke:#94a3b8;stroke-width:1.2}\
.provenance .box.root rect{fill:#e0edff;stroke:#1d4ed8;stroke-width:2.6}\
.provenance .box.unknown rect{fill:none;stroke-dasharray:6 4}\
.provenance .name{font-size:14px;font-weight:600;fill:#0f172a}\
.provenance .more,.provenance .explanation{font-size:12px;fill:#475569}\
.provenance .uuid{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:11.5px;fill:#64748b}\
.provenance .arrow{fill:none;stroke:#64748b;stroke-width:1.5}\
.provenance .tip{fill:#64748b}\
.provenance a{cursor:pointer}\
.provenance a:hover rect,.provenance a:focus rect{stroke:#1d4ed8}\
@media(prefers-color-scheme:dark){\
.provenance .ground{fill:#14181f}\
.provenance .box rect{fill:#1e2530;stroke:#55657c}\
.provenance .box.root rect{fill:#1c3358;stroke:#7fb0ff}\
.provenance .name{fill:#eef2f7}\
.provenance .more,.provenance .explanation{fill:#b3bfce}\
.provenance .uuid{fill:#93a1b5}\
.provenance .arrow{stroke:#8695aa}\
.provenance .tip{fill:#8695aa}\
.provenance a:hover rect,.provenance a:focus rect{stroke:#7fb0ff}}";

impl Graph {
    /// A picture in SVG that needs nothing else: no program, no font, no address. It is light or dark as the reader's
    /// system is. An arrow goes from a dataset to one that was derived from it; the dataset that was asked for has a thick
    /// frame; what the server does not tell of is dashed. Pointing at a box tells all of its name and UUID.
    ///
    /// The same graph is the same picture, byte for byte.
    ///
    /// ```
    /// assert!(whimbrel::dserver::Graph::default().to_svg().starts_with("<svg"));
    /// ```
    pub fn to_svg(&self) -> String {
        let mut svg = self.draw("", |_| None);
        svg.push('\n');
        svg
    }

    /// The picture, with a nonce for its style where a page asks for one, and each box as a link if there is one for it.
    pub(super) fn draw(&self, nonce: &str, link: impl Fn(usize) -> Option<String>) -> String {
        let order = label::ordered(self);
        let number: BTreeMap<&str, usize> = order.iter().enumerate().map(|(n, uuid)| (*uuid, n)).collect();
        let edges: Vec<(usize, usize)> = self.edges().map(|(uuid, from)| (number[from], number[uuid])).collect();
        let layout = layout(order.len(), &edges, BOX);
        let lines = self.explanation();
        let width = layout.size.width.max(EXPLANATION_WIDTH) + 2.0 * MARGIN;
        let below = layout.size.height + 2.5 * MARGIN;
        let height = below + lines.len() as f64 * LINE + MARGIN / 2.0;
        let left = MARGIN + (width - 2.0 * MARGIN - layout.size.width) / 2.0;

        // As a page of links it is more than a picture.
        let role = if nonce.is_empty() { "img" } else { "group" };
        let asked = label::of(self, &self.root);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"provenance\" role=\"{role}\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<style{nonce}>{STYLE}</style>\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto-start-reverse\"><path class=\"tip\" d=\"M0 1 10 5 0 9z\"/></marker>\n\
             <clipPath id=\"inside\"><rect width=\"{}\" height=\"{}\"/></clipPath></defs>\n\
             <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n<g transform=\"translate({left} {MARGIN})\">\n",
            markup(&format!("Provenance of {}", asked.title())),
            BOX.width - 8.0,
            BOX.height,
            width = round(width),
            height = round(height),
            left = round(left),
        );
        for (edge, way) in edges.iter().zip(&layout.arrows) {
            let path = match way.is_empty() {
                true => to_itself(layout.boxes[edge.0]),
                false => path(way, layout.is_sideways),
            };
            // To a `String`, which takes everything; so below.
            let _ = writeln!(svg, "<path class=\"arrow\" marker-end=\"url(#tip)\" d=\"{path}\"/>");
        }
        for (n, uuid) in order.iter().enumerate() {
            let drawn = self.draw_box(uuid, layout.boxes[n]);
            let _ = match link(n) {
                Some(link) => writeln!(svg, "<a href=\"{link}\">{drawn}</a>"),
                None => writeln!(svg, "{drawn}"),
            };
        }
        svg.push_str("</g>\n");
        for (n, line) in lines.iter().enumerate() {
            let y = round(below + n as f64 * LINE);
            let _ = writeln!(svg, "<text class=\"explanation\" x=\"{MARGIN}\" y=\"{y}\">{line}</text>");
        }
        svg.push_str("</svg>");
        svg
    }

    fn draw_box(&self, uuid: &str, at: Point) -> String {
        let label = label::of(self, uuid);
        let (x, y) = (round(at.x - BOX.width / 2.0), round(at.y - BOX.height / 2.0));
        let class = match (&label.name, label.is_root) {
            (None, true) => "box unknown root",
            (None, false) => "box unknown",
            (Some(_), true) => "box root",
            (Some(_), false) => "box",
        };
        let Label { short, creator, frozen, .. } = &label;
        let (name, creator) = match &label.name {
            Some(name) => (&**name, &**creator),
            None => ("?", label::UNKNOWN),
        };
        let mut tip = vec![name.to_owned(), label.uuid.clone()];
        tip.extend([creator, frozen].into_iter().filter(|it| !it.is_empty()).map(str::to_owned));
        format!(
            "<g class=\"{class}\" transform=\"translate({x} {y})\"><title>{}</title>\
             <rect width=\"{width}\" height=\"{height}\" rx=\"9\"/><g clip-path=\"url(#inside)\">\
             <text class=\"name\" x=\"12\" y=\"24\">{}</text><text class=\"more\" x=\"12\" y=\"43\">{}</text>\
             <text class=\"more\" x=\"{end}\" y=\"43\" text-anchor=\"end\">{}</text>\
             <text class=\"uuid\" x=\"12\" y=\"61\">{}</text></g></g>",
            markup(&tip.join("\n")),
            markup(&cut(name, NAME)),
            markup(&cut(creator, if frozen.is_empty() { LONG } else { CREATOR })),
            markup(frozen),
            markup(short),
            width = BOX.width,
            height = BOX.height,
            end = BOX.width - 12.0,
        )
    }

    fn explanation(&self) -> Vec<&'static str> {
        let mut lines = vec![];
        if self.edges().next().is_some() {
            lines.push("An arrow leads from a dataset to what was derived from it.");
        }
        if self.nodes.contains_key(&self.root) {
            lines.push("Thick frame: the dataset that was asked for.");
        }
        if self.nodes.values().any(|node| node.dataset.is_none()) {
            lines.push("Dashed: not registered, or not for you.");
        }
        lines
    }
}

/// Gaps between layers in a bow, layers straight on.
fn path(way: &[Point], is_sideways: bool) -> String {
    let mut path = format!("M{} {}", round(way[0].x), round(way[0].y));
    for (n, pair) in way.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let (x, y) = (round(b.x), round(b.y));
        let _ = if n % 2 == 1 {
            write!(path, "L{x} {y}")
        } else if is_sideways {
            let middle = round(f64::midpoint(a.x, b.x));
            write!(path, "C{middle} {} {middle} {y} {x} {y}", round(a.y))
        } else {
            let middle = round(f64::midpoint(a.y, b.y));
            write!(path, "C{} {middle} {x} {middle} {x} {y}", round(a.x))
        };
    }
    path
}

/// A loop at the upper right corner.
fn to_itself(at: Point) -> String {
    let (x, y) = (round(at.x + BOX.width / 2.0 - 26.0), round(at.y - BOX.height / 2.0));
    format!("M{x} {y}c0 -22 36 -22 26 12")
}

/// To a tenth: nobody sees more, and it reads well.
fn round(number: f64) -> f64 {
    // No minus before a zero.
    (number * 10.0).round() / 10.0 + 0.0
}

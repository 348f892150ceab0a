//! Where the boxes and arrows of a drawing are.
//!
//! Sugiyama's way: boxes stand in layers, each behind all that it comes from; an arrow over several layers gets a bend in
//! each; the order in the layers is the one of the fewest crossings that some sweeps of barycentres find; then each box
//! moves as near to its neighbours as the boxes beside it allow. Nothing is left to chance, so that the same graph is
//! the same picture.

mod order;
mod place;

use std::collections::VecDeque;

/// A box's size, in the unit of the drawing.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// A drawing without what is written in it.
pub(super) struct Layout {
    pub size: Size,
    /// Layers follow each other from left to right; else from top to bottom.
    pub is_sideways: bool,
    /// The middle of each box.
    pub boxes: Vec<Point>,
    /// Each arrow from its start over its bends to its tip, in the order of the edges: between the first two points and so
    /// on it crosses a gap between layers, between the second two a layer. None of a box's arrow to itself.
    pub arrows: Vec<Vec<Point>>,
}

/// Bends that are made for long arrows, at most: beyond it they go straight, the longest first.
const BENDS: usize = 20_000;

/// Between parts that have nothing to do with each other.
const PART_GAP: f64 = 60.0;

/// By which way the layers follow each other.
#[derive(Clone, Copy)]
struct Way {
    is_sideways: bool,
    /// A box's room in a layer, and from layer to layer.
    across: f64,
    along: f64,
    /// Between boxes of a layer, and between layers.
    gap: f64,
    layer_gap: f64,
}

impl Way {
    fn new(is_sideways: bool, Size { width, height }: Size) -> Self {
        match is_sideways {
            // Arrows to boxes far above or below need the room.
            true => Self { is_sideways, across: height, along: width, gap: 20.0, layer_gap: 90.0 },
            false => Self { is_sideways, across: width, along: height, gap: 30.0, layer_gap: 58.0 },
        }
    }

    fn point(self, across: f64, along: f64) -> Point {
        match self.is_sideways {
            true => Point { x: along, y: across },
            false => Point { x: across, y: along },
        }
    }

    /// The half of a cell: a bend has no width.
    fn half(self, is_box: bool) -> f64 {
        if is_box { self.across / 2.0 } else { 0.0 }
    }
}

/// By how much an arrow against the direction of the others keeps away from them.
const ASIDE: f64 = 18.0;

/// A page is wider than high by so much.
const PAGE: f64 = 1.5;

/// Boxes of a size, `count` of them, with arrows between them.
pub(super) fn layout(count: usize, edges: &[(usize, usize)], size: Size) -> Layout {
    let parts = parts(count, edges);
    let layered: Vec<Layered> =
        parts.into_iter().map(|(nodes, edges_of)| Layered::new(nodes, edges_of, edges)).collect();
    let is_sideways = layered.iter().max_by_key(|it| it.nodes.len()).is_some_and(|part| part.fits_sideways(size));
    let mut layout = Layout {
        size: Size { width: 0.0, height: 0.0 },
        is_sideways,
        boxes: vec![Point { x: 0.0, y: 0.0 }; count],
        arrows: vec![vec![]; edges.len()],
    };
    let drawn: Vec<Part> = layered.into_iter().map(|part| part.draw(size, is_sideways)).collect();
    // In rows, as letters are written.
    let area: f64 = drawn.iter().map(|it| (it.size.width + PART_GAP) * (it.size.height + PART_GAP)).sum();
    let widest = drawn.iter().map(|it| it.size.width).fold(0.0, f64::max);
    let line = widest.max((area * PAGE).sqrt());
    let (mut x, mut y, mut high) = (0.0_f64, 0.0_f64, 0.0_f64);
    for part in drawn {
        if x > 0.0 && x + part.size.width > line {
            (x, y, high) = (0.0, y + high + PART_GAP, 0.0);
        }
        let moved = |point: Point| Point { x: point.x + x, y: point.y + y };
        for (node, at) in part.boxes {
            layout.boxes[node] = moved(at);
        }
        for (edge, way) in part.arrows {
            layout.arrows[edge] = way.into_iter().map(moved).collect();
        }
        layout.size.width = layout.size.width.max(x + part.size.width);
        layout.size.height = layout.size.height.max(y + part.size.height);
        (x, high) = (x + part.size.width + PART_GAP, high.max(part.size.height));
    }
    layout
}

/// The nodes that are connected, and their edges by number; the largest part first.
fn parts(count: usize, edges: &[(usize, usize)]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut beside = vec![vec![]; count];
    for &(from, to) in edges {
        beside[from].push(to);
        beside[to].push(from);
    }
    let (mut part_of, mut parts) = (vec![usize::MAX; count], Vec::<(Vec<usize>, Vec<usize>)>::new());
    for first in 0..count {
        if part_of[first] != usize::MAX {
            continue;
        }
        part_of[first] = parts.len();
        let (mut nodes, mut at) = (vec![first], 0);
        while let Some(&node) = nodes.get(at) {
            at += 1;
            for &next in &beside[node] {
                if part_of[next] == usize::MAX {
                    part_of[next] = parts.len();
                    nodes.push(next);
                }
            }
        }
        nodes.sort_unstable();
        parts.push((nodes, vec![]));
    }
    for (n, (from, _)) in edges.iter().enumerate() {
        parts[part_of[*from]].1.push(n);
    }
    parts.sort_by_key(|(nodes, _)| std::cmp::Reverse(nodes.len()));
    parts
}

/// A connected part in layers. Its cells are its boxes first, then the bends.
struct Layered {
    /// The numbers of the boxes outside.
    nodes: Vec<usize>,
    /// Each arrow's number outside, its cells in the direction of the layers, and whether it goes against that.
    chains: Vec<Chain>,
    /// The layer of each cell.
    layer: Vec<usize>,
    /// The cells of each layer.
    layers: Vec<Vec<usize>>,
}

struct Chain {
    edge: usize,
    cells: Vec<usize>,
    is_against: bool,
}

impl Layered {
    fn new(nodes: Vec<usize>, edges_of: Vec<usize>, edges: &[(usize, usize)]) -> Self {
        let inside = |node: usize| nodes.binary_search(&node).unwrap_or_default();
        let links = edges_of.into_iter().map(|n| (n, inside(edges[n].0), inside(edges[n].1)));
        let links: Vec<_> = links.filter(|(_, from, to)| from != to).collect();
        let against = against(nodes.len(), &links);
        let mut chains: Vec<Chain> = links
            .iter()
            .zip(against)
            .map(|(&(edge, from, to), is_against)| Chain {
                edge,
                cells: if is_against { vec![to, from] } else { vec![from, to] },
                is_against,
            })
            .collect();
        let mut layer = layers(nodes.len(), &chains);
        // The longest arrows are the last to get bends.
        let mut by_length: Vec<usize> = (0..chains.len()).collect();
        by_length.sort_by_key(|&n| layer[chains[n].cells[1]] - layer[chains[n].cells[0]]);
        let mut bends = 0;
        for n in by_length {
            let (first, last) = (chains[n].cells[0], chains[n].cells[1]);
            let between = layer[first] + 1..layer[last];
            bends += between.len();
            if bends > BENDS {
                break;
            }
            let mut cells = vec![first];
            for at in between {
                cells.push(layer.len());
                layer.push(at);
            }
            cells.push(last);
            chains[n].cells = cells;
        }
        let mut layered = vec![vec![]; layer.iter().max().map_or(0, |last| last + 1)];
        for (cell, at) in layer.iter().enumerate() {
            layered[*at].push(cell);
        }
        Self { nodes, chains, layer, layers: layered }
    }

    /// Whether a page holds it better with its layers from left to right.
    fn fits_sideways(&self, size: Size) -> bool {
        let boxes = |layer: &Vec<usize>| layer.iter().filter(|cell| **cell < self.nodes.len()).count();
        let widest = self.layers.iter().map(boxes).max().unwrap_or_default();
        let need = |is_sideways: bool| {
            let way = Way::new(is_sideways, size);
            let across = widest as f64 * (way.across + way.gap);
            let whole = way.point(across, self.layers.len() as f64 * (way.along + way.layer_gap));
            (whole.x / PAGE).max(whole.y)
        };
        need(true) < need(false)
    }

    fn draw(mut self, size: Size, is_sideways: bool) -> Part {
        let way = Way::new(is_sideways, size);
        let count = self.nodes.len();
        let chains = self.chains.iter().map(|chain| &chain.cells[..]);
        let neighbours = order::Neighbours::new(self.layer.len(), chains, &self.layer);
        order::fewest_crossings(&mut self.layers, &neighbours);
        let mut at = place::place(&self.layers, &neighbours, |cell| way.half(cell < count), way.gap);
        let half = |cell: usize| way.half(cell < count);
        let first = at.iter().enumerate().map(|(cell, at)| at - half(cell)).fold(f64::INFINITY, f64::min);
        for it in &mut at {
            *it -= first;
        }
        let end = at.iter().enumerate().map(|(cell, at)| at + half(cell)).fold(0.0, f64::max);

        let begin = |cell: usize| self.layer[cell] as f64 * (way.along + way.layer_gap);
        let boxes = self.nodes.iter().enumerate();
        let boxes = boxes.map(|(cell, node)| (*node, way.point(at[cell], begin(cell) + way.along / 2.0)));
        let arrows = self.chains.iter().map(|Chain { edge, cells, is_against }| {
            let aside = if *is_against { ASIDE } else { 0.0 };
            let ends =
                |cell: usize| [begin(cell), begin(cell) + way.along].map(|along| way.point(at[cell] + aside, along));
            let mut points: Vec<Point> = cells.iter().flat_map(|cell| ends(*cell)).skip(1).collect();
            points.pop();
            if *is_against {
                points.reverse();
            }
            (*edge, points)
        });
        let corner = way.point(end, self.layers.len() as f64 * (way.along + way.layer_gap) - way.layer_gap);
        Part { size: Size { width: corner.x, height: corner.y }, boxes: boxes.collect(), arrows: arrows.collect() }
    }
}

/// A part with places from its own corner on.
struct Part {
    size: Size,
    boxes: Vec<(usize, Point)>,
    arrows: Vec<(usize, Vec<Point>)>,
}

/// Which links close a circle, as a walk in depth meets them.
fn against(count: usize, links: &[(usize, usize, usize)]) -> Vec<bool> {
    let mut out = vec![vec![]; count];
    for (n, (_, from, to)) in links.iter().enumerate() {
        out[*from].push((n, *to));
    }
    let has_source: Vec<bool> = links.iter().fold(vec![false; count], |mut has, (_, _, to)| {
        has[*to] = true;
        has
    });
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let (mut seen, mut against) = (vec![Seen::No; count], vec![false; links.len()]);
    let sources = (0..count).filter(|node| !has_source[*node]);
    for first in sources.chain(0..count) {
        if seen[first] != Seen::No {
            continue;
        }
        seen[first] = Seen::Open;
        let mut path = vec![(first, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(&(link, to)) = out[*node].get(*next) else {
                seen[*node] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match seen[to] {
                Seen::Open => against[link] = true,
                Seen::Done => {}
                Seen::No => {
                    seen[to] = Seen::Open;
                    path.push((to, 0));
                }
            }
        }
    }
    against
}

/// Each box's layer: one behind the last that it comes from; one that comes from nothing stands just before the first
/// that comes from it.
fn layers(count: usize, chains: &[Chain]) -> Vec<usize> {
    let (mut out, mut missing) = (vec![vec![]; count], vec![0; count]);
    for chain in chains {
        out[chain.cells[0]].push(chain.cells[1]);
        missing[chain.cells[1]] += 1;
    }
    let sources: Vec<usize> = (0..count).filter(|node| missing[*node] == 0).collect();
    let (mut layer, mut ready) = (vec![0; count], VecDeque::from(sources.clone()));
    while let Some(node) = ready.pop_front() {
        for &to in &out[node] {
            layer[to] = layer[to].max(layer[node] + 1);
            missing[to] -= 1;
            if missing[to] == 0 {
                ready.push_back(to);
            }
        }
    }
    for node in sources {
        if let Some(first) = out[node].iter().map(|to| layer[*to]).min() {
            layer[node] = first - 1;
        }
    }
    layer
}

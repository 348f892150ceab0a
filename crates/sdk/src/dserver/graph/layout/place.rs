//! How far each cell is from the start of its layer.

use super::order::Neighbours;

/// Sweeps that are made; the last ones look both ways.
const SWEEPS: usize = 14;

/// How much straighter a link is to be between two bends, or between a box and a bend, than between two boxes.
const BENDS: f64 = 8.0;
const BEND: f64 = 2.0;

/// The middle of each cell. In each sweep a layer's cells go where their neighbours are, in the least squares' sense and
/// with the order and the distances kept. `half` is the half of a cell: nothing of a bend.
pub(super) fn place(layers: &[Vec<usize>], neighbours: &Neighbours, half: impl Fn(usize) -> f64, gap: f64) -> Vec<f64> {
    let is_box = |cell: usize| half(cell) > 0.0;
    let gap = |a: usize, b: usize| half(a) + half(b) + if is_box(a) || is_box(b) { gap } else { gap / 2.0 };
    // How far each is from the first of its layer at the least.
    let mut at = vec![0.0; neighbours.before.len()];
    for layer in layers {
        for pair in layer.windows(2) {
            at[pair[1]] = at[pair[0]] + gap(pair[0], pair[1]);
        }
    }
    let least = at.clone();
    let weight = |a: usize, b: usize| match (is_box(a), is_box(b)) {
        (true, true) => 1.0,
        (false, false) => BENDS,
        _ => BEND,
    };
    for sweep in 0..SWEEPS {
        let is_forth = sweep % 2 == 0;
        let both = sweep + 4 >= SWEEPS;
        let mut settle = |layer: &Vec<usize>| {
            let wishes = layer.iter().map(|&cell| {
                let none = &[][..];
                let before = if is_forth || both { &neighbours.before[cell][..] } else { none };
                let behind = if !is_forth || both { &neighbours.behind[cell][..] } else { none };
                let (mut sum, mut weights) = (0.0, 0.0);
                for &other in before.iter().chain(behind) {
                    let weight = weight(cell, other);
                    (sum, weights) = (sum + weight * at[other], weights + weight);
                }
                // Nobody's neighbour stays where it is, and makes room for everybody.
                if weights == 0.0 { (at[cell] - least[cell], 0.01) } else { (sum / weights - least[cell], weights) }
            });
            for (cell, place) in layer.iter().zip(rising(wishes)) {
                at[*cell] = place + least[*cell];
            }
        };
        match is_forth {
            true => layers.iter().for_each(&mut settle),
            false => layers.iter().rev().for_each(&mut settle),
        }
    }
    at
}

/// The rising sequence that is nearest to the wishes (each with its weight): neighbours that would have to pass each other
/// meet at their mean.
fn rising(wishes: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    struct Block {
        mean: f64,
        weight: f64,
        count: usize,
    }
    let mut blocks: Vec<Block> = vec![];
    for (mean, weight) in wishes {
        let mut block = Block { mean, weight, count: 1 };
        while let Some(last) = blocks.pop_if(|last| last.mean >= block.mean) {
            let weight = last.weight + block.weight;
            let mean = (last.mean * last.weight + block.mean * block.weight) / weight;
            block = Block { mean, weight, count: last.count + block.count };
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|block| std::iter::repeat_n(block.mean, block.count)).collect()
}

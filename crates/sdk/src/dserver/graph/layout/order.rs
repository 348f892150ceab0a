//! The order of the cells in their layers.

/// Who is linked to whom in the layer before, and in the layer behind.
pub(super) struct Neighbours {
    pub before: Vec<Vec<usize>>,
    pub behind: Vec<Vec<usize>>,
}

/// Sweeps that are made, and those in a row that may bring nothing.
const SWEEPS: usize = 24;
const IN_VAIN: usize = 6;

impl Neighbours {
    pub(super) fn new<'c>(count: usize, chains: impl Iterator<Item = &'c [usize]>, layer: &[usize]) -> Self {
        let mut all = Self { before: vec![vec![]; count], behind: vec![vec![]; count] };
        for chain in chains {
            for link in chain.windows(2) {
                // An arrow without bends goes over layers that know nothing of it.
                if layer[link[1]] == layer[link[0]] + 1 {
                    all.behind[link[0]].push(link[1]);
                    all.before[link[1]].push(link[0]);
                }
            }
        }
        all
    }
}

/// Sorts each layer, so that few links cross.
pub(super) fn fewest_crossings(layers: &mut Vec<Vec<usize>>, neighbours: &Neighbours) {
    let count = neighbours.before.len();
    walk(layers, neighbours);
    let mut at = vec![0; count];
    let number = |layer: &[usize], at: &mut Vec<usize>| layer.iter().enumerate().for_each(|(n, cell)| at[*cell] = n);
    for layer in layers.iter() {
        number(layer, &mut at);
    }
    let (mut best, mut fewest, mut in_vain) = (layers.clone(), crossings(layers, neighbours, &at), 0);
    for sweep in 0..SWEEPS {
        if fewest == 0 || in_vain == IN_VAIN {
            break;
        }
        let is_forth = sweep % 2 == 0;
        let beside = if is_forth { &neighbours.before } else { &neighbours.behind };
        let mut sort = |layer: &mut Vec<usize>| {
            let mut keyed: Vec<(f64, usize)> = layer
                .iter()
                .map(|cell| match beside[*cell].len() {
                    0 => (at[*cell] as f64, *cell),
                    n => (beside[*cell].iter().map(|it| at[*it] as f64).sum::<f64>() / n as f64, *cell),
                })
                .collect();
            // Stable: what is equal keeps its order.
            keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            *layer = keyed.into_iter().map(|(_, cell)| cell).collect();
            number(layer, &mut at);
        };
        match is_forth {
            true => layers.iter_mut().for_each(&mut sort),
            false => layers.iter_mut().rev().for_each(&mut sort),
        }
        let now = crossings(layers, neighbours, &at);
        if now < fewest {
            (best, fewest, in_vain) = (layers.clone(), now, 0);
        } else {
            in_vain += 1;
        }
    }
    *layers = best;
}

/// The order in which a walk in depth meets the cells: what hangs together stands together.
fn walk(layers: &mut [Vec<usize>], neighbours: &Neighbours) {
    let mut met = vec![usize::MAX; neighbours.before.len()];
    let mut n = 0;
    for first in layers.iter().flatten() {
        let mut next = vec![*first];
        while let Some(cell) = next.pop() {
            if met[cell] != usize::MAX {
                continue;
            }
            met[cell] = n;
            n += 1;
            next.extend(neighbours.before[cell].iter().chain(&neighbours.behind[cell]).rev());
        }
    }
    for layer in layers {
        layer.sort_by_key(|cell| met[*cell]);
    }
}

/// How many pairs of links cross: each link is counted with those before it that end behind it, by a Fenwick tree.
fn crossings(layers: &[Vec<usize>], neighbours: &Neighbours, at: &[usize]) -> usize {
    let mut crossings = 0;
    for pair in layers.windows(2) {
        let (mut tree, mut count) = (vec![0_usize; pair[1].len() + 1], 0);
        for cell in &pair[0] {
            let mut ends: Vec<usize> = neighbours.behind[*cell].iter().map(|it| at[*it] + 1).collect();
            for end in &ends {
                let (mut n, mut not_behind) = (*end, 0);
                while n > 0 {
                    not_behind += tree[n];
                    n &= n - 1;
                }
                crossings += count - not_behind;
            }
            count += ends.len();
            for mut n in ends.drain(..) {
                while n < tree.len() {
                    tree[n] += 1;
                    n += n & n.wrapping_neg();
                }
            }
        }
    }
    crossings
}

//! Counts over all that a user can see.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Ask, Refused, Service, answer, state::State};

/// How many datasets there are of a sort, and how many bytes they have.
type Counts<'s> = BTreeMap<&'s str, (u64, u64)>;

impl Service {
    pub(super) fn my_summary(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let user = self.known(ask, &state)?;
        Ok(answer::ok(&self.summary(&state, &user)))
    }

    pub(super) fn user_summary(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let user = self.another(ask, &state)?;
        Ok(answer::ok(&self.summary(&state, user)))
    }

    fn summary(&self, state: &State, user: &str) -> Value {
        let (mut creators, mut base_uris, mut tags) = (Counts::new(), Counts::new(), Counts::new());
        let mut uploaders = Counts::new();
        let (mut number, mut bytes) = (0_u64, 0_u64);
        for dataset in state.seen_by(user) {
            // A dataset that was registered without a size has none to count.
            let size = dataset.size_in_bytes.unwrap_or_default();
            count(&mut creators, &dataset.creator, size);
            count(&mut base_uris, &dataset.base_uri, size);
            dataset.tags.iter().for_each(|tag| count(&mut tags, tag, size));
            if let Some((uploader, _)) = &dataset.uploaded {
                count(&mut uploaders, uploader, size);
            }
            number += 1;
            bytes += size;
        }
        let numbers =
            |counts: &Counts<'_>| json!(counts.iter().map(|(of, (n, _))| (*of, *n)).collect::<BTreeMap<_, _>>());
        let sizes =
            |counts: &Counts<'_>| json!(counts.iter().map(|(of, (_, b))| (*of, *b)).collect::<BTreeMap<_, _>>());
        let names = |counts: &Counts<'_>| json!(counts.keys().collect::<Vec<_>>());
        let mut summary = json!({
            "number_of_datasets": number, "total_size_in_bytes": bytes,
            "creator_usernames": names(&creators), "datasets_per_creator": numbers(&creators),
            "size_in_bytes_per_creator": sizes(&creators),
            "base_uris": names(&base_uris), "datasets_per_base_uri": numbers(&base_uris),
            "size_in_bytes_per_base_uri": sizes(&base_uris),
            "tags": names(&tags), "datasets_per_tag": numbers(&tags), "size_in_bytes_per_tag": sizes(&tags),
        });
        if self.is_next() {
            summary["uploaders"] = names(&uploaders);
            summary["datasets_per_uploader"] = numbers(&uploaders);
            summary["size_in_bytes_per_uploader"] = sizes(&uploaders);
        }
        summary
    }
}

fn count<'s>(counts: &mut Counts<'s>, of: &'s str, size: u64) {
    let (number, bytes) = counts.entry(of).or_default();
    *number += 1;
    *bytes += size;
}

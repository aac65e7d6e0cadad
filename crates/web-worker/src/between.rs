//! What the Workers of one browser say to each other over broadcast channels.

use serde::{Deserialize, Serialize};
use undertone_web_messages::{News, Question, Unusable};

use crate::{epoch::Epoch, keys::TabId};

/// From a tab to the one that leads; all hear it, and only the leader takes it.
#[derive(Serialize, Deserialize)]
pub enum ToLeader {
    /// Its page asks. Answered on the tab's own channel.
    Question {
        /// The tab.
        tab: TabId,
        /// What is asked.
        question: Question,
    },
    /// A tab has started and wants to hear who leads.
    WhoLeads,
}

/// From the tab that leads to all.
#[derive(Serialize, Deserialize)]
pub enum ToTabs {
    /// It leads.
    Leads(Epoch),
    /// Something happened.
    News(News),
    /// It should lead and cannot, and the others could not either.
    Unusable(Unusable),
}

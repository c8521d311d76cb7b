//! A station of the picture with the button of its faults.

use leptos::prelude::*;

use super::fault_button::FaultButton;
use crate::components::station::{Station, badge};

/// The station.
#[component]
pub fn FaultStation(
    /// Its name.
    name: &'static str,
    /// Its task, in a few words.
    words: &'static str,
    /// The part whose health is shown; empty for none.
    #[prop(optional)]
    health_of: &'static str,
    /// The part whose faults it opens; empty for none.
    #[prop(optional)]
    breaks: &'static str,
    /// Its number.
    #[prop(optional)]
    number: Signal<String>,
) -> impl IntoView {
    let health = badge(health_of);
    view! {
        <Station name words health_of number>
            {(!breaks.is_empty()).then(|| view! { <FaultButton target=breaks health/> })}
        </Station>
    }
}

//! A station of the picture with the button of its faults.

use leptos::prelude::*;

use super::fault_button::FaultButton;
use super::signals::out_of_reach;
use crate::components::station::{Station, badge};
use crate::signals::text;

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
    let (usual, out_of_reach) = (badge(health_of), out_of_reach());
    let health = text(move || match out_of_reach.get() {
        part if !part.is_empty() && part == health_of => "not reached by the consumer".to_owned(),
        _ => usual.get(),
    });
    view! {
        <Station name words health_of health_words=health number>
            {(!breaks.is_empty()).then(|| view! { <FaultButton target=breaks health/> })}
        </Station>
    }
}

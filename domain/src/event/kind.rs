//! The closed list of known event types, their names in CloudEvents and in the seed's contract, and the topic of each.

use std::str::FromStr;

use crate::topics::Topic;

/// A known type of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
#[schemars(into = "String", try_from = "String", extend("enum" = Kind::ALL.map(Kind::name)))]
pub enum Kind {
    /// A key went down.
    KeyPress,
    /// A button was clicked.
    ButtonClick,
    /// A field was filled in.
    InputPassed,
    /// The visitor moved to another page.
    Navigation,
    /// An order came to be.
    OrderCreated,
    /// Stock was set aside for an order.
    OrderAllocated,
    /// Work on an order began.
    OrderStarted,
    /// An order was finished.
    OrderCompleted,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::KeyPress,
        Self::ButtonClick,
        Self::InputPassed,
        Self::Navigation,
        Self::OrderCreated,
        Self::OrderAllocated,
        Self::OrderStarted,
        Self::OrderCompleted,
    ];

    /// CloudEvents' `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyPress => "ese.click-stream.key-press",
            Self::ButtonClick => "ese.click-stream.button-click",
            Self::InputPassed => "ese.click-stream.input-passed",
            Self::Navigation => "ese.click-stream.navigation",
            Self::OrderCreated => "ese.order.created",
            Self::OrderAllocated => "ese.order.allocated",
            Self::OrderStarted => "ese.order.started",
            Self::OrderCompleted => "ese.order.completed",
        }
    }

    /// The seed's `sub_type`.
    pub const fn sub_type(self) -> &'static str {
        match self {
            Self::KeyPress => "KEY_PRESS_EVENT",
            Self::ButtonClick => "BUTTON_CLICK_EVENT",
            Self::InputPassed => "INPUT_PASSED_EVENT",
            Self::Navigation => "NAVIGATION_EVENT",
            Self::OrderCreated => "ORDER_CREATED",
            Self::OrderAllocated => "ORDER_ALLOCATED",
            Self::OrderStarted => "ORDER_STARTED",
            Self::OrderCompleted => "ORDER_COMPLETED",
        }
    }

    /// The kind that the seed calls `sub_type`.
    pub fn from_sub_type(sub_type: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.sub_type() == sub_type).ok_or_else(|| UnknownKind::new(sub_type))
    }

    /// Its topic in Kafka.
    pub const fn topic(self) -> Topic {
        match self {
            Self::KeyPress | Self::ButtonClick | Self::InputPassed | Self::Navigation => Topic::Clicks,
            Self::OrderCreated | Self::OrderAllocated | Self::OrderStarted | Self::OrderCompleted => Topic::Orders,
        }
    }
}

/// The event type is unknown.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event type `{0}` is unknown; known are: {list}", list = Kind::ALL.map(Kind::name).join(", "))]
pub struct UnknownKind(String);

impl UnknownKind {
    fn new(text: &str) -> Self {
        Self(text.chars().take(60).collect())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownKind::new(text))
    }
}

crate::text::display_by_name!(Kind);
crate::text::convert_as_text!(Kind);

//! Unsaved settings and the state of saving; the consumer validates them.

use std::collections::BTreeMap;

use domain::api::SettingView;
use domain::rules::Form;
use serde_json::{Map, Value};
use tracker::json;

/// The unsaved settings of a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsDraft {
    typed: BTreeMap<String, String>,
    saving: SaveState,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum SaveState {
    #[default]
    Idle,
    Saving,
    Done,
    Failed(String),
}

impl SettingsDraft {
    /// The text of the field.
    pub fn text(&self, setting: &SettingView) -> String {
        self.typed.get(&setting.name).cloned().unwrap_or_else(|| plain(&setting.value))
    }

    /// Sets the typed text of a field.
    pub fn put(&mut self, setting: &SettingView, typed: String) {
        self.typed.insert(setting.name.clone(), typed);
        if self.saving != SaveState::Saving {
            self.saving = SaveState::Idle;
        }
    }

    /// The form is opened again: an earlier save is not shown any more.
    pub fn reopened(&mut self) {
        if self.saving == SaveState::Done {
            self.saving = SaveState::Idle;
        }
    }

    /// Goes back to the saved values.
    pub fn discard(&mut self) {
        *self = Self::default();
    }

    /// Whether the field differs from its saved value.
    pub fn is_changed(&self, setting: &SettingView) -> bool {
        self.typed.get(&setting.name).is_some_and(|typed| value(&setting.form, typed) != setting.value)
    }

    /// The changes to send: the fields that differ.
    pub fn changes(&self, settings: &[SettingView]) -> Map<String, Value> {
        let mut changes = Map::new();
        for setting in settings.iter().filter(|setting| self.is_changed(setting)) {
            changes.insert(setting.name.clone(), value(&setting.form, &self.text(setting)));
        }
        changes
    }

    /// The changes are being saved.
    pub fn saving(&mut self) {
        self.saving = SaveState::Saving;
    }

    /// Applies the answer: the saved settings, or the reason why not.
    pub fn answered(&mut self, answer: Result<&[SettingView], String>) {
        match answer {
            Ok(settings) => {
                // Text typed while the request was in flight stays.
                let kept = settings.iter().filter(|setting| self.is_changed(setting)).map(|setting| &setting.name);
                let kept: Vec<String> = kept.cloned().collect();
                self.typed.retain(|name, _| kept.contains(name));
                self.saving = if kept.is_empty() { SaveState::Done } else { SaveState::Idle };
            }
            Err(why) => self.saving = SaveState::Failed(why),
        }
    }

    /// The consumer's reason, if it names this field; with the label in place of the name.
    pub fn fault(&self, setting: &SettingView) -> Option<String> {
        let SaveState::Failed(why) = &self.saving else { return None };
        let (_, reason) = why.split_once(&format!("`{}` ", setting.name))?;
        Some(format!("{} {reason}", setting.label))
    }

    /// `clean`, `unsaved`, `saving`, `saved` or `failed`, and its text.
    pub fn state(&self, settings: &[SettingView]) -> (&'static str, String) {
        let unsaved = settings.iter().filter(|setting| self.is_changed(setting)).count();
        match (&self.saving, unsaved) {
            (SaveState::Saving, _) => ("saving", "Saving …".to_owned()),
            // The reason is at its field.
            (SaveState::Failed(_), _) if settings.iter().any(|setting| self.fault(setting).is_some()) => {
                ("failed", "Not saved.".to_owned())
            }
            (SaveState::Failed(why), _) => ("failed", format!("Not saved. {why}")),
            (_, 1..) => ("unsaved", format!("{unsaved} change{} not saved yet.", if unsaved == 1 { "" } else { "s" })),
            (SaveState::Done, 0) => ("saved", "Saved; it holds from the next event on.".to_owned()),
            (SaveState::Idle, 0) => ("clean", String::new()),
        }
    }
}

/// A value as the text of a field.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => json::write(other).unwrap_or_default(),
    }
}

/// The typed text as a value; text that is no number is sent as it is, and the consumer rejects it.
fn value(form: &Form, typed: &str) -> Value {
    let typed = typed.trim();
    match form {
        Form::Number { .. } => typed.parse::<i64>().map_or_else(|_| Value::from(typed), Value::from),
        Form::Kind | Form::Address => Value::from(typed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(threshold: i64) -> [SettingView; 2] {
        let setting = |name: &str, label: &str, form, value: Value| SettingView {
            name: name.to_owned(),
            label: label.to_owned(),
            form,
            default: value.clone(),
            value,
        };
        let number = Form::Number { min: 2, max: 100, unit: "events".to_owned() };
        [
            setting("threshold", "Threshold", number, json!(threshold)),
            setting("to", "Recipient", Form::Address, json!("operator@example.com")),
        ]
    }

    #[test]
    fn only_changed_fields_are_sent() {
        let (saved, mut draft) = (settings(3), SettingsDraft::default());
        assert_eq!((draft.text(&saved[0]).as_str(), draft.state(&saved).0), ("3", "clean"));
        draft.put(&saved[0], " 4 ".to_owned());
        draft.put(&saved[1], "operator@example.com ".to_owned());
        assert_eq!(Value::from(draft.changes(&saved)), json!({"threshold": 4}));
        assert_eq!(draft.state(&saved), ("unsaved", "1 change not saved yet.".to_owned()));
        draft.saving();
        assert_eq!(draft.state(&saved).0, "saving");
        let saved = settings(4);
        draft.answered(Ok(&saved));
        assert_eq!((draft.text(&saved[0]).as_str(), draft.state(&saved).0), ("4", "saved"));
        let mut reopened = draft.clone();
        reopened.reopened();
        assert_eq!(reopened.state(&saved).0, "clean");
        draft.put(&saved[0], "4".to_owned());
        assert_eq!(draft.state(&saved).0, "clean", "the same value is no change");
    }

    #[test]
    fn text_typed_while_saving_is_kept() {
        let (saved, mut draft) = (settings(3), SettingsDraft::default());
        draft.put(&saved[0], "4".to_owned());
        draft.saving();
        draft.put(&saved[0], "45".to_owned());
        draft.answered(Ok(&settings(4)));
        assert_eq!((draft.text(&saved[0]).as_str(), draft.state(&settings(4)).0), ("45", "unsaved"));
    }

    #[test]
    fn a_fault_is_shown_at_its_field_until_it_is_edited() {
        let (saved, mut draft) = (settings(3), SettingsDraft::default());
        draft.put(&saved[0], "many".to_owned());
        assert_eq!(Value::from(draft.changes(&saved)), json!({"threshold": "many"}));
        let sentence = "must be a whole number from 2 to 100 (events).";
        draft.answered(Err(format!("Nothing was changed: `threshold` {sentence}")));
        assert_eq!(draft.fault(&saved[0]), Some(format!("Threshold {sentence}")), "without the internal name");
        assert_eq!((draft.fault(&saved[1]), draft.state(&saved)), (None, ("failed", "Not saved.".to_owned())));
        draft.answered(Err("The server cannot be reached.".to_owned()));
        assert_eq!(draft.state(&saved).1, "Not saved. The server cannot be reached.");
        draft.put(&saved[0], "5".to_owned());
        assert_eq!((draft.fault(&saved[0]), draft.state(&saved).0), (None, "unsaved"));
    }
}

//! `GET /api/use-cases`, `GET /api/use-cases/{id}`, and `PATCH` to change settings.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use domain::api::{SettingView, UseCaseView};
use domain::rules::Settings;
use runtime::admission::Admitted;
use runtime::problem::Refusal;
use runtime::{clock, peers};
use serde_json::Value;

use super::limits::MAX_SETTINGS_BYTES;
use super::state::AppState;
use crate::store::{StoreError, alerts, settings, unsigned};
use crate::use_cases::Active;

/// How many alerts are shown of each use case.
const RESULTS: i64 = 100;

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Vec<UseCaseView>>, Refusal> {
    state.database.request(views(&state)).await.map(Json)
}

pub(super) async fn one(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<UseCaseView>, Refusal> {
    let views = state.database.request(views(&state)).await?;
    views.into_iter().find(|view| view.id == id).map(Json).ok_or_else(|| unknown(&state))
}

/// Changes all given settings, or none of them.
pub(super) async fn change(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Admitted { body, room: _room }: Admitted<MAX_SETTINGS_BYTES>,
) -> Result<Json<UseCaseView>, Refusal> {
    if !peers::is_media_type(&headers, "application/json") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the settings as application/json."));
    }
    let Ok(domain::json::Json(Value::Object(given))) = serde_json::from_slice(&body) else {
        return Err(Refusal::bad_request("The body is not a JSON object of settings, such as {\"threshold\": 4}."));
    };
    let entry = state.process.use_cases.get(&id).ok_or_else(|| unknown(&state))?;
    if let Err(error) = Settings::default_of(&entry.fields).changed(&entry.fields, &given) {
        return Err(Refusal::bad_request(format!("Nothing was changed: {error}.")));
    }
    let saved = async {
        let mut tx = state.database.begin().await?;
        settings::save(&mut tx, &id, given).await?;
        Ok::<_, StoreError>(tx.commit().await?)
    };
    state.database.request(saved).await?;
    one(State(state), Path(id)).await
}

fn unknown(state: &AppState) -> Refusal {
    let known: Vec<&str> = state.process.use_cases.names().collect();
    Refusal::new(StatusCode::NOT_FOUND, format!("There is no such use case; there are: {}.", known.join(", ")))
}

async fn views(state: &AppState) -> Result<Vec<UseCaseView>, StoreError> {
    let reader = &state.database.reader;
    let counts = alerts::counts(reader).await?;
    let mut views = Vec::new();
    for Active { entry, settings, .. } in state.process.use_cases.active(reader).await? {
        let id = entry.rule.id();
        let of_it = counts.iter().filter(|(use_case, ..)| use_case == id);
        let found = of_it.filter_map(|(_, route, count)| Some((route.parse().ok()?, unsigned(*count))));
        let fields = entry.fields.iter().map(|field| SettingView {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            form: field.form.clone(),
            value: settings.value(field.name),
            default: field.default.clone(),
        });
        views.push(UseCaseView {
            id: id.to_owned(),
            about: entry.rule.about(&settings),
            settings: fields.collect(),
            lags: state.process.statistics.of(id, clock::now()),
            found: found.collect(),
            results: alerts::of_use_case(reader, id, RESULTS).await?,
        });
    }
    Ok(views)
}

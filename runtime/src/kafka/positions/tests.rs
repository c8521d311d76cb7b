//! Random interleavings of all actions, against a model of the log and the database.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const PARTITIONS: i32 = 2;

fn partition(number: i32) -> Partition {
    Partition { topic: "t".to_owned(), number }
}

/// One partition: its log, its position in the database, and the processed offsets.
#[derive(Debug, Default)]
struct Model {
    /// The offsets that hold a record.
    records: BTreeSet<i64>,
    low: i64,
    high: i64,
    stored: Option<i64>,
    processed: BTreeSet<i64>,
    /// Records that the log deleted before they were processed.
    expired: BTreeSet<i64>,
    /// The offset at which the client fetches, while the partition is assigned.
    cursor: Option<i64>,
}

impl Model {
    fn bounds(&self) -> Watermarks {
        Watermarks { low: self.low, high: self.high }
    }

    /// The offset that the client gets next.
    fn upcoming(&self) -> Option<i64> {
        // For an offset outside its log, a broker answers from the first one that it has.
        let from = self.cursor.map(|cursor| if cursor > self.high { self.low } else { cursor.max(self.low) })?;
        self.records.range(from..).next().copied()
    }

    fn deliver(&mut self) -> Option<i64> {
        let offset = self.upcoming()?;
        self.cursor = Some(offset + 1);
        Some(offset)
    }

    /// A committed move: every record that it passes was processed now or before, or had expired.
    fn commit(&mut self, step: &Move, items: &[i64]) {
        self.stored = Some(step.to);
        for &offset in items {
            assert!(self.processed.insert(offset), "{step:?} processes {offset} twice");
        }
        let from = if step.from > step.to { 0 } else { step.from };
        let mut passed = self.records.range(from..step.to);
        let skipped = passed.find(|offset| !self.processed.contains(offset) && !self.expired.contains(offset));
        assert_eq!(skipped, None, "{step:?} passes an unprocessed record");
    }
}

/// The loop of [`super::super::consumer_loop`], without its waits.
#[derive(Default)]
struct Driver {
    positions: Positions,
    items: BTreeMap<i32, Vec<i64>>,
    mismatch: Option<(i32, i64)>,
    expired: u64,
}

impl Driver {
    fn deliver(&mut self, models: &mut [Model], number: i32) {
        if self.mismatch.is_some() {
            return;
        }
        let Some(offset) = models[number as usize].deliver() else { return };
        match self.positions.record("t", number, offset) {
            Verdict::Take => self.items.entry(number).or_default().push(offset),
            Verdict::Ignore => (),
            Verdict::Mismatch => self.mismatch = Some((number, offset)),
        }
    }

    /// Commits the batch or lets it fail.
    fn end(&mut self, models: &mut [Model], works: bool) {
        let items = std::mem::take(&mut self.items);
        let moves = self.positions.moves().to_vec();
        let stored = |step: &Move| models[step.partition.number as usize].stored;
        if works && moves.iter().all(|step| stored(step).is_none_or(|stored| stored == step.from)) {
            for step in &moves {
                let number = step.partition.number;
                models[number as usize].commit(step, items.get(&number).map_or(&[], Vec::as_slice));
                self.expired += step.expired;
            }
            self.positions.committed();
        } else {
            self.positions.failed();
        }
        if let Some((number, found)) = self.mismatch.take() {
            let bounds = models[number as usize].bounds();
            self.positions.explain(&partition(number), found, bounds);
        }
    }

    /// Reads the positions and places the client in the partitions where it `works`.
    fn place(&mut self, models: &mut [Model], works: impl Fn(i32) -> bool) {
        for place in self.positions.unread() {
            self.positions.read(&place, models[place.number as usize].stored);
        }
        for (place, offset) in self.positions.unplaced() {
            let model = &mut models[place.number as usize];
            if model.cursor.is_some() && works(place.number) {
                model.cursor = Some(offset.unwrap_or(model.low));
                self.positions.placed(&place, offset);
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Action {
    Produce(i32, u8),
    /// Offsets without a record: a transaction's markers.
    Hole(i32),
    Expire(i32, u8),
    /// The topic is deleted and created again, with fewer records than were read of it.
    Recreate(i32),
    Deliver(i32),
    End(bool),
    /// The partitions that can be placed.
    Place(bool, bool),
    Assign,
    Revoke,
    /// Another member processes records and moves the position, whether it still owns the partition or not.
    Other(i32, u8),
}

fn action() -> impl Strategy<Value = Action> {
    let number = 0..PARTITIONS;
    prop_oneof![
        3 => (number.clone(), 1..5u8).prop_map(|(number, count)| Action::Produce(number, count)),
        1 => number.clone().prop_map(Action::Hole),
        1 => (number.clone(), 1..4u8).prop_map(|(number, count)| Action::Expire(number, count)),
        8 => number.clone().prop_map(Action::Deliver),
        4 => prop::bool::weighted(0.7).prop_map(Action::End),
        4 => (any::<bool>(), any::<bool>()).prop_map(|(first, second)| Action::Place(first, second)),
        2 => Just(Action::Assign),
        1 => Just(Action::Revoke),
        1 => (number, 1..3u8).prop_map(|(number, count)| Action::Other(number, count)),
    ]
}

fn act(driver: &mut Driver, models: &mut [Model], action: Action) {
    match action {
        Action::Produce(number, count) => {
            let model = &mut models[number as usize];
            model.records.extend(model.high..model.high + i64::from(count));
            model.high += i64::from(count);
        }
        Action::Hole(number) => models[number as usize].high += 1,
        Action::Expire(number, count) => {
            let model = &mut models[number as usize];
            model.low = (model.low + i64::from(count)).min(model.high);
            let gone = model.records.range(..model.low).filter(|offset| !model.processed.contains(offset));
            model.expired.extend(gone.copied().collect::<Vec<_>>());
            model.records = model.records.split_off(&model.low);
        }
        Action::Recreate(number) => {
            let model = &mut models[number as usize];
            *model = Model { stored: model.stored, cursor: model.cursor, ..Model::default() };
        }
        Action::Deliver(number) => driver.deliver(models, number),
        Action::End(works) => driver.end(models, works),
        Action::Place(first, second) => driver.place(models, |number| if number == 0 { first } else { second }),
        Action::Assign => {
            models.iter_mut().for_each(|model| model.cursor = Some(model.low));
            driver.positions.assigned((0..PARTITIONS).map(partition));
        }
        Action::Revoke => {
            models.iter_mut().for_each(|model| model.cursor = None);
            driver.positions.revoked();
        }
        Action::Other(number, count) => {
            let model = &mut models[number as usize];
            let from = model.stored.unwrap_or(0);
            let taken: Vec<i64> = model.records.range(from..).take(usize::from(count)).copied().collect();
            if let Some(last) = taken.last() {
                let step = Move { partition: partition(number), from, to: last + 1, expired: 0 };
                model.commit(&step, &taken);
            }
        }
    }
}

/// Lets everything work from now on: all records in the logs must be processed.
fn settle(driver: &mut Driver, models: &mut [Model]) {
    driver.end(models, true);
    act(driver, models, Action::Assign);
    // A gap takes three rounds at most, and every other round takes a record.
    for _ in 0..10 + 4 * models.iter().map(|model| model.high).sum::<i64>() {
        driver.place(models, |_| true);
        for number in 0..PARTITIONS {
            while driver.mismatch.is_none() && models[number as usize].upcoming().is_some() {
                driver.deliver(models, number);
            }
        }
        driver.end(models, true);
    }
    for model in models {
        let waiting = model.records.iter().find(|offset| !model.processed.contains(offset));
        assert_eq!(waiting, None, "{model:?} stays unprocessed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn every_record_is_processed_once_in_any_interleaving(actions in prop::collection::vec(action(), 0..120)) {
        let mut driver = Driver::default();
        let mut models: Vec<Model> = (0..PARTITIONS).map(|_| Model::default()).collect();
        for action in actions {
            act(&mut driver, &mut models, action);
        }
        settle(&mut driver, &mut models);
    }
}

/// A partition with `count` records, all processed.
fn followed(count: u8) -> (Driver, Vec<Model>) {
    let mut driver = Driver::default();
    let mut models: Vec<Model> = (0..PARTITIONS).map(|_| Model::default()).collect();
    let actions = [Action::Assign, Action::Produce(0, count), Action::Place(true, true)];
    let delivered = std::iter::repeat_n(Action::Deliver(0), usize::from(count));
    for action in actions.into_iter().chain(delivered).chain([Action::End(true)]) {
        act(&mut driver, &mut models, action);
    }
    assert_eq!(models[0].stored, Some(i64::from(count)));
    (driver, models)
}

#[test]
fn offsets_that_expired_unread_are_counted_once_the_position_has_passed_them() {
    let (mut driver, mut models) = followed(3);
    act(&mut driver, &mut models, Action::Produce(0, 5));
    act(&mut driver, &mut models, Action::Expire(0, 7));
    let mut all = |actions: Vec<Action>| {
        actions.into_iter().for_each(|action| act(&mut driver, &mut models, action));
        (models[0].stored, driver.expired)
    };
    let gap = || vec![Action::Place(true, true), Action::Deliver(0), Action::End(true)];
    let batch = |works| vec![Action::Place(true, true), Action::Deliver(0), Action::End(works)];
    // A batch without effect counts nothing, and a gap that is found again counts once.
    assert_eq!(all([gap(), batch(false), gap()].concat()), (Some(3), 0));
    assert_eq!(all([vec![Action::End(true)], batch(false), gap()].concat()), (Some(3), 0));
    all(vec![Action::End(false)]);
    assert_eq!(all([gap(), batch(true)].concat()), (Some(8), 4), "the log begins at 7, and 3 was next");
}

#[test]
fn a_recreated_topic_is_read_from_its_beginning() {
    let (mut driver, mut models) = followed(5);
    act(&mut driver, &mut models, Action::Recreate(0));
    act(&mut driver, &mut models, Action::Produce(0, 2));
    settle(&mut driver, &mut models);
    assert_eq!((models[0].stored, models[0].processed.len()), (Some(2), 2));
}

#[test]
fn an_old_record_moves_no_position_back() {
    let (mut driver, mut models) = followed(3);
    assert_eq!(driver.positions.record("t", 0, 1), Verdict::Mismatch);
    assert_eq!(driver.positions.explain(&partition(0), 1, models[0].bounds()), Gap::Unproven);
    assert_eq!(driver.positions.unplaced(), [(partition(0), Some(3))]);
    act(&mut driver, &mut models, Action::Produce(0, 1));
    settle(&mut driver, &mut models);
}

#[test]
fn offsets_without_a_record_are_passed_only_when_the_same_record_came_twice() {
    let (mut driver, mut models) = followed(1);
    act(&mut driver, &mut models, Action::Hole(0));
    act(&mut driver, &mut models, Action::Produce(0, 1));
    let find = |driver: &mut Driver, models: &mut [Model]| {
        let found = models[0].deliver().unwrap();
        assert_eq!(driver.positions.record("t", 0, found), Verdict::Mismatch);
        let gap = driver.positions.explain(&partition(0), found, models[0].bounds());
        driver.place(models, |_| true);
        gap
    };
    assert_eq!(find(&mut driver, &mut models), Gap::Unproven);
    assert_eq!(find(&mut driver, &mut models), Gap::Empty(1));
    settle(&mut driver, &mut models);
    assert_eq!((models[0].stored, driver.expired), (Some(3), 0));
}

#[test]
fn a_partition_that_cannot_be_placed_takes_no_record() {
    let (mut driver, mut models) = followed(1);
    act(&mut driver, &mut models, Action::Produce(0, 3));
    act(&mut driver, &mut models, Action::Deliver(0));
    act(&mut driver, &mut models, Action::End(false));
    // The client did not go back to the failed record: it gets the next one, which does not count.
    act(&mut driver, &mut models, Action::Place(false, true));
    let found = models[0].deliver().unwrap();
    assert_eq!(driver.positions.record("t", 0, found), Verdict::Ignore);
    assert_eq!(driver.positions.unplaced(), [(partition(0), Some(1))]);
    settle(&mut driver, &mut models);
}

#[test]
fn a_member_without_partitions_has_nothing_to_place() {
    let (mut driver, mut models) = followed(1);
    act(&mut driver, &mut models, Action::Produce(0, 3));
    act(&mut driver, &mut models, Action::Deliver(0));
    act(&mut driver, &mut models, Action::Revoke);
    act(&mut driver, &mut models, Action::End(false));
    assert!(driver.positions.unread().is_empty() && driver.positions.unplaced().is_empty());
    settle(&mut driver, &mut models);
}

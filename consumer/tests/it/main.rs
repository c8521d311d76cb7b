//! The consumer as it runs, on port 0, against real books and brokers.

mod books;
mod kafka;
mod live;
mod mails;
mod poll;
mod support;

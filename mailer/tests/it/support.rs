//! A running mailer, a fake SMTP server, and requests.

use std::sync::{Arc, Mutex};

use clap::Parser;
use domain::mail_request::{MailRequest, MailState, MailStatus};
use mailer::config::Config;
use runtime::testing::{Service, until};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// A running mailer.
pub(crate) struct Mailer {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    directory: TempDir,
    service: Service,
}

impl Mailer {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// Starts a mailer on the database of another.
    pub(crate) async fn start_in(directory: TempDir, flags: &[&str]) -> Self {
        let database = format!("sqlite://{}/mails.db", directory.path().display());
        let default = ["--database-url", &*database];
        let default = if flags.contains(&default[0]) { &[][..] } else { &default[..] };
        let config = Config::parse_from(["mailer"].iter().chain(default).chain(flags));
        let service = Service::start(|listener, stopped| mailer::app::run(config, listener, stopped)).await;
        Self { url: service.url.clone(), client: reqwest::Client::new(), directory, service }
    }

    /// Stops it and returns the directory with its database.
    pub(crate) async fn stop(self) -> TempDir {
        self.service.stop().await;
        self.directory
    }

    pub(crate) async fn post(&self, requests: &[MailRequest]) -> reqwest::Response {
        self.client.post(format!("{}/api/mails", self.url)).json(requests).send().await.unwrap()
    }

    pub(crate) async fn status(&self, id: Uuid) -> Option<MailStatus> {
        let answer = self.client.get(format!("{}/api/mails", self.url)).send().await.unwrap();
        answer.json::<Vec<MailStatus>>().await.unwrap().into_iter().find(|status| status.id == id)
    }

    /// Waits until a try has failed; returns the status then.
    pub(crate) async fn until_tried(&self, id: Uuid) -> MailStatus {
        until("it was tried", async || self.status(id).await.is_some_and(|mail| mail.error.is_some())).await;
        self.status(id).await.unwrap()
    }

    pub(crate) async fn until(&self, id: Uuid, state: MailState) {
        until(&format!("{id} is {state:?}"), async || self.status(id).await.is_some_and(|mail| mail.state == state))
            .await;
    }
}

pub(crate) fn request() -> MailRequest {
    MailRequest {
        id: Uuid::new_v4(),
        from: "ese@example.com".to_owned(),
        to: "operator@example.com".to_owned(),
        subject: "Steady clicks from 127.0.0.1".to_owned(),
        content: "Three.\n".to_owned(),
        traceparent: None,
    }
}

/// A minimal SMTP server with the test's answer to a mail; an empty answer is none.
#[derive(Clone)]
pub(crate) struct SmtpServer {
    pub(crate) url: String,
    pub(crate) answer: Arc<Mutex<&'static str>>,
    pub(crate) mails: Arc<Mutex<Vec<String>>>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self { url, answer: Arc::new(Mutex::new("250 taken")), mails: Arc::default() };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move { drop(server.serve(stream).await) });
            }
        });
        server
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        mail.push_str(&format!("{line}\n"));
                    }
                    let answer = *self.answer.lock().unwrap();
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    if answer.starts_with('2') {
                        self.mails.lock().unwrap().push(mail);
                    }
                    answer
                }
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

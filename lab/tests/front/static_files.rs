//! The files of the page, and of the tracker for pages of other sites.

use std::fs;
use std::path::Path;

use lab::run::front::Page;
use reqwest::{Method, StatusCode};

use super::{TestFront, built_page, header, part, problem};

#[tokio::test]
async fn the_page_is_served_with_the_right_headers() {
    let dist = tempfile::tempdir().unwrap();
    let front = TestFront::open(part(None).await, built_page(dist.path())).await;
    for path in ["/", "/index.html", "/orders/7", "/live"] {
        let index = front.get(path).await;
        assert_eq!((index.status(), header(&index, "cache-control")), (StatusCode::OK, "no-cache"), "{path}");
        assert!(header(&index, "content-security-policy").contains("'wasm-unsafe-eval' 'sha256-"));
        assert_eq!(header(&index, "x-content-type-options"), "nosniff");
        assert_eq!(header(&index, "content-type"), "text/html; charset=utf-8");
        assert!(index.text().await.unwrap().contains("<p>ESE</p>"));
    }
    let script = front.get("/app-0123456789abcdef.js").await;
    assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&script, "content-type"), "text/javascript");
    assert_eq!(script.text().await.unwrap(), "hello()");
    let request = front.request(Method::GET, "/app-0123456789abcdef.js").header("accept-encoding", "br");
    let compressed = request.send().await.unwrap();
    assert_eq!(header(&compressed, "content-encoding"), "br");
    assert_eq!(header(&front.get("/favicon.svg").await, "cache-control"), "no-cache");
    let gone = front.get("/app-fedcba9876543210.js").await;
    assert_eq!(header(&gone, "cache-control"), "no-cache");
    assert_eq!(problem(gone).await.status, 404);
    for path in ["/topics", "/events/", "/event/7"] {
        assert_eq!(
            problem(front.get(path).await).await.status,
            404,
            "{path} is a program's, which takes no page for an answer"
        );
    }
    let posted = front.request(Method::POST, "/orders").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn pages_of_other_sites_may_load_the_tracker_and_nothing_else() {
    let dist = tempfile::tempdir().unwrap();
    let page = built_page(dist.path());
    fs::write(dist.path().join("ese.js"), "start()").unwrap();
    fs::write(dist.path().join("tracker_bg-0123456789abcdef.wasm"), "asm").unwrap();
    let front = TestFront::open(part(None).await, page).await;
    for (path, cache, kind) in [
        ("/ese.js", "no-cache", "text/javascript"),
        ("/tracker_bg-0123456789abcdef.wasm", "public, max-age=31536000, immutable", "application/wasm"),
    ] {
        let file = front.request(Method::GET, path).header("origin", "https://shop.example.com").send().await.unwrap();
        assert_eq!((file.status(), header(&file, "content-type")), (StatusCode::OK, kind), "{path}");
        assert_eq!(header(&file, "access-control-allow-origin"), "*", "{path}");
        assert_eq!(header(&file, "cross-origin-resource-policy"), "cross-origin", "{path}");
        assert_eq!(header(&file, "cache-control"), cache, "{path}");
    }
    for path in ["/", "/app-0123456789abcdef.js", "/tracker_bg-fedcba9876543210.wasm"] {
        assert!(front.get(path).await.headers().get("access-control-allow-origin").is_none(), "{path}");
    }
}

#[tokio::test]
async fn without_the_page_the_root_explains_itself() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let text = front.get("/").await.text().await.unwrap();
    assert!(text.starts_with("ESE runs without its page"), "{text}");
    assert_eq!(problem(front.get("/orders").await).await.status, 404);
    let missing = Page::Dist("/nowhere".into());
    assert_eq!(missing.check().unwrap_err(), Path::new("/nowhere"));
}

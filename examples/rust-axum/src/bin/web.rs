//! The worker `web`.

use axum::Router;
use axum::routing::get;

async fn serve() -> std::io::Result<()> {
    let app = Router::new()
        .route("/", get(|| async { "Hello from Axum" }))
        .route("/page", get(|| async { include_str!("../page.txt") }))
        .route("/health", get(|| async { "ok" }));
    let host = std::env::var("BIND_ADDRESS").unwrap_or("0.0.0.0".into());
    let port = std::env::var("PORT").unwrap_or("8000".into());
    let listener = tokio::net::TcpListener::bind(format!("{host}:{port}")).await?;
    axum::serve(listener, app).await
}

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(serve())
}

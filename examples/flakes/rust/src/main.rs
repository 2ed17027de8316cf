// The smallest application in Rust that there can be.
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let host = env::var("BIND_ADDRESS").unwrap_or("0.0.0.0".into());
    let port = env::var("PORT").unwrap_or("8000".into());
    for connection in TcpListener::bind(format!("{host}:{port}"))?.incoming() {
        let mut stream = connection?;
        let asked = BufReader::new(stream.try_clone()?);
        asked.lines().map_while(Result::ok).find(|line| line.is_empty());
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n";
        // Who asks may be gone again.
        let _ = write!(stream, "{head}Hello from Rust\n");
    }
    Ok(())
}

//! The worker `tick`.

use std::time::Duration;

fn main() {
    loop {
        println!("tick of {}", env!("CARGO_PKG_NAME"));
        std::thread::sleep(Duration::from_secs(1));
    }
}

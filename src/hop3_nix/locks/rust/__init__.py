"""Cargo.lock, Cargo.toml and cargo's configuration, read without cargo."""

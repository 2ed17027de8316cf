# cargo, told where its crates are by what goes before the application's own configuration.
# shellcheck shell=bash
exec "@cargo@" ${HOP3_CARGO_CONFIG:+--config "$HOP3_CARGO_CONFIG"} "$@"

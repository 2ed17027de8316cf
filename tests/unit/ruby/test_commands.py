"""`bundle exec` in command lines."""

from __future__ import annotations

import pytest

from hop3_nix.toolchains.ruby.commands import without_bundle_exec


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bundle exec puma -p $PORT", "puma -p $PORT"),
        ("bundle exec ruby app.rb", "ruby -rbundler/setup app.rb"),
        ("bundle exec bin/rails db:migrate", "env RUBYOPT=-rbundler/setup bin/rails db:migrate"),
        ("bundle exec sh -c 'rake x'", "env RUBYOPT=-rbundler/setup sh -c 'rake x'"),
        ("A=1 exec bundle exec sidekiq", "A=1 exec sidekiq"),
        ("bundle exec rake a && bundle  exec rake b", "rake a && rake b"),
        ("cd x; (bundle exec rake a)", "cd x; (rake a)"),
        ("bundle exec --keep-file-descriptors puma", "bundle exec --keep-file-descriptors puma"),
        ("bundle install", "bundle install"),
        ("echo 'x; bundle exec puma'", "echo 'x; bundle exec puma'"),
        ("my-bundle exec puma", "my-bundle exec puma"),
    ],
)
def test_it_is_what_it_runs(line: str, expected: str) -> None:
    assert without_bundle_exec(line) == expected

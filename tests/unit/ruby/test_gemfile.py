"""What a Gemfile says literally is read; what cannot be told is passed over, and said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.toolchains.ruby.gemfile import Gemfile, parse_gemfile


def groups(code: str) -> dict[str, tuple[str, ...] | None]:
    return {gem.name: gem.groups for gem in parse_gemfile(code).gems}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('gem "a"', ("default",)),
        ("gem 'a', '~> 1.0', group: :test", ("test",)),
        ('gem "a", :group => :test', ("test",)),
        ('gem "a", groups: [:test, "development"]', ("test", "development")),
        ('gem "a", group: %i[test development]', ("test", "development")),
        ('gem("a",\n    group: :test)', ("test",)),
        ('gem "a", # a comment\n  group: :test', ("test",)),
        ("group :test do\n  gem 'a'\nend", ("test",)),
        ("group :test, :ci do\n  platforms :ruby do\n    gem 'a'\n  end\nend", ("test", "ci")),
        ("group :test do\n  gem 'b'\nend\ngem 'a'", ("default",)),
        ("group :test do\n  if x then 1 end\n  gem 'a'\nend", ("test",)),
        ("x = if true\n  1\nend\ngem 'a'", ("default",)),
        ("=begin\ngroup :test do\n=end\ngem 'a'", ("default",)),
        ("group(:test) { }\ngem 'a'", ("default",)),
        ('group NAME do\n  gem "a"\nend', None),
        ('gem "a", group: NAME', None),
        ('source "https://x.example" do\n  gem "a", group: :test\nend', ("test",)),
    ],
)
def test_the_groups_of_a_gem(code: str, expected: tuple[str, ...] | None) -> None:
    assert groups(code)["a"] == expected


def test_requirements_platforms_and_conditions() -> None:
    gems = {
        gem.name: gem
        for gem in parse_gemfile(
            "gem 'a', '~> 1.0', '>= 1.2'\n"
            "gem 'b', platforms: %i[windows jruby]\n"
            "gem 'c', force_ruby_platform: true\n"
            "gem 'd' if ENV['D']\n"
            "install_if -> { RUBY_PLATFORM =~ /darwin/ } do\n  gem 'e'\nend\n"
            "platforms :mri do\n  gem 'f'\nend\n"
        ).gems
    }
    assert gems["a"].requirements == ("~> 1.0", ">= 1.2")
    assert [name for name, gem in gems.items() if gem.elsewhere] == ["b"]
    assert [name for name, gem in gems.items() if gem.compiled] == ["c"]
    assert [name for name, gem in gems.items() if gem.conditional] == ["d", "e"]


def test_optional_groups_and_the_ruby() -> None:
    gemfile = parse_gemfile('ruby "~> 3.2"\ngroup :docs, optional: true do\n  gem "yard"\nend\n')
    assert gemfile.optional == {"docs"}
    assert gemfile.ruby is not None
    assert (gemfile.ruby.text, gemfile.ruby.line) == ("~> 3.2", 1)
    assert parse_gemfile('ruby file: ".ruby-version"').ruby_file == ".ruby-version"


@pytest.mark.parametrize(
    ("code", "unread"),
    [
        ('eval_gemfile "more"', ("eval_gemfile", 1)),
        ("\n%w[a b].each do |name|\n  gem name\nend", ("gem", 3)),
        ("gem 'a'\nend", ("an end without a beginning", 2)),
        ("group :test do\n  gem 'a'", ("a block without an end", 1)),
        ("gem 'a'\ngem 'b", ("' that is not closed on its line", 2)),
        ('gem "a#{b}"', ("gem", 1)),
        ("gem [", ("a bracket is not closed", 1)),
        ("x = <<~TEXT\n  gem 'a'\nTEXT", ("<<~T that is not closed on its line", 1)),
    ],
)
def test_what_cannot_be_told_is_said(code: str, unread: tuple[str, int]) -> None:
    assert parse_gemfile(code).unread == unread


@given(st.text(alphabet="gem group do end if 'a' \"b\" :c , [ ] ( ) { } # % w \n | = ; -> \\"))
def test_no_text_is_too_much(code: str) -> None:
    assert isinstance(parse_gemfile(code), Gemfile)

# What mkDerivation runs, unless it is told another builder.
# shellcheck shell=bash source=setup.sh disable=SC2154
source "$stdenv/setup"
genericBuild

"""Lockfiles of Java: pom.xml, and the hop3-nix.lock that lists what a build takes."""

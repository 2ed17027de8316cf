"""What of hop3.toml hop3-server 0.7 alone reads: names that are accepted and passed over."""

from __future__ import annotations

from typing import Final

_SECTIONS: Final = """
addons admin backup cli contexts deploy docker domains limits port ports probe provider proxy
test volumes waf
"""

_NIX_KEYS: Final = """
archive binary-name cargo-locks composer-deps-hash composer-extra-flags
composer-strict-validation conditional-env config-files env-exports env-exports-raw exec-args
exec-prefix exec-target executable extra-native-build-inputs extra-paths file-mappings
go-frontend-build go-frontend-embed-path go-frontend-node-package go-frontend-output
go-frontend-pnpm go-frontend-source-root go-ldflags go-npm-deps-hash go-pnpm-deps-hash
go-pnpm-fetcher-version go-pnpm-package go-proxy-vendor go-static-dirs go-sub-packages
go-vendor-hash go-version gradle-deps-json gradle-flags gradle-jar-glob gradle-jar-name
gradle-patches install-extra install-files jvm-default-opts let-extra local-vars
needs-composer needs-writable-dir nix-runtime-libs nixpkgs-overrides nixpkgs-package
nixpkgs-rev nixpkgs-sha256 node-deps-hash node-local-source node-lockfile node-manifest
node-native-packages node-pnpm-fetcher-version node-pnpm-package npm-package php-extensions
php-version pip-build-inputs pip-build-requires pip-deps-hash pip-local-source
pip-requirements pip-source-packages post-install-dirs pre-exec runtime-env runtime-package
serve-mode sha256 single-file skip-source-copy source-root strip-components template
unpack-without-top-level url version war-file web-root writable-home-env-var
"""

SERVER_SECTIONS: Final = frozenset(_SECTIONS.split())

SERVER_NIX_KEYS: Final = frozenset(_NIX_KEYS.split())
"""Keys of ``[nix]`` that belong to the server's own templates."""

"""What the application's hop3.toml and Procfile say, as one typed value."""

from hop3_nix.config.app import AppConfig
from hop3_nix.config.load import load_config

__all__ = ["AppConfig", "load_config"]

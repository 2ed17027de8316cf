"""Other machines: deployments that go there by ssh, and binary caches."""

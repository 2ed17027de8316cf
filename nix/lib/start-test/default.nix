# A derivation per worker that serves HTTP: it starts the worker in the sandbox and asks it for the
# page of its health check. It sees the bundle's closure and nothing else, not even a compiler.
{ pkgs, safeName }:
{
  package,
  # Values for variables that the application needs and that no build knows; those that it names as
  # required and that are not here get one that says nothing.
  environment ? { },
}:
let
  runtime = package.runtime;
  page = runtime.healthcheck_path or "";
  required = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = "only-for-the-test";
    }) (runtime.required or [ ])
  );
  values = required // environment;

  # The variables are arguments, as their names may be anything.
  start =
    worker:
    derivation {
      name = "${safeName 50 package.name}-test-${safeName 50 worker}";
      inherit (pkgs.stdenv.hostPlatform) system;
      builder = "${pkgs.bash}/bin/bash";
      args = [
        "${./start_and_fetch.sh}"
        "${../health/ask.sh}"
        "${package}"
        worker
        page
        (toString (runtime.healthcheck_timeout or 30))
        (runtime.backend_protocol or "http")
        (runtime.healthcheck_contains or "")
      ]
      ++ map (name: "${name}=${values.${name}}") (builtins.attrNames values);
    };
in
if runtime ? workers.web then { web = start "web"; } else { }

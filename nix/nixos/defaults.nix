# What an application is where nobody says otherwise: what the expression of its package knows of
# it. Nothing is built for that, and a package without a runtime section says nothing.
package:
let
  inherit (builtins)
    attrNames
    elem
    filter
    listToAttrs
    mapAttrs
    substring
    ;

  runtime = package.runtime or { };
  lines = runtime.workers or { };

  # As planning has decided.
  calendars = runtime.calendars or { };
  files = runtime.files or [ ];

  page = runtime.healthcheck_path or "";
  isAbsolute = path: substring 0 1 path == "/";
  working_dir = runtime.working_dir or "${package.app or package}/app";
in
{
  # Whether the package says what its workers are.
  isKnown = package ? runtime;

  workers = listToAttrs (
    map (name: {
      inherit name;
      value.startAt = calendars.${name} or [ ];
    }) (filter (name: !(elem name files)) (attrNames lines))
  );

  beforeRun = (runtime.before_run or [ ]) != [ ];

  healthCheck = {
    path = if page == "" then null else page;
    contains = runtime.healthcheck_contains or "";
    timeout = runtime.healthcheck_timeout or 30;
  };
  protocol = runtime.backend_protocol or "http";

  # Variables without which it cannot run, and those that its launchers set whatever they find.
  required = runtime.required or [ ];
  fixed = attrNames (removeAttrs (runtime.env or { }) (runtime.defaults or [ ])) ++ [ "PATH" ];

  # Directories of its tree that it writes to, and where that is.
  writable = runtime.writable or [ ];
  tree = "${package.app or package}/app";

  writesItsTree = (runtime.writable_tree or "") != "";

  staticPaths = mapAttrs (_: path: if isAbsolute path then path else "${working_dir}/${path}") (
    runtime.static_paths or { }
  );
}

# What an application is where nobody says otherwise: what the expression of its package knows of
# it. Nothing is built for that, and a package without a runtime section says nothing.
package:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    filter
    genList
    elemAt
    isString
    length
    listToAttrs
    mapAttrs
    split
    substring
    ;

  runtime = package.runtime or { };
  lines = runtime.workers or { };

  isFiles = worker: substring 0 6 worker == "static";
  isScheduled = worker: substring 0 4 worker == "cron";

  # The five fields in front of the command.
  scheduleOf =
    worker: line:
    let
      words = filter (part: isString part && part != "") (split "[[:space:]]+" line);
    in
    if isScheduled worker && length words > 5 then
      concatStringsSep " " (genList (elemAt words) 5)
    else
      null;

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
      value.schedule = scheduleOf name lines.${name};
    }) (filter (name: !isFiles name) (attrNames lines))
  );

  beforeRun = (runtime.before_run or [ ]) != [ ];

  healthCheck = {
    path = if page == "" then null else page;
    timeout = runtime.healthcheck_timeout or 30;
  };
  protocol = runtime.backend_protocol or "http";

  # Variables without which it cannot run, and those that its launchers set whatever they find.
  required = runtime.required or [ ];
  fixed = attrNames (removeAttrs (runtime.env or { }) (runtime.defaults or [ ])) ++ [ "PATH" ];

  writesItsTree = (runtime.writable_tree or "") != "";

  staticPaths = mapAttrs (_: path: if isAbsolute path then path else "${working_dir}/${path}") (
    runtime.static_paths or { }
  );
}

# What keeps applications from running as they are configured: assertions of NixOS, each with what to
# do about it.
apps:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    genList
    groupBy
    length
    match
    replaceStrings
    split
    stringLength
    ;

  listed = names: if names == [ ] then "none" else concatStringsSep ", " names;

  ofApp =
    app:
    let
      known = import ./defaults.nix app.package;
      at = "services.hop3.apps.${app.name}";
      workers = attrNames app.workers;
      unknown = filter (worker: known.isKnown && !(known.workers ? ${worker})) workers;
      unusable = filter (worker: match "[A-Za-z0-9_.-]+" worker == null) workers;
      missing = filter (name: !(app.environment ? ${name})) known.required;
      overruled = filter (name: known.isKnown && elem name known.fixed) (attrNames app.environment);
      reserved = filter (name: app.environment ? ${name}) [
        "PORT"
        "HOP3_STATE_DIR"
      ];
      unnameable = filter (name: match "[A-Za-z_][A-Za-z0-9_]*" name == null) (
        attrNames app.environment
      );
      # Of control characters, systemd passes on tabs and line ends.
      holdsControl =
        text:
        length (split "[[:cntrl:]]" (replaceStrings [ "\n" "\t" ] [ "" "" ] text)) > 1;
      unheard = filter (name: holdsControl app.environment.${name}) (attrNames app.environment);
      isPlain = text: match "[A-Za-z0-9/._~+@=-]+" text != null;
      served = known.staticPaths;
      unservable = filter (prefix: !(isPlain prefix && isPlain served.${prefix})) (attrNames served);
    in
    [
      {
        assertion = match "[a-z0-9][a-z0-9-]*" app.name != null && stringLength app.name <= 41;
        message = "${at}: no app can be called so; use up to 41 small letters, digits and dashes";
      }
      {
        assertion = workers != [ ];
        message = "${at} runs nothing: name its workers, for example ${at}.workers.web = { };";
      }
      {
        assertion = unknown == [ ];
        message = "${at}.workers.${listed unknown}: the artifact's workers are ${listed (attrNames known.workers)}";
      }
      {
        assertion = unusable == [ ];
        message = "${at}.workers: no unit can be called ${listed unusable}; use letters, digits, dashes and underscores";
      }
      {
        assertion = !(app.workers ? web) || app.workers.web.instances == 0 || app.workers.web.port != null;
        message = "${at}.port: the worker web needs a port to listen on, for example ${at}.port = 8000;";
      }
      {
        assertion = missing == [ ] || app.environmentFiles != [ ];
        message = "${at} cannot run without ${listed missing}: give a value in ${at}.environment, or a secret one in a file of ${at}.environmentFiles";
      }
      {
        assertion = overruled == [ ];
        message = "${at}.environment: the application itself sets ${listed overruled}; change it in its hop3.toml, or build it without";
      }
      {
        assertion = reserved == [ ];
        message = "${at}.environment: ${listed reserved} follows from ${at}.port and the name; leave it out";
      }
      {
        assertion = unnameable == [ ];
        message = "${at}.environment: systemd passes no variable called ${listed unnameable}; use letters, digits and underscores";
      }
      {
        assertion = unheard == [ ];
        message = "${at}.environment: ${listed unheard} holds a control character, which systemd does not pass; encode the value, for example as base64";
      }
      {
        assertion = !known.writesItsTree;
        message = "${at} writes all over its tree, which is in the Nix store: name the directories that it writes to ([run] writable), have it write to HOP3_STATE_DIR, or run it by hop3-nix deploy";
      }
      {
        assertion = app.virtualHost == null || app.workers ? web;
        message = "${at}.virtualHost: there is no worker web that could answer; the workers are ${listed workers}";
      }
      {
        assertion = app.virtualHost == null || app.protocol == "http";
        message = "${at}.virtualHost: it speaks ${app.protocol}; write its virtual host by hand, for 127.0.0.1:${toString app.port}";
      }
      {
        assertion = app.virtualHost == null || unservable == [ ];
        message = "${at}.virtualHost: the static paths ${listed unservable} have characters that a web server's configuration does not take; rename them";
      }
    ];

  ports = concatMap (
    app:
    concatMap (
      worker:
      let
        said = app.workers.${worker};
      in
      if said.port == null then
        [ ]
      else
        genList (index: {
          port = toString (said.port + index);
          of = "${app.name}.${worker}";
        }) said.instances
    ) (attrNames app.workers)
  ) apps;
  byPort = groupBy (one: one.port) ports;
  taken = filter (port: length byPort.${port} > 1) (attrNames byPort);
  users = port: concatStringsSep " and " (map (one: one.of) byPort.${port});
in
concatMap ofApp apps
++ [
  {
    assertion = taken == [ ];
    message = "services.hop3.apps: ${
      concatStringsSep "; " (map (port: "port ${port} is that of ${users port}") taken)
    }; give them others";
  }
]

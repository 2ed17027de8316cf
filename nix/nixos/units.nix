# The units of an application, as NixOS takes them for `systemd.services` and `systemd.timers`:
# confined as those that `hop3-nix deploy` writes, by the same ../hardening.json.
{
  # Of the application: the program that the scripts here are written for.
  shell,
  # The programs of GNU that one of them needs.
  coreutils,
}:
app:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    fromJSON
    genList
    hashString
    isList
    listToAttrs
    mapAttrs
    readFile
    replaceStrings
    stringLength
    substring
    ;

  # What StateDirectory= calls it, and where it is.
  stateName = "hop3/state/${app.name}";
  state = "/var/lib/${stateName}";

  # systemd.io, "User/Group Name Syntax": 31 characters.
  userName =
    let
      name = "hop3-${app.name}";
      digest = substring 0 8 (hashString "sha256" app.name);
    in
    if stringLength name <= 31 then name else "${substring 0 22 name}-${digest}";

  asText =
    value:
    if isList value then
      concatStringsSep " " value
    else if value == true then
      "yes"
    else
      value;
  hardening =
    let
      parts = fromJSON (readFile ../hardening.json);
    in
    mapAttrs (_: asText) (parts.everywhere // parts.system);

  ofLowPort = port: if port != null && port < 1024 then "CAP_NET_BIND_SERVICE" else null;
  escaped = replaceStrings [ "%" ] [ "%%" ];
  quoted =
    text:
    let
      inside = replaceStrings [ "\\" "\"" "\n" "\t" ] [ "\\\\" "\\\"" "\\n" "\\t" ] text;
    in
    "\"${escaped inside}\"";

  confined =
    unit: port:
    hardening
    // {
      KillMode = "mixed";
      # A dash in its name does not put it below another application's.
      Slice = "hop3-${replaceStrings [ "-" ] [ "\\x2d" ] app.name}.slice";
      StateDirectory = stateName;
      StateDirectoryMode = "0700";
      SyslogIdentifier = unit;
      TimeoutStopSec = "30s";
    }
    // (
      if app.user == null then
        {
          DynamicUser = "yes";
          User = userName;
        }
      else
        { User = app.user; }
    )
    // (
      if ofLowPort port == null then
        { }
      else
        {
          AmbientCapabilities = ofLowPort port;
          CapabilityBoundingSet = ofLowPort port;
        }
    )
    // (if app.environmentFiles == [ ] then { } else { EnvironmentFile = app.environmentFiles; });

  environmentOf =
    port:
    mapAttrs (_: escaped) (
      { HOME = state; }
      // app.environment
      // {
        HOP3_STATE_DIR = state;
      }
      // (if port == null then { } else { PORT = toString port; })
    );

  # What the application writes to in its tree lives in its state, as `hop3-nix deploy` has it.
  known = import ./defaults.nix app.package;
  pairs = map (name: {
    kept = "${state}/writable/${name}";
    place = "${known.tree}/${name}";
  }) known.writable;
  mounted =
    if pairs == [ ] then
      { }
    else
      { BindPaths = map (pair: "${quoted pair.kept}:${quoted pair.place}") pairs; };

  copying = "hop3-${app.name}-writable";
  copied = if pairs == [ ] then [ ] else [ "${copying}.service" ];
  beforeRun = "hop3-${app.name}-before-run";
  before = copied ++ (if app.beforeRun then [ "${beforeRun}.service" ] else [ ]);

  given =
    unit: label: port: settings: more:
    {
      description = escaped "${app.name} ${label}";
      after = [ "network.target" ];
      environment = environmentOf port;
      serviceConfig = confined unit port // mounted // settings;
    }
    // more;

  # Started again when it fails, and left alone when that goes on.
  kept = {
    serviceConfig = {
      Restart = "on-failure";
      RestartSec = "1s";
    };
    unitConfig = {
      StartLimitBurst = "10";
      StartLimitIntervalSec = "120s";
    };
  };

  checked =
    worker: port:
    if worker != "web" || port == null || !app.healthCheck.enable then
      { }
    else
      {
        ExecStartPost = concatStringsSep " " (
          [
            ":${shell}"
            "${./wait_until_healthy.sh}"
            "${../lib/health/ask.sh}"
            (toString app.healthCheck.timeout)
            app.protocol
          ]
          ++ (
            if app.healthCheck.path == null && app.healthCheck.contains == "" then
              [ ]
            else
              map quoted (
                [ (if app.healthCheck.path == null then "/" else app.healthCheck.path) ]
                ++ (if app.healthCheck.contains == "" then [ ] else [ app.healthCheck.contains ])
              )
          )
        );
        # The script itself says what is wrong when its time is up, if it may.
        TimeoutStartSec = "${toString (app.healthCheck.timeout + 30)}s";
      };

  instancesOf =
    worker:
    let
      said = app.workers.${worker};
      isScheduled = said.startAt != [ ];
      count = if isScheduled && said.instances > 1 then 1 else said.instances;
      instance =
        index:
        let
          name = "hop3-${app.name}-${worker}-${toString (index + 1)}";
          port = if said.port == null then null else said.port + index;
        in
        {
          inherit name isScheduled;
          inherit (said) startAt;
          unit =
            given name "${worker}.${toString (index + 1)}" port
              (
                {
                  Type = "exec";
                  ExecStart = ":${app.package}/bin/${worker}";
                }
                // (if isScheduled then { } else kept.serviceConfig // checked worker port)
                // said.extraConfig
              )
              (
                {
                  after = [ "network.target" ] ++ before;
                  requires = before;
                }
                // (
                  if isScheduled then
                    { }
                  else
                    {
                      wantedBy = [ "multi-user.target" ];
                      inherit (kept) unitConfig;
                    }
                )
              );
        };
    in
    genList instance count;

  instances = concatMap instancesOf (attrNames app.workers);
  byName =
    valueOf: chosen:
    listToAttrs (
      map (one: {
        inherit (one) name;
        value = valueOf one;
      }) chosen
    );
in
{
  services =
    byName (one: one.unit) instances
    // (
      if app.beforeRun then
        {
          ${beforeRun} = given beforeRun "before-run" null {
            Type = "oneshot";
            RemainAfterExit = "yes";
            ExecStart = ":${app.package}/hop3/before-run";
          } (if copied == [ ] then { } else { after = [ "network.target" ] ++ copied; requires = copied; });
        }
      else
        { }
    )
    // (
      if copied == [ ] then
        { }
      else
        {
          ${copying} =
            let
              unit = given copying "writable" null {
                Type = "oneshot";
                RemainAfterExit = "yes";
                ExecStart = concatStringsSep " " (
                  [
                    ":${shell}"
                    "${./copy_writable.sh}"
                    "${coreutils}/bin"
                  ]
                  ++ concatMap (pair: [
                    (quoted pair.kept)
                    (quoted pair.place)
                  ]) pairs
                );
              } { };
            in
            # What is mounted by it is not there before it.
            unit // { serviceConfig = removeAttrs unit.serviceConfig [ "BindPaths" ]; };
        }
    );

  timers = byName (one: {
    inherit (one.unit) description;
    wantedBy = [ "timers.target" ];
    timerConfig = {
      AccuracySec = "1s";
      OnCalendar = one.startAt;
    };
  }) (builtins.filter (one: one.isScheduled) instances);
}

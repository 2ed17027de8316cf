# The settings of services.nginx and services.caddy for applications that have a virtual host.
apps:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    genList
    listToAttrs
    match
    ;

  served = server: filter (app: app.virtualHost != null && app.virtualHost.server == server) apps;

  # None where there is nothing to pass on to, which problems.nix says.
  addresses =
    app:
    let
      web = app.workers.web or { port = null; };
    in
    if web.port == null then
      [ ]
    else
      genList (index: "127.0.0.1:${toString (web.port + index)}") web.instances;

  # With one slash at its end: what begins with /static, such as /statics, is none of these files.
  folder = path: "${builtins.head (match "(.*[^/])?/*" path)}/";
  staticPaths = app: (import ./defaults.nix app.package).staticPaths;

  named =
    valueOf: list:
    listToAttrs (
      map (one: {
        name = valueOf one;
        value = { };
      }) list
    );
  upstream = app: "hop3-${app.name}";
in
{
  nginx = {
    enable = served "nginx" != [ ];
    upstreams = listToAttrs (
      map (app: {
        name = upstream app;
        value.servers = named (address: address) (addresses app);
      }) (served "nginx")
    );
    virtualHosts = listToAttrs (
      map (app: {
        name = app.virtualHost.hostName;
        value.locations = {
          "/" = {
            proxyPass = "http://${upstream app}";
            proxyWebsockets = true;
            recommendedProxySettings = true;
          };
        }
        // listToAttrs (
          map (prefix: {
            name = "^~ ${folder prefix}";
            value.alias = folder (staticPaths app).${prefix};
          }) (attrNames (staticPaths app))
        );
      }) (served "nginx")
    );
  };

  caddy = {
    enable = served "caddy" != [ ];
    virtualHosts = listToAttrs (
      map (app: {
        name = app.virtualHost.hostName;
        value.extraConfig = concatStringsSep "\n" (
          concatMap (prefix: [
            "handle_path ${folder prefix}* {"
            "  root * ${(staticPaths app).${prefix}}"
            "  file_server"
            "}"
          ]) (attrNames (staticPaths app))
          ++ [
            "handle {"
            "  reverse_proxy ${concatStringsSep " " (addresses app)}"
            "}"
          ]
        );
      }) (served "caddy")
    );
  };
}

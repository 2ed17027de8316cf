# What can be said of one application: a submodule of services.hop3.apps. docs/nixos-options.md is
# made of it (options-page.nix).
{ lib }:
{ config, ... }:
let
  inherit (lib)
    literalExpression
    literalMD
    mkOption
    types
    ;

  known = import ./defaults.nix config.package;

  # Of the worker that answers HTTP.
  webPort = config.port;
  knownWorkers = known.workers;

  worker =
    { name, ... }:
    {
      options = {
        instances = mkOption {
          type = types.ints.unsigned;
          default = 1;
          example = 3;
          description = ''
            How many processes run it: `hop3-APP-WORKER-1.service` and so on. 0 for none. A worker with
            a schedule has one at most.
          '';
        };
        port = mkOption {
          type = types.nullOr types.port;
          default = if name == "web" then webPort else null;
          defaultText = literalExpression ''if name == "web" then config.port else null'';
          description = ''
            The `PORT` of the first instance; each other one has that of the one before it plus 1. With
            null, they get none.
          '';
        };
        startAt = mkOption {
          type = types.listOf types.str;
          default = knownWorkers.${name}.startAt or [ ];
          defaultText = literalMD "what the artifact says";
          example = [ "Mon..Fri *-*-* 04:30:00" ];
          description = ''
            Calendar events of systemd.time(7), in the host's time zone, at which a timer starts the
            worker. With none, it is kept running.
          '';
        };
        extraConfig = mkOption {
          type = types.attrsOf (
            types.oneOf [
              types.bool
              types.int
              types.str
              (types.listOf types.str)
            ]
          );
          default = { };
          example = {
            MemoryMax = "512M";
            SystemCallFilter = [
              "@system-service"
              "@mount"
            ];
          };
          description = ''
            Settings of the `[Service]` section of its units, which replace those that the module makes.
          '';
        };
      };
    };
in
{
  options = {
    package = mkOption {
      type = types.package;
      example = literalExpression "(hop3-nix.lib.buildApp { inherit pkgs; src = shop; }).package";
      description = ''
        What is run: the `package` of a rendered expression, or any package whose workers are
        `bin/WORKER`. The former knows its workers, its health check and more of what stands below;
        nothing is built to find that out.
      '';
    };

    environment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        LOG_LEVEL = "info";
      };
      description = ''
        Variables of all workers. They go before those that the application leaves to its environment,
        and not before the others: naming one of those is an error. They end up in the Nix store, which
        everybody on the host can read.
      '';
    };

    environmentFiles = mkOption {
      # As text: a path of Nix would be copied to the store.
      type = types.listOf types.str;
      default = [ ];
      example = [ "/run/secrets/shop.env" ];
      description = ''
        Files of `NAME=VALUE` lines, for secrets: systemd reads them as root at every start. Their
        variables go before those of `environment`.
      '';
    };

    workers = mkOption {
      type = types.attrsOf (types.submodule worker);
      example = {
        web.instances = 2;
        mailer.extraConfig.MemoryMax = "512M";
      };
      defaultText = literalMD "all that the artifact has";
      description = ''
        The processes, by name. What is said of a worker here is added to what the artifact says. A
        package that says nothing has those that are named here, `workers.web = { };` for instance.
      '';
    };

    port = mkOption {
      type = types.nullOr types.port;
      default = null;
      example = 8000;
      description = ''
        The `PORT` of the first instance of the worker `web`, which has to have one. Below 1024, its
        processes get the power to listen there, and no other.
      '';
    };

    user = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "shop";
      description = ''
        The user that runs all of its processes, who has to exist. With null, it is one that exists
        while they run (`DynamicUser=`).
      '';
    };

    beforeRun = mkOption {
      type = types.bool;
      default = known.beforeRun;
      defaultText = literalMD "whether the artifact has something to run before the workers";
      description = ''
        Whether `hop3/before-run` of the package is run once before the workers start, as
        `hop3-APP-before-run.service`. If it fails, they are not started.
      '';
    };

    healthCheck = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether an instance of `web` counts as started only when it answers. One that does not is
          ended and started again, and `nixos-rebuild switch` says that it failed.
        '';
      };
      path = mkOption {
        type = types.nullOr (types.strMatching "/[!-~]*");
        default = known.healthCheck.path;
        defaultText = literalMD "what the artifact says";
        example = "/health";
        description = ''
          The page that is asked for, which has to be answered with a status from 200 to 399. With null,
          accepting a connection will do.
        '';
      };
      contains = mkOption {
        type = types.strMatching "[^[:cntrl:]]*";
        default = known.healthCheck.contains;
        defaultText = literalMD "what the artifact says";
        example = "Welcome";
        description = "Text that the page has to contain; that is `/` where `path` is null.";
      };
      timeout = mkOption {
        type = types.ints.positive;
        default = known.healthCheck.timeout;
        defaultText = literalMD "what the artifact says, or 30";
        description = "Seconds that it may take.";
      };
    };

    virtualHost = mkOption {
      type = types.nullOr (
        types.submodule {
          options = {
            hostName = mkOption {
              type = types.strMatching "([*][.])?[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*";
              example = "shop.example.org";
              description = ''
                The name that it is served by. All else of that host is said where it always is:
                `services.nginx.virtualHosts."shop.example.org".enableACME = true;`
              '';
            };
            server = mkOption {
              type = types.enum [
                "nginx"
                "caddy"
              ];
              default = "nginx";
              description = "The web server, which is enabled.";
            };
          };
        }
      );
      default = null;
      example = {
        hostName = "shop.example.org";
      };
      description = ''
        A virtual host that passes requests on to all instances of `web`, and serves the application's
        static files itself. With null, there is none.
      '';
    };

    protocol = mkOption {
      type = types.enum [
        "http"
        "fastcgi"
      ];
      default = known.protocol;
      defaultText = literalMD "what the artifact says, or `\"http\"`";
      description = "What `web` speaks on its port.";
    };
  };

  config.workers = builtins.mapAttrs (_: _: { }) known.workers;
}

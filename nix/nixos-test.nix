# A virtual machine that runs an application by the module: wants KVM and a whole nixpkgs.
#   nix build .#checks.x86_64-linux.nixos
{
  pkgs,
  # The package of an application whose worker `web` answers on /.
  package,
}:
let
  hello = {
    inherit package;
    port = 8000;
    workers.web.instances = 2;
    virtualHost.hostName = "hello.example";
  };
in
pkgs.testers.runNixOSTest {
  name = "hop3-nix";

  nodes.machine = {
    imports = [ ./module.nix ];
    networking.hosts."127.0.0.1" = [ "hello.example" ];
    services.hop3.apps = { inherit hello; };

    # Another generation of the system, to switch to and to come back from.
    specialisation.other.configuration.services.hop3.apps.hello.workers.web.instances =
      pkgs.lib.mkForce 1;
  };

  testScript = ''
    machine.wait_for_unit("multi-user.target")

    with subtest("every instance answers as soon as it counts as started"):
        for number in (1, 2):
            machine.require_unit_state(f"hop3-hello-web-{number}", "active")
            machine.succeed(f"curl --fail --silent http://127.0.0.1:{7999 + number}/")

    with subtest("the web server passes requests on"):
        machine.wait_for_unit("nginx")
        machine.succeed("curl --fail --silent http://hello.example/")

    with subtest("what crashes is started again"):
        machine.succeed("systemctl kill --signal=KILL hop3-hello-web-1")
        machine.wait_until_succeeds("curl --fail --silent http://127.0.0.1:8000/")

    with subtest("a generation is gone back to by NixOS"):
        current = machine.succeed("readlink -f /run/current-system").strip()
        machine.succeed(f"{current}/specialisation/other/bin/switch-to-configuration test")
        machine.fail("systemctl is-active hop3-hello-web-2")
        machine.succeed(f"{current}/bin/switch-to-configuration test")
        machine.require_unit_state("hop3-hello-web-2", "active")
  '';
}

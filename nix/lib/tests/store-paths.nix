{ hop3 }:
let
  package =
    name: outputs:
    derivation {
      inherit name outputs;
      system = "x86_64-linux";
      builder = "/none";
    };
  a = package "a-1.0" [
    "out"
    "dev"
  ];
  b = package "b" [ "out" ];
  source = builtins.path {
    name = "source";
    path = ./join-path.nix;
  };
  paths = text: map builtins.unsafeDiscardStringContext (hop3.storePaths text);
  sorted = list: builtins.sort builtins.lessThan (map builtins.unsafeDiscardStringContext list);
  stranger = "${builtins.storeDir}/00000000000000000000000000000000-stranger";
in
{
  findsEveryPathOnce = {
    expr = paths "x ${a}/bin:${b}/lib ${a}";
    expected = sorted [
      "${a}"
      "${b}"
    ];
  };
  tellsOutputsApart = {
    expr = paths "${a.dev}/include";
    expected = [ (builtins.unsafeDiscardStringContext "${a.dev}") ];
  };
  findsSources = {
    expr = paths "${source}";
    expected = [ (builtins.unsafeDiscardStringContext "${source}") ];
  };
  leavesOutWhatTheTextDoesNotDependOn = {
    expr = paths "${b} ${stranger}";
    expected = [ (builtins.unsafeDiscardStringContext "${b}") ];
  };
  hasNoContext = {
    expr = map builtins.hasContext (hop3.storePaths "${a}");
    expected = [ false ];
  };
  givesNothingForPlainText = {
    expr = paths "no path in here";
    expected = [ ];
  };
}

# A compiler of the set, as nixpkgs lays it out: GOROOT is share/go, which Debian splits in two.
# Its programs are linked statically and find all else from where they are themselves.
{ runCommand }:
{
  # The layer of the compiler.
  group,
  # Full version, such as 1.24.4.
  version,
}:
let
  parts = builtins.splitVersion version;
  release = "go-${builtins.elemAt parts 0}.${builtins.elemAt parts 1}";
in
runCommand "go-${version}"
  {
    inherit group;
    disallowedReferences = [ group ];
    passthru = {
      pname = "go";
      inherit version;
    };
    meta.mainProgram = "go";
  }
  ''
    mkdir -p $out/bin $out/share/go
    cd $out/share/go
    cp -R $group/share/${release}/. .
    chmod -R u+w .
    for part in bin pkg VERSION go.env; do
      rm -rf $part
      cp -RL $group/lib/${release}/$part .
    done
    chmod -R u+w .
    find src -name '*_test.go' -delete
    # Another one than this is never fetched and run.
    sed -i 's/^GOTOOLCHAIN=.*/GOTOOLCHAIN=local/' go.env
    ln -s ../share/go/bin/go ../share/go/bin/gofmt $out/bin
    HOME=$TMPDIR $out/bin/go version
    HOME=$TMPDIR $out/bin/go env GOPROXY
  ''

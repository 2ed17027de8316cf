{ hop3 }:
let
  digest = "0000000000000000000000000000000000000000000000000000000000000000";
  fetch =
    name: sha256:
    hop3.fetchLocked {
      inherit name sha256;
      url = "https://index.example/${name}";
    };
  file = fetch "torch-2.0+cpu-1!0~x.whl" digest;
in
{
  keepsTheFileName = {
    expr = file.filename;
    expected = "torch-2.0+cpu-1!0~x.whl";
  };
  hasANameThatTheStoreAccepts = {
    expr = file.name;
    expected = "torch-2.0+cpu-1-0-x.whl";
  };
  isFixedByTheDigest = {
    expr = [
      file.outputHash
      file.outputHashAlgo
      file.outputHashMode
    ];
    expected = [
      digest
      "sha256"
      "flat"
    ];
  };
  needsNoPackage = {
    expr = file.builder;
    expected = "builtin:fetchurl";
  };
  isTheSameFileFromAnotherAddress = {
    expr = file.outPath;
    expected =
      (hop3.fetchLocked {
        name = "torch-2.0+cpu-1!0~x.whl";
        sha256 = digest;
        url = "https://mirror.example/";
      }).outPath;
  };
  refusesADigestThatIsNone = {
    expr = map (sha256: (builtins.tryEval (fetch "x" sha256).filename).success) [
      ""
      "sha256-abc="
      "00"
    ];
    expected = [
      false
      false
      false
    ];
  };
}

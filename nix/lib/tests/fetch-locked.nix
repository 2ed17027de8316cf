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
  isFixedByTheHashOfALockfileThatHasItSo = {
    expr =
      (hop3.fetchLocked {
        name = "express-4.0.0.tgz";
        url = "https://index.example/express";
        hash = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
      }).outputHash;
    expected = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
  };
  refusesTwoDigestsAndOthers = {
    expr =
      map
        (
          digests:
          (builtins.tryEval
            (hop3.fetchLocked (
              {
                name = "x";
                url = "https://index.example/x";
              }
              // digests
            )).filename
          ).success
        )
        [
          { }
          { hash = "sha1-0000"; }
          {
            sha256 = digest;
            hash = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
          }
        ];
    expected = [
      false
      false
      false
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

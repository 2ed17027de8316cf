{ hop3 }:
{
  leavesTextAlone = {
    expr = hop3.joinPath "a:b";
    expected = "a:b";
  };
  joinsAList = {
    expr = hop3.joinPath [
      "/a"
      "/b"
    ];
    expected = "/a:/b";
  };
  givesNothingForNothing = {
    expr = hop3.joinPath [ ];
    expected = "";
  };
}

# Rendered by hop3-nix 0.1.0 from the application's source and its lockfile.
#
#   build it         nix-build hop3.nix -A package
#   start and ask it nix-build hop3.nix -A tests
#   an OCI image     nix-build hop3.nix -A image
#   work on the app  nix-shell hop3.nix -A env
#   render it again  hop3-nix render -o hop3.nix   (changes made here by hand are lost)
{
  pkgs ? import <nixpkgs> { },
  hop3 ? import ./hop3-nix/lib { inherit pkgs; },
  src ? ./.,
}:
let
  language = hop3.java {
    interpreter = pkgs.jdk17_headless;
  };

  deps = language.mkDeps {
    name = "notes";
    files = [
      (hop3.fetchLocked {
        name = "com/github/luben/zstd-jni/1.5.7-4/zstd-jni-1.5.7-4.pom";
        url = "https://index.example/com/github/luben/zstd-jni/1.5.7-4/zstd-jni-1.5.7-4.pom";
        sha256 = "6d60134c7644852574cca4caa37573206b21ff21439fd3203c42785d071166b9";
      })
      (hop3.fetchLocked {
        name = "com/github/luben/zstd-jni/1.5.7-6/zstd-jni-1.5.7-6.jar";
        url = "https://index.example/com/github/luben/zstd-jni/1.5.7-6/zstd-jni-1.5.7-6.jar";
        sha256 = "8d6feb1da335f3ab13c584c613e23c7b3c61b392e37956872057baf8f0ca1d6f";
      })
      (hop3.fetchLocked {
        name = "com/github/luben/zstd-jni/1.5.7-6/zstd-jni-1.5.7-6.pom";
        url = "https://index.example/com/github/luben/zstd-jni/1.5.7-6/zstd-jni-1.5.7-6.pom";
        sha256 = "794d9b995ed59165c54243dcc73fe9483d7fe1af7fb80fcd89a5ae5b693f3eb7";
      })
      (hop3.fetchLocked {
        name = "com/google/code/gson/gson-parent/2.11.0/gson-parent-2.11.0.pom";
        url = "https://index.example/com/google/code/gson/gson-parent/2.11.0/gson-parent-2.11.0.pom";
        sha256 = "8acb1f3b72a6f026916ac0735bad9aab0293d527edb7b365327def13a9367b7a";
      })
      (hop3.fetchLocked {
        name = "com/google/code/gson/gson/2.11.0/gson-2.11.0.jar";
        url = "https://index.example/com/google/code/gson/gson/2.11.0/gson-2.11.0.jar";
        sha256 = "57928d6e5a6edeb2abd3770a8f95ba44dce45f3b23b7a9dc2b309c581552a78b";
      })
      (hop3.fetchLocked {
        name = "com/google/code/gson/gson/2.11.0/gson-2.11.0.pom";
        url = "https://index.example/com/google/code/gson/gson/2.11.0/gson-2.11.0.pom";
        sha256 = "c0e547bea998888e6e25c5886a90e762272bc88b5275343dd2c05ded6ca2e360";
      })
      (hop3.fetchLocked {
        name = "com/google/errorprone/error_prone_annotations/2.27.0/error_prone_annotations-2.27.0.jar";
        url = "https://index.example/com/google/errorprone/error_prone_annotations/2.27.0/error_prone_annotations-2.27.0.jar";
        sha256 = "24c923372c58e35d0b9f16a028929bb9aedc77521867c274f2bd0735df5ba1f5";
      })
      (hop3.fetchLocked {
        name = "com/google/errorprone/error_prone_annotations/2.27.0/error_prone_annotations-2.27.0.pom";
        url = "https://index.example/com/google/errorprone/error_prone_annotations/2.27.0/error_prone_annotations-2.27.0.pom";
        sha256 = "4ca5a35d61235e16549ac346d1e34551cdf0fe27e84aa57e03cbeb255ea4e5da";
      })
      (hop3.fetchLocked {
        name = "com/google/errorprone/error_prone_parent/2.27.0/error_prone_parent-2.27.0.pom";
        url = "https://index.example/com/google/errorprone/error_prone_parent/2.27.0/error_prone_parent-2.27.0.pom";
        sha256 = "fa81829d049559df6927f9c9a6fd6bbd09f8b50e6d4736ae72c8300b6c3d7654";
      })
      (hop3.fetchLocked {
        name = "com/thoughtworks/qdox/qdox/2.2.0/qdox-2.2.0.jar";
        url = "https://index.example/com/thoughtworks/qdox/qdox/2.2.0/qdox-2.2.0.jar";
        sha256 = "c260c3230b2340af97d54bf01f7f67ebc57c901922736c881bb11cb981302be2";
      })
      (hop3.fetchLocked {
        name = "com/thoughtworks/qdox/qdox/2.2.0/qdox-2.2.0.pom";
        url = "https://index.example/com/thoughtworks/qdox/qdox/2.2.0/qdox-2.2.0.pom";
        sha256 = "c850fbad0b05eada85ca1bce22409a75f758aea0ca1e47a828c6a505ad361fab";
      })
      (hop3.fetchLocked {
        name = "commons-codec/commons-codec/1.17.0/commons-codec-1.17.0.jar";
        url = "https://index.example/commons-codec/commons-codec/1.17.0/commons-codec-1.17.0.jar";
        sha256 = "f700de80ac270d0344fdea7468201d8b9c805e5c648331c3619f2ee067ccfc59";
      })
      (hop3.fetchLocked {
        name = "commons-codec/commons-codec/1.17.0/commons-codec-1.17.0.pom";
        url = "https://index.example/commons-codec/commons-codec/1.17.0/commons-codec-1.17.0.pom";
        sha256 = "c01c4cda5e408f41ed1d83e4a0a170cf53801b6338aba49f0f904786bc1214fc";
      })
      (hop3.fetchLocked {
        name = "commons-codec/commons-codec/1.19.0/commons-codec-1.19.0.jar";
        url = "https://index.example/commons-codec/commons-codec/1.19.0/commons-codec-1.19.0.jar";
        sha256 = "5c3881e4f556855e9c532927ee0c9dfde94cc66760d5805c031a59887070af5f";
      })
      (hop3.fetchLocked {
        name = "commons-codec/commons-codec/1.19.0/commons-codec-1.19.0.pom";
        url = "https://index.example/commons-codec/commons-codec/1.19.0/commons-codec-1.19.0.pom";
        sha256 = "e0f3269fa23de0c83130c5659f5f9514cc5422c0bcdf45f2eae004a78b9fca34";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.11.0/commons-io-2.11.0.jar";
        url = "https://index.example/commons-io/commons-io/2.11.0/commons-io-2.11.0.jar";
        sha256 = "961b2f6d87dbacc5d54abf45ab7a6e2495f89b75598962d8c723cea9bc210908";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.11.0/commons-io-2.11.0.pom";
        url = "https://index.example/commons-io/commons-io/2.11.0/commons-io-2.11.0.pom";
        sha256 = "2e016fd7e3244b5f2c20acad834d93aa4790486ee1e4564641361a3e831eef59";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.16.1/commons-io-2.16.1.jar";
        url = "https://index.example/commons-io/commons-io/2.16.1/commons-io-2.16.1.jar";
        sha256 = "f41f7baacd716896447ace9758621f62c1c6b0a91d89acee488da26fc477c84f";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.16.1/commons-io-2.16.1.pom";
        url = "https://index.example/commons-io/commons-io/2.16.1/commons-io-2.16.1.pom";
        sha256 = "5777d292251c7895c04a4c57015683ec3b353a12486c9b3e7178e9b0b3c38fff";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.19.0/commons-io-2.19.0.pom";
        url = "https://index.example/commons-io/commons-io/2.19.0/commons-io-2.19.0.pom";
        sha256 = "542b7a502ed61950d1b83112b51b1617d3407e3a4df5ab56a98d760e0f8c5950";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.20.0/commons-io-2.20.0.pom";
        url = "https://index.example/commons-io/commons-io/2.20.0/commons-io-2.20.0.pom";
        sha256 = "bdbdf81072c190ee9a8b181a5c58f5bd917a750fb13a256debbf53f5dbd33a2a";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.21.0/commons-io-2.21.0.jar";
        url = "https://index.example/commons-io/commons-io/2.21.0/commons-io-2.21.0.jar";
        sha256 = "7d643a2afea8b058b762aa6fb90e5b256f6c729739f8b3784c3370ddc609e88d";
      })
      (hop3.fetchLocked {
        name = "commons-io/commons-io/2.21.0/commons-io-2.21.0.pom";
        url = "https://index.example/commons-io/commons-io/2.21.0/commons-io-2.21.0.pom";
        sha256 = "ae47795e721803ec8ff1deed74be28a811a02713bd5a3ab0ac67c2b58cb635ab";
      })
      (hop3.fetchLocked {
        name = "io/airlift/airbase/112/airbase-112.pom";
        url = "https://index.example/io/airlift/airbase/112/airbase-112.pom";
        sha256 = "18ccd104cbd97eb44bd57b68c047ab7ff81fbc800987f82d815c68ac4c2304ce";
      })
      (hop3.fetchLocked {
        name = "io/airlift/aircompressor/0.27/aircompressor-0.27.jar";
        url = "https://index.example/io/airlift/aircompressor/0.27/aircompressor-0.27.jar";
        sha256 = "fdbef3137a28f63bb0cb93487803080ede746a4ec3d421e36c6f0c305c35e5e4";
      })
      (hop3.fetchLocked {
        name = "io/airlift/aircompressor/0.27/aircompressor-0.27.pom";
        url = "https://index.example/io/airlift/aircompressor/0.27/aircompressor-0.27.pom";
        sha256 = "5aacda89be38563bdf3bfac79333616c0802ca617070dea66ba649507c994441";
      })
      (hop3.fetchLocked {
        name = "javax/inject/javax.inject/1/javax.inject-1.jar";
        url = "https://index.example/javax/inject/javax.inject/1/javax.inject-1.jar";
        sha256 = "91c77044a50c481636c32d916fd89c9118a72195390452c81065080f957de7ff";
      })
      (hop3.fetchLocked {
        name = "javax/inject/javax.inject/1/javax.inject-1.pom";
        url = "https://index.example/javax/inject/javax.inject/1/javax.inject-1.pom";
        sha256 = "943e12b100627804638fa285805a0ab788a680266531e650921ebfe4621a8bfa";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/13/apache-13.pom";
        url = "https://index.example/org/apache/apache/13/apache-13.pom";
        sha256 = "ff513db0361fd41237bef4784968bc15aae478d4ec0a9496f811072ccaf3841d";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/21/apache-21.pom";
        url = "https://index.example/org/apache/apache/21/apache-21.pom";
        sha256 = "af10c108da014f17cafac7b52b2b4b5a3a1c18265fa2af97a325d9143537b380";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/23/apache-23.pom";
        url = "https://index.example/org/apache/apache/23/apache-23.pom";
        sha256 = "bc10624e0623f36577fac5639ca2936d3240ed152fb6d8d533ab4d270543491c";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/29/apache-29.pom";
        url = "https://index.example/org/apache/apache/29/apache-29.pom";
        sha256 = "3e49037174820bbd0df63420a977255886398954c2a06291fa61f727ac35b377";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/30/apache-30.pom";
        url = "https://index.example/org/apache/apache/30/apache-30.pom";
        sha256 = "63dd4a393a9c0dfcb314efe83871a41d243bc8d200cbc7f2d197f30da78239d8";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/31/apache-31.pom";
        url = "https://index.example/org/apache/apache/31/apache-31.pom";
        sha256 = "555d0c9eaa69c042aff924927b9381e8f8174136d355eead445224452e6291cc";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/32/apache-32.pom";
        url = "https://index.example/org/apache/apache/32/apache-32.pom";
        sha256 = "cfd872c0ec27f53ae68f43dbc0fecded8add773079a53afbd390e407b42ce72f";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/33/apache-33.pom";
        url = "https://index.example/org/apache/apache/33/apache-33.pom";
        sha256 = "d78bd8524c5f8380a190a6525686629a95dfe512df21111383a6d8c0923a4415";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/34/apache-34.pom";
        url = "https://index.example/org/apache/apache/34/apache-34.pom";
        sha256 = "3671ae9d4d062ae3bb985731c76088bb2f6f7d7254e2d304ee9f690b97651328";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/35/apache-35.pom";
        url = "https://index.example/org/apache/apache/35/apache-35.pom";
        sha256 = "ea297dcd114136e8b8e8b630230d52a76c2fc69f6c5db25d672b1857000728b8";
      })
      (hop3.fetchLocked {
        name = "org/apache/apache/37/apache-37.pom";
        url = "https://index.example/org/apache/apache/37/apache-37.pom";
        sha256 = "524ec4787aff73af6b3a9fafa154c7f1881b648299b663fdbfcadda1286f2353";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-compress/1.26.2/commons-compress-1.26.2.jar";
        url = "https://index.example/org/apache/commons/commons-compress/1.26.2/commons-compress-1.26.2.jar";
        sha256 = "9168a03141d8fc7eda21a2360d83cc0412bcbb1d6204d992bd48c2573cb3c6b8";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-compress/1.26.2/commons-compress-1.26.2.pom";
        url = "https://index.example/org/apache/commons/commons-compress/1.26.2/commons-compress-1.26.2.pom";
        sha256 = "1428719895cd0a913aee33e2424b9a804b10f1197e5d35a9ce99cf2a1174cb0e";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-compress/1.28.0/commons-compress-1.28.0.jar";
        url = "https://index.example/org/apache/commons/commons-compress/1.28.0/commons-compress-1.28.0.jar";
        sha256 = "e1522945218456f3649a39bc4afd70ce4bd466221519dba7d378f2141a4642ca";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-compress/1.28.0/commons-compress-1.28.0.pom";
        url = "https://index.example/org/apache/commons/commons-compress/1.28.0/commons-compress-1.28.0.pom";
        sha256 = "033f4c78d632da88d0eb8ead974fc14a264392cebf12ab6c68d6cea7adf0c64a";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.14.0/commons-lang3-3.14.0.jar";
        url = "https://index.example/org/apache/commons/commons-lang3/3.14.0/commons-lang3-3.14.0.jar";
        sha256 = "7b96bf3ee68949abb5bc465559ac270e0551596fa34523fddf890ec418dde13c";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.14.0/commons-lang3-3.14.0.pom";
        url = "https://index.example/org/apache/commons/commons-lang3/3.14.0/commons-lang3-3.14.0.pom";
        sha256 = "110438863bad37c28f906bf87016e38c7a8c758ba321e09d11dc5a2363a8e79e";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.16.0/commons-lang3-3.16.0.pom";
        url = "https://index.example/org/apache/commons/commons-lang3/3.16.0/commons-lang3-3.16.0.pom";
        sha256 = "e280383956c2e72c1deb3a307b3b75f05ee43649b7d43f0215f7b6c7b15eea2c";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.18.0/commons-lang3-3.18.0.jar";
        url = "https://index.example/org/apache/commons/commons-lang3/3.18.0/commons-lang3-3.18.0.jar";
        sha256 = "4eeeae8d20c078abb64b015ec158add383ac581571cddc45c68f0c9ae0230720";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.18.0/commons-lang3-3.18.0.pom";
        url = "https://index.example/org/apache/commons/commons-lang3/3.18.0/commons-lang3-3.18.0.pom";
        sha256 = "aa254b373b6f6d46bc9dca86331b072a8ab86eb25ea9921fd439618392e98a16";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.20.0/commons-lang3-3.20.0.jar";
        url = "https://index.example/org/apache/commons/commons-lang3/3.20.0/commons-lang3-3.20.0.jar";
        sha256 = "69e5c9fa35da7a51a5fd2099dfe56a2d8d32cf233e2f6d770e796146440263f4";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-lang3/3.20.0/commons-lang3-3.20.0.pom";
        url = "https://index.example/org/apache/commons/commons-lang3/3.20.0/commons-lang3-3.20.0.pom";
        sha256 = "7ca83b2709c1e7a9e03b576cd41422190379489a80866e542f8c8b955411a2aa";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/52/commons-parent-52.pom";
        url = "https://index.example/org/apache/commons/commons-parent/52/commons-parent-52.pom";
        sha256 = "75dbe8f34e98e4c3ff42daae4a2f9eb4cbcd3b5f1047d54460ace906dbb4502e";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/64/commons-parent-64.pom";
        url = "https://index.example/org/apache/commons/commons-parent/64/commons-parent-64.pom";
        sha256 = "6f19638994e8357b4ed734696f992057efaafa1235673998133299798e2ccddb";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/69/commons-parent-69.pom";
        url = "https://index.example/org/apache/commons/commons-parent/69/commons-parent-69.pom";
        sha256 = "d50da9c39bdca823d618d1b4a03b73f196497fcb8616fd0da727c8623592a9bb";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/72/commons-parent-72.pom";
        url = "https://index.example/org/apache/commons/commons-parent/72/commons-parent-72.pom";
        sha256 = "4345debfc767b1aeac68abdd72fc67d18b521d4b390372a11b63ff0c586b2320";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/81/commons-parent-81.pom";
        url = "https://index.example/org/apache/commons/commons-parent/81/commons-parent-81.pom";
        sha256 = "348d4e7c131be6114c854a719ce7a44307a7c39bd366084977b24fd29ad0edb4";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/85/commons-parent-85.pom";
        url = "https://index.example/org/apache/commons/commons-parent/85/commons-parent-85.pom";
        sha256 = "d189ff2c0027e96bb65d31e6f227ed2af966169b36af1e973dd5ba08926dc7b5";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/91/commons-parent-91.pom";
        url = "https://index.example/org/apache/commons/commons-parent/91/commons-parent-91.pom";
        sha256 = "d2f8b6fd4800b6aaf120f5a38226d5f9d5fc6db837af99e2f9b33067868b9872";
      })
      (hop3.fetchLocked {
        name = "org/apache/commons/commons-parent/92/commons-parent-92.pom";
        url = "https://index.example/org/apache/commons/commons-parent/92/commons-parent-92.pom";
        sha256 = "94f6c027b15f6402995dd1b2c7ea35bfe1ebc88b6832b3134368b41998721953";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/apache-maven/3.9.16/apache-maven-3.9.16-bin.tar.gz";
        url = "https://index.example/org/apache/maven/apache-maven/3.9.16/apache-maven-3.9.16-bin.tar.gz";
        sha256 = "80ffca22aed9e8b9713a232f3394fd81d7f20322df75efdb2b047dbd3e3a23bb";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-archiver/3.6.5/maven-archiver-3.6.5.jar";
        url = "https://index.example/org/apache/maven/maven-archiver/3.6.5/maven-archiver-3.6.5.jar";
        sha256 = "cea5dd2b7c6be818fa8d6b73cff4edacaecefec5842d361a791b7f47974fe156";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-archiver/3.6.5/maven-archiver-3.6.5.pom";
        url = "https://index.example/org/apache/maven/maven-archiver/3.6.5/maven-archiver-3.6.5.pom";
        sha256 = "87b2c403256b17c3903a3ba35320ac32a79b3838b62ab9eda010a0976ca49ba3";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/23/maven-parent-23.pom";
        url = "https://index.example/org/apache/maven/maven-parent/23/maven-parent-23.pom";
        sha256 = "5425501edd9e0bd7b01eca53cc92e06836d24851151304f9c6759e1713541685";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/33/maven-parent-33.pom";
        url = "https://index.example/org/apache/maven/maven-parent/33/maven-parent-33.pom";
        sha256 = "3856e3fcd169502d5f12fe2452604ebf6c7c025f15656bfa558ea99ed29d73ea";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/39/maven-parent-39.pom";
        url = "https://index.example/org/apache/maven/maven-parent/39/maven-parent-39.pom";
        sha256 = "cfe4820aa1d96ae51d1dc5b0e2a9dc582c42478c24c95ca8238f547e60bef721";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/42/maven-parent-42.pom";
        url = "https://index.example/org/apache/maven/maven-parent/42/maven-parent-42.pom";
        sha256 = "04534dea350a2187970a5b74444338bcf78ba8e537d44f262acfba16ebb33056";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/43/maven-parent-43.pom";
        url = "https://index.example/org/apache/maven/maven-parent/43/maven-parent-43.pom";
        sha256 = "468a1262e9aaa5febf9d604e2836267f815351f2b4520f28fb17f53c71e33554";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/44/maven-parent-44.pom";
        url = "https://index.example/org/apache/maven/maven-parent/44/maven-parent-44.pom";
        sha256 = "1c0a088d7352d52ea8f3581d05778c0c4a679613fff2c58737fba55f1007fe24";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/45/maven-parent-45.pom";
        url = "https://index.example/org/apache/maven/maven-parent/45/maven-parent-45.pom";
        sha256 = "94fe869eb9b4ce9fce3995d05ea86b168c85d927f9d17beb814a1960c76d7e6f";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/maven-parent/47/maven-parent-47.pom";
        url = "https://index.example/org/apache/maven/maven-parent/47/maven-parent-47.pom";
        sha256 = "82d0112ba1907ff5fd13a2485829c97df66c6a81e075359a561a422f7d1582d3";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-compiler-plugin/3.15.0/maven-compiler-plugin-3.15.0.jar";
        url = "https://index.example/org/apache/maven/plugins/maven-compiler-plugin/3.15.0/maven-compiler-plugin-3.15.0.jar";
        sha256 = "6ea0ca0558ccf248c514aa94908d1f895a92e9b4e4604c1bb29f7a4ab1b833f0";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-compiler-plugin/3.15.0/maven-compiler-plugin-3.15.0.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-compiler-plugin/3.15.0/maven-compiler-plugin-3.15.0.pom";
        sha256 = "2d2f7a7073c1def3b1473fbedad7dbfc559ed6fb0dc5a94edc347fd4905e7651";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-jar-plugin/3.5.0/maven-jar-plugin-3.5.0.jar";
        url = "https://index.example/org/apache/maven/plugins/maven-jar-plugin/3.5.0/maven-jar-plugin-3.5.0.jar";
        sha256 = "7562657fc3492649dee836ffdda07990aaf46f4133cad048c4dcd7330bfd3917";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-jar-plugin/3.5.0/maven-jar-plugin-3.5.0.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-jar-plugin/3.5.0/maven-jar-plugin-3.5.0.pom";
        sha256 = "571d9446537993c3a7226cecb3169ee3df75710bcae8daeefb0d80768ec35917";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-plugins/42/maven-plugins-42.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-plugins/42/maven-plugins-42.pom";
        sha256 = "5b31681ea67e838a8ed1f08af891d1ae50f16dfadd3fc2b787900ed69d5f2503";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-plugins/45/maven-plugins-45.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-plugins/45/maven-plugins-45.pom";
        sha256 = "c0f58b12039f152641e3e53a07acc12887012ef149fac83065a9785aac51de0e";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-plugins/47/maven-plugins-47.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-plugins/47/maven-plugins-47.pom";
        sha256 = "58ddbb8e429cb5e9054c2f5f7b7cdfeb7adbcdfda21d92b67f67fa2b94edf982";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-resources-plugin/3.4.0/maven-resources-plugin-3.4.0.jar";
        url = "https://index.example/org/apache/maven/plugins/maven-resources-plugin/3.4.0/maven-resources-plugin-3.4.0.jar";
        sha256 = "72c7d66ea49256ea64a82b28a15df69177d13066d12afeb4a1ee0616da4648f1";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-resources-plugin/3.4.0/maven-resources-plugin-3.4.0.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-resources-plugin/3.4.0/maven-resources-plugin-3.4.0.pom";
        sha256 = "3879fb442ab95cc8a3f07459667873dab832fa99fe5f17be3e474f90ea6f6d2a";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-shade-plugin/3.6.0/maven-shade-plugin-3.6.0.jar";
        url = "https://index.example/org/apache/maven/plugins/maven-shade-plugin/3.6.0/maven-shade-plugin-3.6.0.jar";
        sha256 = "f66fa16d7db430097c222ed82e84d9a1304cab973caf818168f1251695b7e007";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-shade-plugin/3.6.0/maven-shade-plugin-3.6.0.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-shade-plugin/3.6.0/maven-shade-plugin-3.6.0.pom";
        sha256 = "8fdf596c3cc0a728f1b244566c9621f4cb79204d5b0c396c02545ff24cd29e5f";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-surefire-plugin/3.5.4/maven-surefire-plugin-3.5.4.jar";
        url = "https://index.example/org/apache/maven/plugins/maven-surefire-plugin/3.5.4/maven-surefire-plugin-3.5.4.jar";
        sha256 = "d25d73f73b70bfc85dcf949c9c58eaa9ecf79709dd8be19d6f92d72b8720dd61";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/plugins/maven-surefire-plugin/3.5.4/maven-surefire-plugin-3.5.4.pom";
        url = "https://index.example/org/apache/maven/plugins/maven-surefire-plugin/3.5.4/maven-surefire-plugin-3.5.4.pom";
        sha256 = "8163596b9d88c343e077050b76d3965700d2c60c4c59e01b9b40e5ed9e20c237";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/resolver/maven-resolver-api/1.4.1/maven-resolver-api-1.4.1.jar";
        url = "https://index.example/org/apache/maven/resolver/maven-resolver-api/1.4.1/maven-resolver-api-1.4.1.jar";
        sha256 = "33dc67306cc95da14e5444e8b494d967924abf1d01bae1894676164cbd3f6112";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/resolver/maven-resolver-api/1.4.1/maven-resolver-api-1.4.1.pom";
        url = "https://index.example/org/apache/maven/resolver/maven-resolver-api/1.4.1/maven-resolver-api-1.4.1.pom";
        sha256 = "335513ce1dd2cf4c7d1dbfa1b8aa14656d9be5f9f3f0d0875ac528893c9f0f06";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/resolver/maven-resolver-util/1.4.1/maven-resolver-util-1.4.1.jar";
        url = "https://index.example/org/apache/maven/resolver/maven-resolver-util/1.4.1/maven-resolver-util-1.4.1.jar";
        sha256 = "6b2184872fa7cc2ef5a90481b56af9711c15b371e69ab52f0f31bf24e910dd82";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/resolver/maven-resolver-util/1.4.1/maven-resolver-util-1.4.1.pom";
        url = "https://index.example/org/apache/maven/resolver/maven-resolver-util/1.4.1/maven-resolver-util-1.4.1.pom";
        sha256 = "a58c932e967e85e7bcb8d4adaedd14a5221a1750a1d089c5086c4d73df505155";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/resolver/maven-resolver/1.4.1/maven-resolver-1.4.1.pom";
        url = "https://index.example/org/apache/maven/resolver/maven-resolver/1.4.1/maven-resolver-1.4.1.pom";
        sha256 = "831c3849751101226495acfe9119582feb734a4539b070e0fbd9e85b03b501ce";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/file-management/3.2.0/file-management-3.2.0.jar";
        url = "https://index.example/org/apache/maven/shared/file-management/3.2.0/file-management-3.2.0.jar";
        sha256 = "32ac469785dd1547ac71437e4c3916c4a56a3d69303cb08d789ecdd0bfd1d6de";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/file-management/3.2.0/file-management-3.2.0.pom";
        url = "https://index.example/org/apache/maven/shared/file-management/3.2.0/file-management-3.2.0.pom";
        sha256 = "04e3bdd6d1920d1cdba206bc35dd3c6e0646c5730969f8b5d5397e5f1c7b5edd";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-common-artifact-filters/3.4.0/maven-common-artifact-filters-3.4.0.jar";
        url = "https://index.example/org/apache/maven/shared/maven-common-artifact-filters/3.4.0/maven-common-artifact-filters-3.4.0.jar";
        sha256 = "931a77aa9dad6c91f10fcfafa70adc7608c004576b4924c74ecbffb27568a880";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-common-artifact-filters/3.4.0/maven-common-artifact-filters-3.4.0.pom";
        url = "https://index.example/org/apache/maven/shared/maven-common-artifact-filters/3.4.0/maven-common-artifact-filters-3.4.0.pom";
        sha256 = "c93581d69b337c1fcc0957c727c430180b6387276ef1d3c2976c175e93765eb1";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-filtering/3.4.0/maven-filtering-3.4.0.jar";
        url = "https://index.example/org/apache/maven/shared/maven-filtering/3.4.0/maven-filtering-3.4.0.jar";
        sha256 = "ff04a5297c69d95f6face0af8934d6ee7bf1389dec50648bdd5e8569fb9d8e26";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-filtering/3.4.0/maven-filtering-3.4.0.pom";
        url = "https://index.example/org/apache/maven/shared/maven-filtering/3.4.0/maven-filtering-3.4.0.pom";
        sha256 = "bb698e6a90534e82a8842a199b7dff470781a822d4e5868fb76ba953ed08ed6a";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/19/maven-shared-components-19.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/19/maven-shared-components-19.pom";
        sha256 = "d82408269aada2eb1521ee8ff17f7c67333684f8ed2a09a9e35badd2e7575957";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/39/maven-shared-components-39.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/39/maven-shared-components-39.pom";
        sha256 = "17e81388d88ba61c4055450ec90a32ee30acd07f46dc6e31e096b8e53735f4b2";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/42/maven-shared-components-42.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/42/maven-shared-components-42.pom";
        sha256 = "aa66faa11c11b900d099bfef0ee9fe8485d7e7fc74e87193e1f74572ed9587c5";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/43/maven-shared-components-43.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/43/maven-shared-components-43.pom";
        sha256 = "6072dd103bdba3199584c5b73ed45b00567cd3ea918e2160b10bc7437c9e8181";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/44/maven-shared-components-44.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/44/maven-shared-components-44.pom";
        sha256 = "41fbab97912beb3a061b1e3845d2e06d2bb214cc71f92fa7f396480dc765a14e";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-components/45/maven-shared-components-45.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-components/45/maven-shared-components-45.pom";
        sha256 = "5879e023d9bcafda006d28b42b2495c6f3db587d3e71eefa0a3cedeeea36d987";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-incremental/1.1/maven-shared-incremental-1.1.jar";
        url = "https://index.example/org/apache/maven/shared/maven-shared-incremental/1.1/maven-shared-incremental-1.1.jar";
        sha256 = "61988e54486a5dc38f06c70fdae5b108556c63bd433697b9f4305fcdb30fa40e";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-incremental/1.1/maven-shared-incremental-1.1.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-incremental/1.1/maven-shared-incremental-1.1.pom";
        sha256 = "f21d19eb49b4a66cd85354a9ee7335439ea92a368173760a202766008cc19924";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-utils/3.4.2/maven-shared-utils-3.4.2.jar";
        url = "https://index.example/org/apache/maven/shared/maven-shared-utils/3.4.2/maven-shared-utils-3.4.2.jar";
        sha256 = "b613357e1bad4dfc1dead801691c9460f9585fe7c6b466bc25186212d7d18487";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/shared/maven-shared-utils/3.4.2/maven-shared-utils-3.4.2.pom";
        url = "https://index.example/org/apache/maven/shared/maven-shared-utils/3.4.2/maven-shared-utils-3.4.2.pom";
        sha256 = "a941745d7faeb8dc9a75edc2c330c994b7440b9a44d21142716b6053967a41c1";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/maven-surefire-common/3.5.4/maven-surefire-common-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/maven-surefire-common/3.5.4/maven-surefire-common-3.5.4.jar";
        sha256 = "902e637f8936c1a11d9046e6d7cc9bcb6945f30cc1f7cf646077aa26816a7a44";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/maven-surefire-common/3.5.4/maven-surefire-common-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/maven-surefire-common/3.5.4/maven-surefire-common-3.5.4.pom";
        sha256 = "6c9f545bcd2c0ec74dfba6afb542455de44b665656b35614b2055be8e0db656e";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-api/3.5.4/surefire-api-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-api/3.5.4/surefire-api-3.5.4.jar";
        sha256 = "dbd7aa157b556cc3d76e0fd0a13793b789358117975565ad5c755e00e32e5619";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-api/3.5.4/surefire-api-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-api/3.5.4/surefire-api-3.5.4.pom";
        sha256 = "599f23931f427ca0f2b0f4e9581f79f51f89435c44e1a1479d6d14e60d75810c";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-booter/3.5.4/surefire-booter-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-booter/3.5.4/surefire-booter-3.5.4.jar";
        sha256 = "d4dd6df150bd9a3630e3948917588af1317e7722c4f4d386ee6044ac681064c7";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-booter/3.5.4/surefire-booter-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-booter/3.5.4/surefire-booter-3.5.4.pom";
        sha256 = "a7e0d7d24997e5df159f7746c036c3787ee9caa7404f340bfcce69d38c05c2db";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-extensions-api/3.5.4/surefire-extensions-api-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-extensions-api/3.5.4/surefire-extensions-api-3.5.4.jar";
        sha256 = "d4bfeba02a1952f8524bf120d20415cfd507b0d56a442414765f8095e26fe0b1";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-extensions-api/3.5.4/surefire-extensions-api-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-extensions-api/3.5.4/surefire-extensions-api-3.5.4.pom";
        sha256 = "24738bdd9db0da0c90394020e56f197b60018666556a0a2bc85bbcc20d16e679";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-extensions-spi/3.5.4/surefire-extensions-spi-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-extensions-spi/3.5.4/surefire-extensions-spi-3.5.4.jar";
        sha256 = "68c7cde0ffde31a18e95433f122e0b55ec6cec9b08e0af16e6314e2c029cd2d2";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-extensions-spi/3.5.4/surefire-extensions-spi-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-extensions-spi/3.5.4/surefire-extensions-spi-3.5.4.pom";
        sha256 = "c0811e33b690e845e07d2fbd1c6c2dd3638036dc458c29bc47af4e0e3e93a7fd";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-logger-api/3.5.4/surefire-logger-api-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-logger-api/3.5.4/surefire-logger-api-3.5.4.jar";
        sha256 = "e8ec1e4d85dc2a71819dfb4a27507258175569941aa4a27ee08ec899319dbd24";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-logger-api/3.5.4/surefire-logger-api-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-logger-api/3.5.4/surefire-logger-api-3.5.4.pom";
        sha256 = "c1233d2f02f7d9bd9a4df7d3ee6315c29f0c46d271e484e70c168df0e2fb1eba";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-shared-utils/3.5.4/surefire-shared-utils-3.5.4.jar";
        url = "https://index.example/org/apache/maven/surefire/surefire-shared-utils/3.5.4/surefire-shared-utils-3.5.4.jar";
        sha256 = "6cc66d1d5816d6088be1b45574f0e6dab733a03d021848556a3d810e865aee2e";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire-shared-utils/3.5.4/surefire-shared-utils-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire-shared-utils/3.5.4/surefire-shared-utils-3.5.4.pom";
        sha256 = "8f4f05569579d4ecf3240fc684d04f0fcdd50eaeb86ad4ed778474c53edc7d87";
      })
      (hop3.fetchLocked {
        name = "org/apache/maven/surefire/surefire/3.5.4/surefire-3.5.4.pom";
        url = "https://index.example/org/apache/maven/surefire/surefire/3.5.4/surefire-3.5.4.pom";
        sha256 = "d4886a0ce0d92d0de0f41f6a5309d4b53559080c4b2cb0bba47db548a7efe292";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-archiver/4.10.2/plexus-archiver-4.10.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-archiver/4.10.2/plexus-archiver-4.10.2.pom";
        sha256 = "0ce7e5f325bb2153febdc5e599e5aabda28bbfb902245ac87951a13b44fce8ac";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-archiver/4.10.4/plexus-archiver-4.10.4.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-archiver/4.10.4/plexus-archiver-4.10.4.jar";
        sha256 = "1f39d4f2906a04f501567cd1211cef3fd95fea4cb979e1eba1d8dd84e4b67098";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-archiver/4.10.4/plexus-archiver-4.10.4.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-archiver/4.10.4/plexus-archiver-4.10.4.pom";
        sha256 = "53a2103d9257c801a8fc9c211d9fedea7e3ee1bf516bbbc28021ef45c1a219c5";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-api/2.16.2/plexus-compiler-api-2.16.2.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-api/2.16.2/plexus-compiler-api-2.16.2.jar";
        sha256 = "db34d13c8d688063a946922f4de448c909ba43fec355ea15514495f33072b031";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-api/2.16.2/plexus-compiler-api-2.16.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-api/2.16.2/plexus-compiler-api-2.16.2.pom";
        sha256 = "ae7ca19e5a3bafdf92a403edf8af5876c746024424059c719b1544de48384ff8";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-javac/2.16.2/plexus-compiler-javac-2.16.2.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-javac/2.16.2/plexus-compiler-javac-2.16.2.jar";
        sha256 = "e48141c146d6cb96619aafb07b2e10e1ac08f339e96ae4067ddd9c2d0f626672";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-javac/2.16.2/plexus-compiler-javac-2.16.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-javac/2.16.2/plexus-compiler-javac-2.16.2.pom";
        sha256 = "b648754e6d99b381f7fc40328849c6f24d454263c03cf89c737d7c29831eb208";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-manager/2.16.2/plexus-compiler-manager-2.16.2.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-manager/2.16.2/plexus-compiler-manager-2.16.2.jar";
        sha256 = "99630ac196571a2754baa143a12723795b13020631902a6dff18dfb997e59b0e";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler-manager/2.16.2/plexus-compiler-manager-2.16.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler-manager/2.16.2/plexus-compiler-manager-2.16.2.pom";
        sha256 = "ba8d233dd73fc97c10f84bf23ef8f632cd19ced0f85dc335be2bdcb8e28e7bd0";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compiler/2.16.2/plexus-compiler-2.16.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-compiler/2.16.2/plexus-compiler-2.16.2.pom";
        sha256 = "53124330e5e1b45d1ef6eff5e41c4d4defe04403e5c894795b44269515b6611e";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-compilers/2.16.2/plexus-compilers-2.16.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-compilers/2.16.2/plexus-compilers-2.16.2.pom";
        sha256 = "835e6a3f53ed9f39d14a0fd2b367a47fde78698115464eddba4b5c5d9fd1250f";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-interpolation/1.27/plexus-interpolation-1.27.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-interpolation/1.27/plexus-interpolation-1.27.jar";
        sha256 = "3fb4fb6143fdf964024c3cb738551524b9ea84e5c211cd660c559ad0703e5230";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-interpolation/1.27/plexus-interpolation-1.27.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-interpolation/1.27/plexus-interpolation-1.27.pom";
        sha256 = "d54fbcbc4399e352322874a4128b9d28fe9fe1583f89ec361de242ea38d33f9b";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-interpolation/1.28/plexus-interpolation-1.28.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-interpolation/1.28/plexus-interpolation-1.28.jar";
        sha256 = "ab2a8715570438a2e4164d85ad3e8d489eabc38ea5093c2eb8ab7f58403535b5";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-interpolation/1.28/plexus-interpolation-1.28.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-interpolation/1.28/plexus-interpolation-1.28.pom";
        sha256 = "0f4665c943df2692d75e28b6b24923ab18ff00369b8c7f5eba4bedef07e4ecd4";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-io/3.5.1/plexus-io-3.5.1.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-io/3.5.1/plexus-io-3.5.1.pom";
        sha256 = "f7a76d3a3bbeb53f5f36e19ee57ddc2099f3be1d599039090254d1f0fdf0b854";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-io/3.6.0/plexus-io-3.6.0.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-io/3.6.0/plexus-io-3.6.0.jar";
        sha256 = "fc0f3effea7514e4f214df1afb672f54c982e78e5ca3b32b34196c7d056a1aa4";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-io/3.6.0/plexus-io-3.6.0.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-io/3.6.0/plexus-io-3.6.0.pom";
        sha256 = "653432ed213573b6b209deb7346dc2ed89f20e647dbdb6fc868051b334b31d27";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-java/1.5.0/plexus-java-1.5.0.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-java/1.5.0/plexus-java-1.5.0.jar";
        sha256 = "df1186d2fc652c4bedd9809638292000787f21a157a1e15e880134fa9fcbedb2";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-java/1.5.0/plexus-java-1.5.0.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-java/1.5.0/plexus-java-1.5.0.pom";
        sha256 = "1133991af570f16d65af64b4269869ad2f7acd13513c28303f153eeb699acbc1";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-java/1.5.2/plexus-java-1.5.2.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-java/1.5.2/plexus-java-1.5.2.jar";
        sha256 = "1e6a4298e145c1e23af430b04ac53d76dc11077e0f3d36ef9c027ce790d96505";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-java/1.5.2/plexus-java-1.5.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-java/1.5.2/plexus-java-1.5.2.pom";
        sha256 = "9617b619010dbb95c237e35bff7ee1d336cbcfd9ff5c229a935a9e3587ff0c37";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-languages/1.5.0/plexus-languages-1.5.0.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-languages/1.5.0/plexus-languages-1.5.0.pom";
        sha256 = "f025e018dc90408b5d9f611c63c755b2f18ba0387ac171067d8c5157657b1b82";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-languages/1.5.2/plexus-languages-1.5.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-languages/1.5.2/plexus-languages-1.5.2.pom";
        sha256 = "9e7d29fc65089d69e75b559efaa5db8117dab3c579d0ef19759776d5643a492b";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-utils/3.5.1/plexus-utils-3.5.1.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-utils/3.5.1/plexus-utils-3.5.1.jar";
        sha256 = "86e0255d4c879c61b4833ed7f13124e8bb679df47debb127326e7db7dd49a07b";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-utils/3.5.1/plexus-utils-3.5.1.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-utils/3.5.1/plexus-utils-3.5.1.pom";
        sha256 = "94ff68edeb48204d12c99189c767164d3a9f778a1372d1dce11a41462e6236f2";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-utils/4.0.2/plexus-utils-4.0.2.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-utils/4.0.2/plexus-utils-4.0.2.jar";
        sha256 = "8957274e75fe2c278b1428dd16a0daeee1dd38152cb6eff816177ac28fccb697";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-utils/4.0.2/plexus-utils-4.0.2.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-utils/4.0.2/plexus-utils-4.0.2.pom";
        sha256 = "5151c13bdd7cc3a5569583a7f4267392f013ffd3115eab8db5f86de420a366af";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-xml/3.0.1/plexus-xml-3.0.1.jar";
        url = "https://index.example/org/codehaus/plexus/plexus-xml/3.0.1/plexus-xml-3.0.1.jar";
        sha256 = "c1a510a87a62bd2d74ac1472dd31c3f9e9b0b8b8568f37d77c0f135415bebd05";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus-xml/3.0.1/plexus-xml-3.0.1.pom";
        url = "https://index.example/org/codehaus/plexus/plexus-xml/3.0.1/plexus-xml-3.0.1.pom";
        sha256 = "3242ddc20873f71b381c333b22afb9cf3596d6a63b6683036a16bd51bc8721a4";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/10/plexus-10.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/10/plexus-10.pom";
        sha256 = "bba9c521064b9ca132ce97cc1cc7eb4afc2dbe32bc88cb872c88e99f6162301f";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/16/plexus-16.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/16/plexus-16.pom";
        sha256 = "68d4eed65a3dbbc342ed80dd138fbe9c67cb7fb4c2abc4f5201cdb5b9f645868";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/18/plexus-18.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/18/plexus-18.pom";
        sha256 = "b43ee89c8890b9e5bc48d079fcb4c44f082b5139253356dc455806a33c3dd8fd";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/20/plexus-20.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/20/plexus-20.pom";
        sha256 = "a7b594b002fc791733c8e94470d09045f4fd69a93ad5c375752f2057f84633b4";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/23/plexus-23.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/23/plexus-23.pom";
        sha256 = "7728c57471730a6ec9e04654b60f37f57c01a2708e53aa6a0d7005aad29cbb10";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/24/plexus-24.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/24/plexus-24.pom";
        sha256 = "89a1bc79e46c35ab108b7e215bb2c5c215ff8f3af1ae3cfef82d9a2b33b06c51";
      })
      (hop3.fetchLocked {
        name = "org/codehaus/plexus/plexus/25/plexus-25.pom";
        url = "https://index.example/org/codehaus/plexus/plexus/25/plexus-25.pom";
        sha256 = "faa7947c2020967ad0c92b259ee9fa361d05e90cd036d17c37098bb1edaea3a3";
      })
      (hop3.fetchLocked {
        name = "org/jdom/jdom2/2.0.6.1/jdom2-2.0.6.1.jar";
        url = "https://index.example/org/jdom/jdom2/2.0.6.1/jdom2-2.0.6.1.jar";
        sha256 = "0b20f45e3a0fd8f0d12cdc5316b06776e902b1365db00118876f9175c60f302c";
      })
      (hop3.fetchLocked {
        name = "org/jdom/jdom2/2.0.6.1/jdom2-2.0.6.1.pom";
        url = "https://index.example/org/jdom/jdom2/2.0.6.1/jdom2-2.0.6.1.pom";
        sha256 = "55795e1018b8ae647b937967cf810a99b08582c2374e7873c128734c8c914bf3";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.10.0/junit-bom-5.10.0.pom";
        url = "https://index.example/org/junit/junit-bom/5.10.0/junit-bom-5.10.0.pom";
        sha256 = "e006dd8894f9fc7b75fc32bb12fe5ed8be65667d5b454f99e2e0b8c5bb8d30b3";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.10.1/junit-bom-5.10.1.pom";
        url = "https://index.example/org/junit/junit-bom/5.10.1/junit-bom-5.10.1.pom";
        sha256 = "21c4b0286f4b20069577ff4b20978a85c100ac8a46b6f1c8672fbaab337bc3f2";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.10.2/junit-bom-5.10.2.pom";
        url = "https://index.example/org/junit/junit-bom/5.10.2/junit-bom-5.10.2.pom";
        sha256 = "169dd904a4b0f6520cffe658cc62292bfe9f3c14a989fa92120724cde43a9968";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.10.3/junit-bom-5.10.3.pom";
        url = "https://index.example/org/junit/junit-bom/5.10.3/junit-bom-5.10.3.pom";
        sha256 = "10937d44c425984cb8739225d34712e1a3145641ca93ac3f7ef186fa25f6babc";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.11.0-M2/junit-bom-5.11.0-M2.pom";
        url = "https://index.example/org/junit/junit-bom/5.11.0-M2/junit-bom-5.11.0-M2.pom";
        sha256 = "4a3ffc4a4edcfec2cb5d619922706a9407161798571939f854dfda73e4e17cc8";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.11.4/junit-bom-5.11.4.pom";
        url = "https://index.example/org/junit/junit-bom/5.11.4/junit-bom-5.11.4.pom";
        sha256 = "19d4b747b204805325b6334553296f986562277a4ac1cb5e593a5e4c4f5e4115";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.12.1/junit-bom-5.12.1.pom";
        url = "https://index.example/org/junit/junit-bom/5.12.1/junit-bom-5.12.1.pom";
        sha256 = "7c826bc72beddc817dad9263027f9012a0f55a377d38df89c42932a2501c2bf0";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.13.1/junit-bom-5.13.1.pom";
        url = "https://index.example/org/junit/junit-bom/5.13.1/junit-bom-5.13.1.pom";
        sha256 = "fa68451ea830572ed43ffe51d75b6a05f7a5e665a602a51f49d6be02063a65f3";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.13.4/junit-bom-5.13.4.pom";
        url = "https://index.example/org/junit/junit-bom/5.13.4/junit-bom-5.13.4.pom";
        sha256 = "d7a08a99b2502f0bb68cd4e1f984f0bf69324aaa208bd0f73366c03fc3548a42";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.14.1/junit-bom-5.14.1.pom";
        url = "https://index.example/org/junit/junit-bom/5.14.1/junit-bom-5.14.1.pom";
        sha256 = "01b01dfa366550b40ac5760548a7d728b6109d17c451e83864d1e5e0ce862c94";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.14.2/junit-bom-5.14.2.pom";
        url = "https://index.example/org/junit/junit-bom/5.14.2/junit-bom-5.14.2.pom";
        sha256 = "ed2dcc7855bd460bccc93a1bf0c962e63b566ff7d8f1ded0f1f2593ba8183aaf";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.7.2/junit-bom-5.7.2.pom";
        url = "https://index.example/org/junit/junit-bom/5.7.2/junit-bom-5.7.2.pom";
        sha256 = "cd14aaa869991f82021c585d570d31ff342bcba58bb44233b70193771b96487b";
      })
      (hop3.fetchLocked {
        name = "org/junit/junit-bom/5.8.0-M1/junit-bom-5.8.0-M1.pom";
        url = "https://index.example/org/junit/junit-bom/5.8.0-M1/junit-bom-5.8.0-M1.pom";
        sha256 = "77144432ffc68bd98a790ab1069619d91032cfc0e4e13c08163aa03da36fd6e2";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm-commons/9.7/asm-commons-9.7.jar";
        url = "https://index.example/org/ow2/asm/asm-commons/9.7/asm-commons-9.7.jar";
        sha256 = "389bc247958e049fc9a0408d398c92c6d370c18035120395d4cba1d9d9304b7a";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm-commons/9.7/asm-commons-9.7.pom";
        url = "https://index.example/org/ow2/asm/asm-commons/9.7/asm-commons-9.7.pom";
        sha256 = "5acee3ee7252ed90b8074c755d022787499a95fafff98ac4a685107c4da409b4";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm-tree/9.7/asm-tree-9.7.jar";
        url = "https://index.example/org/ow2/asm/asm-tree/9.7/asm-tree-9.7.jar";
        sha256 = "62f4b3bc436045c1acb5c3ba2d8ec556ec3369093d7f5d06c747eb04b56d52b1";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm-tree/9.7/asm-tree-9.7.pom";
        url = "https://index.example/org/ow2/asm/asm-tree/9.7/asm-tree-9.7.pom";
        sha256 = "a34ea1e3e4128c01038db43c6976e88c779cf5af84b0505da266dfe6965668ec";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.7/asm-9.7.jar";
        url = "https://index.example/org/ow2/asm/asm/9.7/asm-9.7.jar";
        sha256 = "adf46d5e34940bdf148ecdd26a9ee8eea94496a72034ff7141066b3eea5c4e9d";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.7/asm-9.7.pom";
        url = "https://index.example/org/ow2/asm/asm/9.7/asm-9.7.pom";
        sha256 = "de00115f1d84f3a0b2ee3a4b6f6192d066f86d185d67b9d1522f2c80feac5f00";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.8/asm-9.8.jar";
        url = "https://index.example/org/ow2/asm/asm/9.8/asm-9.8.jar";
        sha256 = "876eab6a83daecad5ca67eb9fcabb063c97b5aeb8cf1fca7a989ecde17522051";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.8/asm-9.8.pom";
        url = "https://index.example/org/ow2/asm/asm/9.8/asm-9.8.pom";
        sha256 = "c1367c3bb383d7619e7f797e38df7513885f2eef04ae7b5908f68222657b5baa";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.9.1/asm-9.9.1.jar";
        url = "https://index.example/org/ow2/asm/asm/9.9.1/asm-9.9.1.jar";
        sha256 = "6f3828a215c920059a5efa2fb55c233d6c54ec5cadca99ce1b1bdd10077c7ddd";
      })
      (hop3.fetchLocked {
        name = "org/ow2/asm/asm/9.9.1/asm-9.9.1.pom";
        url = "https://index.example/org/ow2/asm/asm/9.9.1/asm-9.9.1.pom";
        sha256 = "aca68dee9ba2f6cd90ffde728efdc7e3ebfcf59f3f41fbfe248d2d01d5b866af";
      })
      (hop3.fetchLocked {
        name = "org/ow2/ow2/1.5.1/ow2-1.5.1.pom";
        url = "https://index.example/org/ow2/ow2/1.5.1/ow2-1.5.1.pom";
        sha256 = "321ddbb7ee6fe4f53dea6b4cd6db74154d6bfa42391c1f763b361b9f485acf05";
      })
      (hop3.fetchLocked {
        name = "org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar";
        url = "https://index.example/org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar";
        sha256 = "d3ef575e3e4979678dc01bf1dcce51021493b4d11fb7f1be8ad982877c16a1c0";
      })
      (hop3.fetchLocked {
        name = "org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.pom";
        url = "https://index.example/org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.pom";
        sha256 = "fb046a9c229437928bb11c2d27c8b5d773eb8a25e60cbd253d985210dedc2684";
      })
      (hop3.fetchLocked {
        name = "org/slf4j/slf4j-parent/1.7.36/slf4j-parent-1.7.36.pom";
        url = "https://index.example/org/slf4j/slf4j-parent/1.7.36/slf4j-parent-1.7.36.pom";
        sha256 = "bb388d37fbcdd3cde64c3cede21838693218dc451f04040c5df360a78ed7e812";
      })
      (hop3.fetchLocked {
        name = "org/sonatype/forge/forge-parent/5/forge-parent-5.pom";
        url = "https://index.example/org/sonatype/forge/forge-parent/5/forge-parent-5.pom";
        sha256 = "e56188aa8ce51278006aa90bc7e0f304a81e2f1219f462e7d21f262535cd2795";
      })
      (hop3.fetchLocked {
        name = "org/sonatype/oss/oss-parent/9/oss-parent-9.pom";
        url = "https://index.example/org/sonatype/oss/oss-parent/9/oss-parent-9.pom";
        sha256 = "fb40265f982548212ff82e362e59732b2187ec6f0d80182885c14ef1f982827a";
      })
      (hop3.fetchLocked {
        name = "org/sonatype/plexus/plexus-build-api/0.0.7/plexus-build-api-0.0.7.jar";
        url = "https://index.example/org/sonatype/plexus/plexus-build-api/0.0.7/plexus-build-api-0.0.7.jar";
        sha256 = "934171640fbd3d2495c50b79b0d9adb11e2c83e65bad157df8fe34bcac0ff798";
      })
      (hop3.fetchLocked {
        name = "org/sonatype/plexus/plexus-build-api/0.0.7/plexus-build-api-0.0.7.pom";
        url = "https://index.example/org/sonatype/plexus/plexus-build-api/0.0.7/plexus-build-api-0.0.7.pom";
        sha256 = "e067317a47ed9e84b2ba85a76d3cf72980e2b0dc873a90b9cbfe74fe80c37c17";
      })
      (hop3.fetchLocked {
        name = "org/sonatype/spice/spice-parent/15/spice-parent-15.pom";
        url = "https://index.example/org/sonatype/spice/spice-parent/15/spice-parent-15.pom";
        sha256 = "13d15ddfe9946b8427bb7b4b081ab63962285eed0bf6fa5142aea25a46e15814";
      })
      (hop3.fetchLocked {
        name = "org/tukaani/xz/1.10/xz-1.10.jar";
        url = "https://index.example/org/tukaani/xz/1.10/xz-1.10.jar";
        sha256 = "95c63c1a55b22dd6453890a419cc1a640f790bbf7d8ae82db1e30aefefb08888";
      })
      (hop3.fetchLocked {
        name = "org/tukaani/xz/1.10/xz-1.10.pom";
        url = "https://index.example/org/tukaani/xz/1.10/xz-1.10.pom";
        sha256 = "ef608b83c3bb6c8e3e6b3beaa38842ba15963b46495e4af91b0746c8b750f3b9";
      })
      (hop3.fetchLocked {
        name = "org/vafer/jdependency/2.10/jdependency-2.10.jar";
        url = "https://index.example/org/vafer/jdependency/2.10/jdependency-2.10.jar";
        sha256 = "1dcd8355ab9ebced687715bf1252eb2aee5d0e74497a2014fd3387cfce8df85f";
      })
      (hop3.fetchLocked {
        name = "org/vafer/jdependency/2.10/jdependency-2.10.pom";
        url = "https://index.example/org/vafer/jdependency/2.10/jdependency-2.10.pom";
        sha256 = "ab53f259ab5f6483d3dbb0235469e078d4a22cfd890771ab04f87db3a5b46067";
      })
    ];
    maven = "org/apache/maven/apache-maven/3.9.16/apache-maven-3.9.16-bin.tar.gz";
  };

  app = language.mkApp {
    name = "notes";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "mvn -DskipTests package" ];
    modules = [ "." ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    FONTCONFIG_FILE = "${deps}/etc/fonts.conf";
    JAVA_HOME = "${deps}/jre";
  };

  package = hop3.mkBundle {
    name = "notes";
    version = "1.0";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${deps}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "java $JAVA_OPTS -jar target/*.jar";
        tick = "java -cp target/notes-1.0.jar com.example.notes.Tick one two";
      };
      healthcheck_path = "/health";
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      Procfile = "d7dc07ce5d6b4977606476b7b07c80749f1dd7d89ea99da437114c11d4438e40";
      "hop3-nix.lock" = "95c14b4735571ae756045c3aabc440db071249269fd0f388a457b0b61e7865db";
      "hop3.toml" = "a689e2b3c6cf1796a5516401c142de6a7de0ba5c68ea7f5576dca40369408153";
    };
  };

  env = hop3.mkEnv {
    name = "notes";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}

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
  language = hop3.node {
    interpreter = pkgs.nodejs-slim_22;
    toolbox = pkgs.nodejs_22;
  };

  deps = language.mkDeps {
    name = "node-express";
    files = [
      (hop3.fetchLocked {
        name = "accepts-2.0.0.tgz";
        url = "https://index.example/accepts-2.0.0.tgz";
        hash = "sha512-5cvg6CtKwfgdmVqY1WIiXKc3Q1bkRqGLi+2W/6ao+6Y7gu/RCwRuAhGEzh5B4KlszSuTLgZYuqFqo5bImjNKng==";
      })
      (hop3.fetchLocked {
        name = "async-function-1.0.0.tgz";
        url = "https://index.example/async-function-1.0.0.tgz";
        hash = "sha512-hsU18Ae8CDTR6Kgu9DYf0EbCr/a5iGL0rytQDobUcdpYOKokk8LEjVphnXkDkgpi0wYVsqrXuP0bZxJaTqdgoA==";
      })
      (hop3.fetchLocked {
        name = "async-generator-function-1.0.0.tgz";
        url = "https://index.example/async-generator-function-1.0.0.tgz";
        hash = "sha512-+NAXNqgCrB95ya4Sr66i1CL2hqLVckAk7xwRYWdcm39/ELQ6YNn1aw5r0bdQtqNZgQpEWzc5yc/igXc7aL5SLA==";
      })
      (hop3.fetchLocked {
        name = "body-parser-2.4.0.tgz";
        url = "https://index.example/body-parser-2.4.0.tgz";
        hash = "sha512-Ifk1KcLrxaGt1occQagQNFNNOqRt1LFuehEnHHzB8Z6cRgIxRU1TBaiIsUiCdA+gy5PL7Y1IX31DNKkRmxtXjQ==";
      })
      (hop3.fetchLocked {
        name = "bytes-3.1.2.tgz";
        url = "https://index.example/bytes-3.1.2.tgz";
        hash = "sha512-/Nf7TyzTx6S3yRJObOAV7956r8cr2+Oj8AC5dt8wSP3BQAoeX58NoHyCU8P8zGkNXStjTSi6fzO6F0pBdcYbEg==";
      })
      (hop3.fetchLocked {
        name = "call-bind-apply-helpers-1.0.2.tgz";
        url = "https://index.example/call-bind-apply-helpers-1.0.2.tgz";
        hash = "sha512-Sp1ablJ0ivDkSzjcaJdxEunN5/XvksFJ2sMBFfq6x0ryhQV/2b/KwFe21cMpmHtPOSij8K99/wSfoEuTObmuMQ==";
      })
      (hop3.fetchLocked {
        name = "call-bound-1.0.4.tgz";
        url = "https://index.example/call-bound-1.0.4.tgz";
        hash = "sha512-+ys997U96po4Kx/ABpBCqhA9EuxJaQWDQg7295H4hBphv3IZg0boBKuwYpt4YXp6MZ5AmZQnU/tyMTlRpaSejg==";
      })
      (hop3.fetchLocked {
        name = "content-disposition-2.0.1.tgz";
        url = "https://index.example/content-disposition-2.0.1.tgz";
        hash = "sha512-e+H0ZXHSWYrENhQzw1LPuP4oF5MzVKmDU6d3hxlvaPEYLLg62MxtQNPRx4SYSuYJSBUgnQIG4HIN2tEtNv7Dog==";
      })
      (hop3.fetchLocked {
        name = "content-type-2.1.0.tgz";
        url = "https://index.example/content-type-2.1.0.tgz";
        hash = "sha512-mj7UPXE0jaqaOsukNZRUEfEi2AcL7C/vwmwcHV0O97eO1E1pxBZuyjlZrx5seTaNBg1U6+o35wpa35Qfcc+7ag==";
      })
      (hop3.fetchLocked {
        name = "cookie-0.7.2.tgz";
        url = "https://index.example/cookie-0.7.2.tgz";
        hash = "sha512-yki5XnKuf750l50uGTllt6kKILY4nQ1eNIQatoXEByZ5dWgnKqbnqmTrBE5B4N7lrMJKQ2ytWMiTO2o0v6Ew/w==";
      })
      (hop3.fetchLocked {
        name = "cookie-signature-1.2.2.tgz";
        url = "https://index.example/cookie-signature-1.2.2.tgz";
        hash = "sha512-D76uU73ulSXrD1UXF4KE2TMxVVwhsnCgfAyTg9k8P6KGZjlXKrOLe4dJQKI3Bxi5wjesZoFXJWElNWBjPZMbhg==";
      })
      (hop3.fetchLocked {
        name = "debug-4.4.3.tgz";
        url = "https://index.example/debug-4.4.3.tgz";
        hash = "sha512-RGwwWnwQvkVfavKVt22FGLw+xYSdzARwm0ru6DhTVA3umU5hZc28V3kO4stgYryrTlLpuvgI9GiijltAjNbcqA==";
      })
      (hop3.fetchLocked {
        name = "depd-2.0.0.tgz";
        url = "https://index.example/depd-2.0.0.tgz";
        hash = "sha512-g7nH6P6dyDioJogAAGprGpCtVImJhpPk/roCzdb3fIh61/s/nPsfR6onyMwkCAR/OlC3yBC0lESvUoQEAssIrw==";
      })
      (hop3.fetchLocked {
        name = "dunder-proto-1.0.1.tgz";
        url = "https://index.example/dunder-proto-1.0.1.tgz";
        hash = "sha512-KIN/nDJBQRcXw0MLVhZE9iQHmG68qAVIBg9CqmUYjmQIhgij9U5MFvrqkUL5FbtyyzZuOeOt0zdeRe4UY7ct+A==";
      })
      (hop3.fetchLocked {
        name = "ee-first-1.1.1.tgz";
        url = "https://index.example/ee-first-1.1.1.tgz";
        hash = "sha512-WMwm9LhRUo+WUaRN+vRuETqG89IgZphVSNkdFgeb6sS/E4OrDIN7t48CAewSHXc6C8lefD8KKfr5vY61brQlow==";
      })
      (hop3.fetchLocked {
        name = "encodeurl-2.0.3.tgz";
        url = "https://index.example/encodeurl-2.0.3.tgz";
        hash = "sha512-mIteYONiEfc4xWf2F1WXovh1c8npzS00vNeiUPdwFF+QlVJni+gNvpQltLMQhob8rew/bWWc/bGTuUr0EUGt0w==";
      })
      (hop3.fetchLocked {
        name = "es-define-property-1.0.1.tgz";
        url = "https://index.example/es-define-property-1.0.1.tgz";
        hash = "sha512-e3nRfgfUZ4rNGL232gUgX06QNyyez04KdjFrF+LTRoOXmrOgFKDg4BCdsjW8EnT69eqdYGmRpJwiPVYNrCaW3g==";
      })
      (hop3.fetchLocked {
        name = "es-errors-1.3.0.tgz";
        url = "https://index.example/es-errors-1.3.0.tgz";
        hash = "sha512-Zf5H2Kxt2xjTvbJvP2ZWLEICxA6j+hAmMzIlypy4xcBg1vKVnx89Wy0GbS+kf5cwCVFFzdCFh2XSCFNULS6csw==";
      })
      (hop3.fetchLocked {
        name = "es-object-atoms-1.1.2.tgz";
        url = "https://index.example/es-object-atoms-1.1.2.tgz";
        hash = "sha512-HWcBoN6NileqtSydK2FqHbS/LoDd2pqrnQHLyJzBj4kOp/ky2MWMN694xOfkK8/SnUsW2DH7EfyVlydKCsm1Zw==";
      })
      (hop3.fetchLocked {
        name = "escape-html-1.0.3.tgz";
        url = "https://index.example/escape-html-1.0.3.tgz";
        hash = "sha512-NiSupZ4OeuGwr68lGIeym/ksIZMJodUGOSCZ/FSnTxcrekbvqrgdUxlJOMpijaKZVjAJrWrGs/6Jy8OMuyj9ow==";
      })
      (hop3.fetchLocked {
        name = "etag-1.8.1.tgz";
        url = "https://index.example/etag-1.8.1.tgz";
        hash = "sha512-aIL5Fx7mawVa300al2BnEE4iNvo1qETxLrPI/o05L7z6go7fCw1J6EQmbK4FmJ2AS7kgVF/KEZWufBfdClMcPg==";
      })
      (hop3.fetchLocked {
        name = "express-5.3.0.tgz";
        url = "https://index.example/express-5.3.0.tgz";
        hash = "sha512-qCqy1xSoaugxOD4IVHb1ZWdkvCF2W3aE2okKouWj8VwJ+ztskSiXoBnCSJqfKT+cVPJhuJqe9YLbY425+Zh00g==";
      })
      (hop3.fetchLocked {
        name = "finalhandler-2.1.1.tgz";
        url = "https://index.example/finalhandler-2.1.1.tgz";
        hash = "sha512-S8KoZgRZN+a5rNwqTxlZZePjT/4cnm0ROV70LedRHZ0p8u9fRID0hJUZQpkKLzro8LfmC8sx23bY6tVNxv8pQA==";
      })
      (hop3.fetchLocked {
        name = "forwarded-0.2.0.tgz";
        url = "https://index.example/forwarded-0.2.0.tgz";
        hash = "sha512-buRG0fpBtRHSTCOASe6hD258tEubFoRLb4ZNA6NxMVHNw2gOcwHo9wyablzMzOA5z9xA9L1KNjk/Nt6MT9aYow==";
      })
      (hop3.fetchLocked {
        name = "fresh-2.0.0.tgz";
        url = "https://index.example/fresh-2.0.0.tgz";
        hash = "sha512-Rx/WycZ60HOaqLKAi6cHRKKI7zxWbJ31MhntmtwMoaTeF7XFH9hhBp8vITaMidfljRQ6eYWCKkaTK+ykVJHP2A==";
      })
      (hop3.fetchLocked {
        name = "function-bind-1.1.2.tgz";
        url = "https://index.example/function-bind-1.1.2.tgz";
        hash = "sha512-7XHNxH7qX9xG5mIwxkhumTox/MIRNcOgDrxWsMt2pAr23WHp6MrRlN7FBSFpCpr+oVO0F744iUgR82nJMfG2SA==";
      })
      (hop3.fetchLocked {
        name = "generator-function-2.0.1.tgz";
        url = "https://index.example/generator-function-2.0.1.tgz";
        hash = "sha512-SFdFmIJi+ybC0vjlHN0ZGVGHc3lgE0DxPAT0djjVg+kjOnSqclqmj0KQ7ykTOLP6YxoqOvuAODGdcHJn+43q3g==";
      })
      (hop3.fetchLocked {
        name = "get-intrinsic-1.3.1.tgz";
        url = "https://index.example/get-intrinsic-1.3.1.tgz";
        hash = "sha512-fk1ZVEeOX9hVZ6QzoBNEC55+Ucqg4sTVwrVuigZhuRPESVFpMyXnd3sbXvPOwp7Y9riVyANiqhEuRF0G1aVSeQ==";
      })
      (hop3.fetchLocked {
        name = "get-proto-1.0.1.tgz";
        url = "https://index.example/get-proto-1.0.1.tgz";
        hash = "sha512-sTSfBjoXBp89JvIKIefqw7U2CCebsc74kiY6awiGogKtoSGbgjYE/G/+l9sF3MWFPNc9IcoOC4ODfKHfxFmp0g==";
      })
      (hop3.fetchLocked {
        name = "gopd-1.2.0.tgz";
        url = "https://index.example/gopd-1.2.0.tgz";
        hash = "sha512-ZUKRh6/kUFoAiTAtTYPZJ3hw9wNxx+BIBOijnlG9PnrJsCcSjs1wyyD6vJpaYtgnzDrKYRSqf3OO6Rfa93xsRg==";
      })
      (hop3.fetchLocked {
        name = "has-symbols-1.1.0.tgz";
        url = "https://index.example/has-symbols-1.1.0.tgz";
        hash = "sha512-1cDNdwJ2Jaohmb3sg4OmKaMBwuC48sYni5HUw2DvsC8LjGTLK9h+eb1X6RyuOHe4hT0ULCW68iomhjUoKUqlPQ==";
      })
      (hop3.fetchLocked {
        name = "hasown-2.0.4.tgz";
        url = "https://index.example/hasown-2.0.4.tgz";
        hash = "sha512-T2UbfbBEF32wiepXIsMlTW9+dDYC6wMh/t/vYA4tuOMKqWz/n3vr1NFSxQiyP+zk2mXsoMA/i/7qV6LKut1t1A==";
      })
      (hop3.fetchLocked {
        name = "http-errors-2.0.1.tgz";
        url = "https://index.example/http-errors-2.0.1.tgz";
        hash = "sha512-4FbRdAX+bSdmo4AUFuS0WNiPz8NgFt+r8ThgNWmlrjQjt1Q7ZR9+zTlce2859x4KSXrwIsaeTqDoKQmtP8pLmQ==";
      })
      (hop3.fetchLocked {
        name = "iconv-lite-0.7.3.tgz";
        url = "https://index.example/iconv-lite-0.7.3.tgz";
        hash = "sha512-IKXpvIzjnC9XTAUbVBcMfGS0EPaIXtW6v+zr+RRp+hqULEpo0owZax6wyRwPOJbWbzjYspQwusTsfVr0ifh4uQ==";
      })
      (hop3.fetchLocked {
        name = "inherits-2.0.4.tgz";
        url = "https://index.example/inherits-2.0.4.tgz";
        hash = "sha512-k/vGaX4/Yla3WzyMCvTQOXYeIHvqOKtnqBduzTHpzpQZzAskKMhZ2K+EnBiSM9zGSoIFeMpXKxa4dYeZIQqewQ==";
      })
      (hop3.fetchLocked {
        name = "ipaddr.js-1.9.1.tgz";
        url = "https://index.example/ipaddr.js-1.9.1.tgz";
        hash = "sha512-0KI/607xoxSToH7GjN1FfSbLoU0+btTicjsQSWQlh/hZykN8KpmMf7uYwPW3R+akZ6R/w18ZlXSHBYXiYUPO3g==";
      })
      (hop3.fetchLocked {
        name = "is-promise-4.0.0.tgz";
        url = "https://index.example/is-promise-4.0.0.tgz";
        hash = "sha512-hvpoI6korhJMnej285dSg6nu1+e6uxs7zG3BYAm5byqDsgJNWwxzM6z6iZiAgQR4TJ30JmBTOwqZUw3WlyH3AQ==";
      })
      (hop3.fetchLocked {
        name = "math-intrinsics-1.1.0.tgz";
        url = "https://index.example/math-intrinsics-1.1.0.tgz";
        hash = "sha512-/IXtbwEk5HTPyEwyKX6hGkYXxM9nbj64B+ilVJnC/R6B0pH5G4V3b0pVbL7DBj4tkhBAppbQUlf6F6Xl9LHu1g==";
      })
      (hop3.fetchLocked {
        name = "media-typer-1.1.1.tgz";
        url = "https://index.example/media-typer-1.1.1.tgz";
        hash = "sha512-yz3xRaG20c6/BOzvYoDaGtPmGscs7YivItZEEqe6GbwNfHuxu9YNmvnEkMzKldAGY4/80pRcQRZSEnhquk9XuQ==";
      })
      (hop3.fetchLocked {
        name = "merge-descriptors-2.0.0.tgz";
        url = "https://index.example/merge-descriptors-2.0.0.tgz";
        hash = "sha512-Snk314V5ayFLhp3fkUREub6WtjBfPdCPY1Ln8/8munuLuiYhsABgBVWsozAG+MWMbVEvcdcpbi9R7ww22l9Q3g==";
      })
      (hop3.fetchLocked {
        name = "mime-db-1.54.0.tgz";
        url = "https://index.example/mime-db-1.54.0.tgz";
        hash = "sha512-aU5EJuIN2WDemCcAp2vFBfp/m4EAhWJnUNSSw0ixs7/kXbd6Pg64EmwJkNdFhB8aWt1sH2CTXrLxo/iAGV3oPQ==";
      })
      (hop3.fetchLocked {
        name = "mime-types-3.0.2.tgz";
        url = "https://index.example/mime-types-3.0.2.tgz";
        hash = "sha512-Lbgzdk0h4juoQ9fCKXW4by0UJqj+nOOrI9MJ1sSj4nI8aI2eo1qmvQEie4VD1glsS250n15LsWsYtCugiStS5A==";
      })
      (hop3.fetchLocked {
        name = "ms-2.1.3.tgz";
        url = "https://index.example/ms-2.1.3.tgz";
        hash = "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==";
      })
      (hop3.fetchLocked {
        name = "negotiator-1.1.0.tgz";
        url = "https://index.example/negotiator-1.1.0.tgz";
        hash = "sha512-NMPBRMJgiQHjbd8phG3Vebdx4kZ1H121rbl5IkMqeOsahptB9BKo/d7oJ3zTXqTgagn2bWlNSXkh0QUGM31RYg==";
      })
      (hop3.fetchLocked {
        name = "object-inspect-1.14.0.tgz";
        url = "https://index.example/object-inspect-1.14.0.tgz";
        hash = "sha512-IVgHNlp/jwQX271+Xzoq9LZNTWXxZK+cEOrGBOBxXNbn7fapnZ+Ts6TVMgNOuAezwG2wdtnMX97tTPK6VEnuOQ==";
      })
      (hop3.fetchLocked {
        name = "on-finished-2.4.2.tgz";
        url = "https://index.example/on-finished-2.4.2.tgz";
        hash = "sha512-ATWUv387i+nLD49EiDoOft5scf32Vsdz3ktrQJG9bi7jRFmaXTssvyvj1EmeKVVgvesbqUtvQQvaS2TpTukAZQ==";
      })
      (hop3.fetchLocked {
        name = "once-1.4.0.tgz";
        url = "https://index.example/once-1.4.0.tgz";
        hash = "sha512-lNaJgI+2Q5URQBkccEKHTQOPaXdUxnZZElQTZY0MFUAuaEqe1E+Nyvgdz/aIyNi6Z9MzO5dv1H8n58/GELp3+w==";
      })
      (hop3.fetchLocked {
        name = "parseurl-1.3.3.tgz";
        url = "https://index.example/parseurl-1.3.3.tgz";
        hash = "sha512-CiyeOxFT/JZyN5m0z9PfXw4SCBJ6Sygz1Dpl0wqjlhDEGGBP1GnsUVEL0p63hoG1fcj3fHynXi9NYO4nWOL+qQ==";
      })
      (hop3.fetchLocked {
        name = "path-to-regexp-8.4.2.tgz";
        url = "https://index.example/path-to-regexp-8.4.2.tgz";
        hash = "sha512-qRcuIdP69NPm4qbACK+aDogI5CBDMi1jKe0ry5rSQJz8JVLsC7jV8XpiJjGRLLol3N+R5ihGYcrPLTno6pAdBA==";
      })
      (hop3.fetchLocked {
        name = "proxy-addr-2.0.8.tgz";
        url = "https://index.example/proxy-addr-2.0.8.tgz";
        hash = "sha512-5nnx0yGyVUcY6t9RnWcARWtwT9F1D8O9rt08htPvnd49W1IgZtmLkhu9WfMzQj1cFxjHIO6connUNVW5k7AVyQ==";
      })
      (hop3.fetchLocked {
        name = "qs-6.17.1.tgz";
        url = "https://index.example/qs-6.17.1.tgz";
        hash = "sha512-jd3COkaKVgGUW+ZHyEHCG9bH7RoaaiWuMgzsIBjUMVjLAaWGWpoUAVwljVvBHxRu/2qEHnadLGZrkutYUBPQJA==";
      })
      (hop3.fetchLocked {
        name = "range-parser-1.3.0.tgz";
        url = "https://index.example/range-parser-1.3.0.tgz";
        hash = "sha512-hek2mFQpPuI4E1BBKrSto+BU3e3x4xuarsbiwr3+lf7p44juvFMV0XFWQAP3xUyqXA4RrXLIoaSUGbSt056ZMw==";
      })
      (hop3.fetchLocked {
        name = "raw-body-3.0.2.tgz";
        url = "https://index.example/raw-body-3.0.2.tgz";
        hash = "sha512-K5zQjDllxWkf7Z5xJdV0/B0WTNqx6vxG70zJE4N0kBs4LovmEYWJzQGxC9bS9RAKu3bgM40lrd5zoLJ12MQ5BA==";
      })
      (hop3.fetchLocked {
        name = "router-2.3.0.tgz";
        url = "https://index.example/router-2.3.0.tgz";
        hash = "sha512-bpowRfGjEPe8t9R6fJIzhwmyCGAXwKvxBUsgJm+bJukwdcWmUXbMo7p22w7aYmQBPQTUMNqMV39YX0kMou3z8w==";
      })
      (hop3.fetchLocked {
        name = "safer-buffer-2.1.2.tgz";
        url = "https://index.example/safer-buffer-2.1.2.tgz";
        hash = "sha512-YZo3K82SD7Riyi0E1EQPojLz7kpepnSQI9IyPbHHg1XXXevb5dJI7tpyN2ADxGcQbHG7vcyRHk0cbwqcQriUtg==";
      })
      (hop3.fetchLocked {
        name = "send-1.2.1.tgz";
        url = "https://index.example/send-1.2.1.tgz";
        hash = "sha512-1gnZf7DFcoIcajTjTwjwuDjzuz4PPcY2StKPlsGAQ1+YH20IRVrBaXSWmdjowTJ6u8Rc01PoYOGHXfP1mYcZNQ==";
      })
      (hop3.fetchLocked {
        name = "serve-static-2.2.1.tgz";
        url = "https://index.example/serve-static-2.2.1.tgz";
        hash = "sha512-xRXBn0pPqQTVQiC8wyQrKs2MOlX24zQ0POGaj0kultvoOCstBQM5yvOhAVSUwOMjQtTvsPWoNCHfPGwaaQJhTw==";
      })
      (hop3.fetchLocked {
        name = "setprototypeof-1.2.0.tgz";
        url = "https://index.example/setprototypeof-1.2.0.tgz";
        hash = "sha512-E5LDX7Wrp85Kil5bhZv46j8jOeboKq5JMmYM3gVGdGH8xFpPWXUMsNrlODCrkoxMEeNi/XZIwuRvY4XNwYMJpw==";
      })
      (hop3.fetchLocked {
        name = "side-channel-1.1.1.tgz";
        url = "https://index.example/side-channel-1.1.1.tgz";
        hash = "sha512-6x6dK6zJdpTzF4sQeNYxwtvBzf6Eg4GtlesS94HOvTudUeyK2WXAaIfmDgsyslYrRBeFIlsi54AYsFGUuhmvrQ==";
      })
      (hop3.fetchLocked {
        name = "side-channel-list-1.0.1.tgz";
        url = "https://index.example/side-channel-list-1.0.1.tgz";
        hash = "sha512-mjn/0bi/oUURjc5Xl7IaWi/OJJJumuoJFQJfDDyO46+hBWsfaVM65TBHq2eoZBhzl9EchxOijpkbRC8SVBQU0w==";
      })
      (hop3.fetchLocked {
        name = "side-channel-map-1.0.1.tgz";
        url = "https://index.example/side-channel-map-1.0.1.tgz";
        hash = "sha512-VCjCNfgMsby3tTdo02nbjtM/ewra6jPHmpThenkTYh8pG9ucZ/1P8So4u4FGBek/BjpOVsDCMoLA/iuBKIFXRA==";
      })
      (hop3.fetchLocked {
        name = "side-channel-weakmap-1.0.2.tgz";
        url = "https://index.example/side-channel-weakmap-1.0.2.tgz";
        hash = "sha512-WPS/HvHQTYnHisLo9McqBHOJk2FkHO/tlpvldyrnem4aeQp4hai3gythswg6p01oSoTl58rcpiFAjF2br2Ak2A==";
      })
      (hop3.fetchLocked {
        name = "statuses-2.0.2.tgz";
        url = "https://index.example/statuses-2.0.2.tgz";
        hash = "sha512-DvEy55V3DB7uknRo+4iOGT5fP1slR8wQohVdknigZPMpMstaKJQWhwiYBACJE3Ul2pTnATihhBYnRhZQHGBiRw==";
      })
      (hop3.fetchLocked {
        name = "toidentifier-1.0.1.tgz";
        url = "https://index.example/toidentifier-1.0.1.tgz";
        hash = "sha512-o5sSPKEkg/DIQNmH43V0/uerLrpzVedkUh8tGNvaeXpfpuwjKenlSox/2O/BTlZUtEe+JG7s5YhEz608PlAHRA==";
      })
      (hop3.fetchLocked {
        name = "type-is-2.1.0.tgz";
        url = "https://index.example/type-is-2.1.0.tgz";
        hash = "sha512-faYHw0anBbc/kWF3zFTEnxSFOAGUX9GFbOBthvDdLsIlEoWOFOtS0zgCiQYwIskL9iGXZL3kAXD8OoZ4GmMATA==";
      })
      (hop3.fetchLocked {
        name = "unpipe-1.0.0.tgz";
        url = "https://index.example/unpipe-1.0.0.tgz";
        hash = "sha512-pjy2bYhSsufwWlKwPc+l3cN7+wuJlK6uz0YdJEOlQDbl6jo/YlPi4mb8agUkVC8BF7V8NuzeyPNqRksA3hztKQ==";
      })
      (hop3.fetchLocked {
        name = "vary-1.1.2.tgz";
        url = "https://index.example/vary-1.1.2.tgz";
        hash = "sha512-BNGbWLfd0eUPabhkXUVm0j8uuvREyTh5ovRa/dyow/BqAbZJyC+5fU+IzQOzmAKzYqYRAISoRhdQr3eIZ/PXqg==";
      })
      (hop3.fetchLocked {
        name = "wrappy-1.0.2.tgz";
        url = "https://index.example/wrappy-1.0.2.tgz";
        hash = "sha512-l4Sp/DRseor9wL6EvV2+TuQn63dMkPjZ/sp9XkghTEbV9KlPS1xUsZ3u7/IQO4wxtcFB4bgpQPRcR3QCvezPcQ==";
      })
    ];
    modules = {
      "node_modules/accepts" = "accepts-2.0.0.tgz";
      "node_modules/async-function" = "async-function-1.0.0.tgz";
      "node_modules/async-generator-function" = "async-generator-function-1.0.0.tgz";
      "node_modules/body-parser" = "body-parser-2.4.0.tgz";
      "node_modules/bytes" = "bytes-3.1.2.tgz";
      "node_modules/call-bind-apply-helpers" = "call-bind-apply-helpers-1.0.2.tgz";
      "node_modules/call-bound" = "call-bound-1.0.4.tgz";
      "node_modules/content-disposition" = "content-disposition-2.0.1.tgz";
      "node_modules/content-type" = "content-type-2.1.0.tgz";
      "node_modules/cookie" = "cookie-0.7.2.tgz";
      "node_modules/cookie-signature" = "cookie-signature-1.2.2.tgz";
      "node_modules/debug" = "debug-4.4.3.tgz";
      "node_modules/depd" = "depd-2.0.0.tgz";
      "node_modules/dunder-proto" = "dunder-proto-1.0.1.tgz";
      "node_modules/ee-first" = "ee-first-1.1.1.tgz";
      "node_modules/encodeurl" = "encodeurl-2.0.3.tgz";
      "node_modules/es-define-property" = "es-define-property-1.0.1.tgz";
      "node_modules/es-errors" = "es-errors-1.3.0.tgz";
      "node_modules/es-object-atoms" = "es-object-atoms-1.1.2.tgz";
      "node_modules/escape-html" = "escape-html-1.0.3.tgz";
      "node_modules/etag" = "etag-1.8.1.tgz";
      "node_modules/express" = "express-5.3.0.tgz";
      "node_modules/finalhandler" = "finalhandler-2.1.1.tgz";
      "node_modules/forwarded" = "forwarded-0.2.0.tgz";
      "node_modules/fresh" = "fresh-2.0.0.tgz";
      "node_modules/function-bind" = "function-bind-1.1.2.tgz";
      "node_modules/generator-function" = "generator-function-2.0.1.tgz";
      "node_modules/get-intrinsic" = "get-intrinsic-1.3.1.tgz";
      "node_modules/get-proto" = "get-proto-1.0.1.tgz";
      "node_modules/gopd" = "gopd-1.2.0.tgz";
      "node_modules/has-symbols" = "has-symbols-1.1.0.tgz";
      "node_modules/hasown" = "hasown-2.0.4.tgz";
      "node_modules/http-errors" = "http-errors-2.0.1.tgz";
      "node_modules/iconv-lite" = "iconv-lite-0.7.3.tgz";
      "node_modules/inherits" = "inherits-2.0.4.tgz";
      "node_modules/ipaddr.js" = "ipaddr.js-1.9.1.tgz";
      "node_modules/is-promise" = "is-promise-4.0.0.tgz";
      "node_modules/math-intrinsics" = "math-intrinsics-1.1.0.tgz";
      "node_modules/media-typer" = "media-typer-1.1.1.tgz";
      "node_modules/merge-descriptors" = "merge-descriptors-2.0.0.tgz";
      "node_modules/mime-db" = "mime-db-1.54.0.tgz";
      "node_modules/mime-types" = "mime-types-3.0.2.tgz";
      "node_modules/ms" = "ms-2.1.3.tgz";
      "node_modules/negotiator" = "negotiator-1.1.0.tgz";
      "node_modules/object-inspect" = "object-inspect-1.14.0.tgz";
      "node_modules/on-finished" = "on-finished-2.4.2.tgz";
      "node_modules/once" = "once-1.4.0.tgz";
      "node_modules/parseurl" = "parseurl-1.3.3.tgz";
      "node_modules/path-to-regexp" = "path-to-regexp-8.4.2.tgz";
      "node_modules/proxy-addr" = "proxy-addr-2.0.8.tgz";
      "node_modules/qs" = "qs-6.17.1.tgz";
      "node_modules/range-parser" = "range-parser-1.3.0.tgz";
      "node_modules/raw-body" = "raw-body-3.0.2.tgz";
      "node_modules/router" = "router-2.3.0.tgz";
      "node_modules/safer-buffer" = "safer-buffer-2.1.2.tgz";
      "node_modules/send" = "send-1.2.1.tgz";
      "node_modules/serve-static" = "serve-static-2.2.1.tgz";
      "node_modules/setprototypeof" = "setprototypeof-1.2.0.tgz";
      "node_modules/side-channel" = "side-channel-1.1.1.tgz";
      "node_modules/side-channel-list" = "side-channel-list-1.0.1.tgz";
      "node_modules/side-channel-map" = "side-channel-map-1.0.1.tgz";
      "node_modules/side-channel-weakmap" = "side-channel-weakmap-1.0.2.tgz";
      "node_modules/statuses" = "statuses-2.0.2.tgz";
      "node_modules/toidentifier" = "toidentifier-1.0.1.tgz";
      "node_modules/type-is" = "type-is-2.1.0.tgz";
      "node_modules/unpipe" = "unpipe-1.0.0.tgz";
      "node_modules/vary" = "vary-1.1.2.tgz";
      "node_modules/wrappy" = "wrappy-1.0.2.tgz";
    };
    compile = false;
  };

  app = language.mkApp {
    name = "node-express";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    checked = [
      "server.js"
      "tick.js"
    ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    NODE_ENV = "production";
    NODE_PATH = "${app}/app/node_modules";
  };

  package = hop3.mkBundle {
    name = "node-express";
    version = "1.0.0";
    description = "Express behind npm start";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [ "NODE_ENV" ];
      path = [
        "${app}/app/node_modules/.bin"
        "${hop3.node.runner}/bin"
        "${pkgs.nodejs-slim_22}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "node server.js";
        tick = "node tick.js \"it ticks\"";
      };
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      Procfile = "6114cd8a4a9f52e7a4991b549b3ee99f576f268a2b635685edf4409106d161f6";
      "package-lock.json" = "4b6d07de941c7fb2251f8c8602253a41aeb39207d4140c83e61d49fadb0672b8";
    };
  };

  env = hop3.mkEnv {
    name = "node-express";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}

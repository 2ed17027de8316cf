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
    name = "node-esbuild";
    files = [
      (hop3.fetchLocked {
        name = "abstract-logging-2.0.1.tgz";
        url = "https://index.example/abstract-logging-2.0.1.tgz";
        hash = "sha512-2BjRTZxTPvheOvGbBslFSYOUkr+SjPtOnrLP33f+VIWLzezQpZcqVg7ja3L4dBXmzzgwT+a029jRx5PCi3JuiA==";
      })
      (hop3.fetchLocked {
        name = "ajv-8.20.0.tgz";
        url = "https://index.example/ajv-8.20.0.tgz";
        hash = "sha512-Thbli+OlOj+iMPYFBVBfJ3OmCAnaSyNn4M1vz9T6Gka5Jt9ba/HIR56joy65tY6kx/FCF5VXNB819Y7/GUrBGA==";
      })
      (hop3.fetchLocked {
        name = "ajv-formats-3.0.1.tgz";
        url = "https://index.example/ajv-formats-3.0.1.tgz";
        hash = "sha512-8iUql50EUR+uUcdRQ3HDqa6EVyo3docL8g5WJ3FNcWmu62IbkGUue/pEyLBW8VGKKucTPgqeks4fIU1DA4yowQ==";
      })
      (hop3.fetchLocked {
        name = "atomic-sleep-1.0.0.tgz";
        url = "https://index.example/atomic-sleep-1.0.0.tgz";
        hash = "sha512-kNOjDqAh7px0XWNI+4QbzoiR/nTkHAWNud2uvnJquD1/x5a7EQZMJT0AczqK0Qn67oY/TTQ1LbUKajZpp3I9tQ==";
      })
      (hop3.fetchLocked {
        name = "avvio-9.3.1.tgz";
        url = "https://index.example/avvio-9.3.1.tgz";
        hash = "sha512-QyTKW61/qlba+cUQBm/sT9X8lri4UdomqSDwCnrnj1IvLVDRRiXRkz4CgBRWB+/cmfC7SK5WQc8T1vSdGvaUcQ==";
      })
      (hop3.fetchLocked {
        name = "cookie-2.0.2.tgz";
        url = "https://index.example/cookie-2.0.2.tgz";
        hash = "sha512-SL0cVuEdETEp7pN0FuZb01toc3vnODEfVUCooxG1SJN0yIirh7JMb9X9bvfCFf0vzzbT68RdbKDHYTiWy7a7iw==";
      })
      (hop3.fetchLocked {
        name = "dequal-2.0.3.tgz";
        url = "https://index.example/dequal-2.0.3.tgz";
        hash = "sha512-0je+qPKHEMohvfRTCEo3CrPG6cAzAYgmzKyxRiYSSDkS6eGJdyVJm7WaYA5ECaAD9wLB2T4EEeymA5aFVcYXCA==";
      })
      (hop3.fetchLocked {
        name = "fast-decode-uri-component-1.0.1.tgz";
        url = "https://index.example/fast-decode-uri-component-1.0.1.tgz";
        hash = "sha512-WKgKWg5eUxvRZGwW8FvfbaH7AXSh2cL+3j5fMGzUMCxWBJ3dV3a7Wz8y2f/uQ0e3B6WmodD3oS54jTQ9HVTIIg==";
      })
      (hop3.fetchLocked {
        name = "fast-deep-equal-3.1.3.tgz";
        url = "https://index.example/fast-deep-equal-3.1.3.tgz";
        hash = "sha512-f3qQ9oQy9j2AhBe/H9VC91wLmKBCCU/gDOnKNAYG5hswO7BLKj09Hc5HYNz9cGI++xlpDCIgDaitVs03ATR84Q==";
      })
      (hop3.fetchLocked {
        name = "fast-json-stringify-7.3.6.tgz";
        url = "https://index.example/fast-json-stringify-7.3.6.tgz";
        hash = "sha512-hXCpiZTZGiER/Xree1Tb4PY1DREPUnlWTP5Df9hgtoDnUppulV7Km8lh1/NEBuqz4JnNGSXghnABudfZ/iwIzg==";
      })
      (hop3.fetchLocked {
        name = "fast-querystring-1.1.2.tgz";
        url = "https://index.example/fast-querystring-1.1.2.tgz";
        hash = "sha512-g6KuKWmFXc0fID8WWH0jit4g0AGBoJhCkJMb1RmbsSEUNvQ+ZC8D6CUZ+GtF8nMzSPXnhiePyyqqipzNNEnHjg==";
      })
      (hop3.fetchLocked {
        name = "fast-uri-3.1.9.tgz";
        url = "https://index.example/fast-uri-3.1.9.tgz";
        hash = "sha512-hS/0Wt3Ya043oKXs0sIxrMpKQITXhMLIrVAKKXi4gozGC9v7YRWVnXIZzjNPTO02M9BdxLCWqK1yRXgNziVyJQ==";
      })
      (hop3.fetchLocked {
        name = "fast-uri-4.2.3.tgz";
        url = "https://index.example/fast-uri-4.2.3.tgz";
        hash = "sha512-I1PXwP5eAhlNlcdpjt9CgB59op2ZvZfxw+BkqGFVIUOgNpCVTcTqp3HhTX7brxj5vsip+nSY4nTvff+eIA76hg==";
      })
      (hop3.fetchLocked {
        name = "fastify-5.12.8.tgz";
        url = "https://index.example/fastify-5.12.8.tgz";
        hash = "sha512-moP8exb2sCHLUbJkwp+I6C0padhy4D8lp0SdmzY7HhSdZuqm7O/u3o2aq7u8okaQ//33QDzj3G/u+FsSdB8Qzw==";
      })
      (hop3.fetchLocked {
        name = "fastify-ajv-compiler-4.0.7.tgz";
        url = "https://index.example/fastify-ajv-compiler-4.0.7.tgz";
        hash = "sha512-VP0yIfwlc1ohj733keYDqyHm1VWeP9VQxYomunhr90jkC4aNNibbkrRiaNgPgqj1ORxUenILR4qzA/ppYBNAtQ==";
      })
      (hop3.fetchLocked {
        name = "fastify-deepmerge-3.2.4.tgz";
        url = "https://index.example/fastify-deepmerge-3.2.4.tgz";
        hash = "sha512-kc8GQq5gX9RRhw0rov3DMrN8wS8yRlxJRdDzsYwwdBV/wazuVgc/1K7CKL90tlvu3RlHan6Y0R0aE3nJtBz2eQ==";
      })
      (hop3.fetchLocked {
        name = "fastify-error-4.2.1.tgz";
        url = "https://index.example/fastify-error-4.2.1.tgz";
        hash = "sha512-MYBumuIwP+5MIpXSyKm6/o1Eigcoij186lWUssX3LH5U8KWqU0ktZhzC4CErIX9EJeQeRGI+zJZQWakBlFbUcg==";
      })
      (hop3.fetchLocked {
        name = "fastify-fast-json-stringify-compiler-5.2.0.tgz";
        url = "https://index.example/fastify-fast-json-stringify-compiler-5.2.0.tgz";
        hash = "sha512-LPTVA0w4oPITWHAvox9NgI1rDSrjUnjxX6QN5MCb9FY+HqvDsUmgLucbj9eQakqC8lYwO7UgkDPHEQLJNl9vtg==";
      })
      (hop3.fetchLocked {
        name = "fastify-forwarded-3.1.2.tgz";
        url = "https://index.example/fastify-forwarded-3.1.2.tgz";
        hash = "sha512-89WiRG+hW3VQSfCwg4Hb8b43PeyEX15K5+lEfsZ4EUth/FyOjS/lv8HsVuswUNXWiSnxMGNouE/fq/0w3VumHQ==";
      })
      (hop3.fetchLocked {
        name = "fastify-merge-json-schemas-0.2.2.tgz";
        url = "https://index.example/fastify-merge-json-schemas-0.2.2.tgz";
        hash = "sha512-d/gx9sRbUCVgGRGzma46wLcwiY8noTqO2Nmjg/vbTARxHRE5bdh5PIL8s97Lt1X7ScRWRW52eVYxwIoPwIdVUA==";
      })
      (hop3.fetchLocked {
        name = "fastify-proxy-addr-5.1.3.tgz";
        url = "https://index.example/fastify-proxy-addr-5.1.3.tgz";
        hash = "sha512-ptgIgB+abBNTs5lsKNvFaKMCauPaTOE6ZIjxJr3FxCLehmYQQKYGg4srwwNICR9QQlFrYw59jWAo+i9GalVCaw==";
      })
      (hop3.fetchLocked {
        name = "fastq-1.20.3.tgz";
        url = "https://index.example/fastq-1.20.3.tgz";
        hash = "sha512-XKv5nnLs6nLF71NgiKJLIZFLkPyIEuOselLG7ujZnGrRfQK8HpvY+WqKhAJUAdLomwVHErVS4LfxFlPq0/FTAw==";
      })
      (hop3.fetchLocked {
        name = "find-my-way-9.10.1.tgz";
        url = "https://index.example/find-my-way-9.10.1.tgz";
        hash = "sha512-UwbZdEdk59YXIGPW/rbDn/Ayr3mJ5fPH/HJeMPlK8Ez10aUin4iyRwgJvNTSkRfpZ2h8uLX0LbvZm/YUBUpymw==";
      })
      (hop3.fetchLocked {
        name = "ipaddr.js-2.5.0.tgz";
        url = "https://index.example/ipaddr.js-2.5.0.tgz";
        hash = "sha512-aq+t5NAc+cS6rZQQVWC2x98CPqGtKKTMDd4Gaodv0wShnItdKg/51djkGJ1hqH+Oy0ivDftCbSLCQob8zso01w==";
      })
      (hop3.fetchLocked {
        name = "json-schema-ref-resolver-3.0.1.tgz";
        url = "https://index.example/json-schema-ref-resolver-3.0.1.tgz";
        hash = "sha512-w+HwgljXpVwZ3IidoUR1qPZxSOQ+NRQWuVe6a5pe8XbHsNZE4UAwVPUvzZagn7yBKbJtt6UJnRFYbNTRPZI45Q==";
      })
      (hop3.fetchLocked {
        name = "json-schema-traverse-1.0.0.tgz";
        url = "https://index.example/json-schema-traverse-1.0.0.tgz";
        hash = "sha512-NM8/P9n3XjXhIZn1lLhkFaACTOURQXjWhV4BA/RnOv8xvgqtqpAX9IO4mRQxSx1Rlo4tqzeqb0sOlruaOy3dug==";
      })
      (hop3.fetchLocked {
        name = "light-my-request-6.8.1.tgz";
        url = "https://index.example/light-my-request-6.8.1.tgz";
        hash = "sha512-20biUK0HAIPG9BZOK3/4s8uVAkAoi1+qW55lciHZCR0puTWipBgyMPEUjqXDWLjsZeqfO6DGsuwW5eyfsTGtyg==";
      })
      (hop3.fetchLocked {
        name = "on-exit-leak-free-2.1.2.tgz";
        url = "https://index.example/on-exit-leak-free-2.1.2.tgz";
        hash = "sha512-0eJJY6hXLGf1udHwfNftBqH+g73EU4B504nZeKpz1sYRKafAghwxEJunB2O7rDZkL4PGfsMVnTXZ2EjibbqcsA==";
      })
      (hop3.fetchLocked {
        name = "pino-10.4.0.tgz";
        url = "https://index.example/pino-10.4.0.tgz";
        hash = "sha512-bk1ZMTwG/Vymx+zPoa28MhNzucFvXJWp3csrSuxuHPSMeUettaCoQ5Jvg07mtC4JGNpcfTwz41oVCnNgBK9+vA==";
      })
      (hop3.fetchLocked {
        name = "pino-abstract-transport-3.0.0.tgz";
        url = "https://index.example/pino-abstract-transport-3.0.0.tgz";
        hash = "sha512-wlfUczU+n7Hy/Ha5j9a/gZNy7We5+cXp8YL+X+PG8S0KXxw7n/JXA3c46Y0zQznIJ83URJiwy7Lh56WLokNuxg==";
      })
      (hop3.fetchLocked {
        name = "pino-std-serializers-7.1.0.tgz";
        url = "https://index.example/pino-std-serializers-7.1.0.tgz";
        hash = "sha512-BndPH67/JxGExRgiX1dX0w1FvZck5Wa4aal9198SrRhZjH3GxKQUKIBnYJTdj2HDN3UQAS06HlfcSbQj2OHmaw==";
      })
      (hop3.fetchLocked {
        name = "pinojs-redact-0.4.0.tgz";
        url = "https://index.example/pinojs-redact-0.4.0.tgz";
        hash = "sha512-k2ENnmBugE/rzQfEcdWHcCY+/FM3VLzH9cYEsbdsoqrvzAKRhUZeRNhAZvB8OitQJ1TBed3yqWtdjzS6wJKBwg==";
      })
      (hop3.fetchLocked {
        name = "process-warning-5.1.1.tgz";
        url = "https://index.example/process-warning-5.1.1.tgz";
        hash = "sha512-oCkNVj4OKnKEcocVBcDfiIugN1/cE6rgfT3nCtzeqZPA8+rIxMaQ0xXzIkGP8Gj2qUaP1UR7uhJ1VD8lUCpzCg==";
      })
      (hop3.fetchLocked {
        name = "quick-format-unescaped-4.0.4.tgz";
        url = "https://index.example/quick-format-unescaped-4.0.4.tgz";
        hash = "sha512-tYC1Q1hgyRuHgloV/YXs2w15unPVh8qfu/qCTfhTYamaw7fyhumKa2yGpdSo87vY32rIclj+4fWYQXUMs9EHvg==";
      })
      (hop3.fetchLocked {
        name = "real-require-1.0.0.tgz";
        url = "https://index.example/real-require-1.0.0.tgz";
        hash = "sha512-P4nbQYQfePJxRSmY+v/KINxVucm4NF3p3s7pJveMTtom52FR4YGltUQLB8idDXwDDWW+eYrWDFbuzUnjoWHF7g==";
      })
      (hop3.fetchLocked {
        name = "require-from-string-2.0.2.tgz";
        url = "https://index.example/require-from-string-2.0.2.tgz";
        hash = "sha512-Xf0nWe6RseziFMu+Ap9biiUbmplq6S9/p+7w7YXP/JBHhrUDDUhwa+vANyubuqfZWTveU//DYVGsDG7RKL/vEw==";
      })
      (hop3.fetchLocked {
        name = "ret-0.5.1.tgz";
        url = "https://index.example/ret-0.5.1.tgz";
        hash = "sha512-Z/nyvABwcRnRD2mMP7Kz6G1dFZZqX1mNErOnxF42OCQKE07b9k9hK9SQxHL3LFEZUdzQaLM4dId1E/E6Vm4WhA==";
      })
      (hop3.fetchLocked {
        name = "reusify-1.1.0.tgz";
        url = "https://index.example/reusify-1.1.0.tgz";
        hash = "sha512-g6QUff04oZpHs0eG5p83rFLhHeV00ug/Yf9nZM6fLeUrPguBTkTQOdpAWWspMh55TZfVQDPaN3NQJfbVRAxdIw==";
      })
      (hop3.fetchLocked {
        name = "rfdc-1.4.1.tgz";
        url = "https://index.example/rfdc-1.4.1.tgz";
        hash = "sha512-q1b3N5QkRUWUl7iyylaaj3kOpIT0N2i9MqIEQXP73GVsN9cw3fdx8X63cEmWhJGi2PPCF23Ijp7ktmd39rawIA==";
      })
      (hop3.fetchLocked {
        name = "safe-regex2-5.1.2.tgz";
        url = "https://index.example/safe-regex2-5.1.2.tgz";
        hash = "sha512-tAtCGFPPP02VroDVzp4daGi6bC7jWG+41D47GKf18FeH/ubvKQHT9VmhAkvtjNOmJwqtApzWeUpEhkyEYULvmw==";
      })
      (hop3.fetchLocked {
        name = "safe-stable-stringify-2.5.0.tgz";
        url = "https://index.example/safe-stable-stringify-2.5.0.tgz";
        hash = "sha512-b3rppTKm9T+PsVCBEOUR46GWI7fdOs00VKZ1+9c1EWDaDMvjQc6tUwuFyIprgGgTcWoVHSKrU8H31ZHA2e0RHA==";
      })
      (hop3.fetchLocked {
        name = "secure-json-parse-4.1.1.tgz";
        url = "https://index.example/secure-json-parse-4.1.1.tgz";
        hash = "sha512-lnd81MQEZKjhW/Gd2TQqdd4XP6QYNdDW/EP+I7nTrFHP9y2LmaGPIHk9xsnzcOiEr1c39c/e84xFgGviQKBTRw==";
      })
      (hop3.fetchLocked {
        name = "semver-7.8.6.tgz";
        url = "https://index.example/semver-7.8.6.tgz";
        hash = "sha512-9lpSSU4Mly3mrtruwLs1eLK6+gzbzqeBFwRNjIjE+9LuDpWdYctrQlQ3ej1Ilgi7gknpsTRnPoLP8DpCHqHIJw==";
      })
      (hop3.fetchLocked {
        name = "set-cookie-parser-3.2.3.tgz";
        url = "https://index.example/set-cookie-parser-3.2.3.tgz";
        hash = "sha512-bDO7NdAkLprNt3BNl3LAh0oVnOS5+WspzxOxiboo7vRIyTqj2pvFmNWYEFynSGQgpJ+7yG/9nc/aSG20UDBUpg==";
      })
      (hop3.fetchLocked {
        name = "sonic-boom-4.2.1.tgz";
        url = "https://index.example/sonic-boom-4.2.1.tgz";
        hash = "sha512-w6AxtubXa2wTXAUsZMMWERrsIRAdrK0Sc+FUytWvYAhBJLyuI4llrMIC1DtlNSdI99EI86KZum2MMq3EAZlF9Q==";
      })
      (hop3.fetchLocked {
        name = "split2-4.2.0.tgz";
        url = "https://index.example/split2-4.2.0.tgz";
        hash = "sha512-UcjcJOWknrNkF6PLX83qcHM6KHgVKNkV62Y8a5uYDVv9ydGQVwAHMKqHdJje1VTWpljG0WYpCDhrCdAOYH4TWg==";
      })
      (hop3.fetchLocked {
        name = "thread-stream-4.2.1.tgz";
        url = "https://index.example/thread-stream-4.2.1.tgz";
        hash = "sha512-Stg6edJXC/6/xqGwSXwFokrUhChJ18amEjpKH89WrQQ0oVFDF+pUUcTpiwWhFUrE89Vf16FBOlwhaw+lescxMQ==";
      })
      (hop3.fetchLocked {
        name = "toad-cache-3.7.4.tgz";
        url = "https://index.example/toad-cache-3.7.4.tgz";
        hash = "sha512-m1TdR/rvT7kgGJZhspNtXdsdYk0fddFpJJFlG5s+UkPFo6lkLoZ3YLOaovPYjq1R75NP5JfeTlSHaOsE09peCg==";
      })
    ];
    buildFiles = [
      (hop3.fetchLocked {
        name = "esbuild-0.25.12.tgz";
        url = "https://index.example/esbuild-0.25.12.tgz";
        hash = "sha512-bbPBYYrtZbkt6Os6FiTLCTFxvq4tt3JKall1vRwshA3fdVztsLAatFaZobhkBC8/BrPetoa0oksYoKXoG4ryJg==";
      })
      (hop3.fetchLocked {
        name = "esbuild-linux-x64-0.25.12.tgz";
        url = "https://index.example/esbuild-linux-x64-0.25.12.tgz";
        hash = "sha512-uqZMTLr/zR/ed4jIGnwSLkaHmPjOjJvnm6TVVitAa08SLS9Z0VM8wIRx7gWbJB5/J54YuIMInDquWyYvQLZkgw==";
      })
      (hop3.fetchLocked {
        name = "types-node-22.20.5.tgz";
        url = "https://index.example/types-node-22.20.5.tgz";
        hash = "sha512-U2+DNr+wSjpsTS/wZGYHq7GcwfuSmKiKvoPvK22zwTlRhU91yOniN4qRR5KhIjvif7ysw/dz/hKmfDH0Ris4aA==";
      })
      (hop3.fetchLocked {
        name = "typescript-5.9.3.tgz";
        url = "https://index.example/typescript-5.9.3.tgz";
        hash = "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw==";
      })
      (hop3.fetchLocked {
        name = "undici-types-6.21.0.tgz";
        url = "https://index.example/undici-types-6.21.0.tgz";
        hash = "sha512-iwDZqg0QAGrg9Rav5H4n0M64c3mkR59cJ6wQp+7C4nI0gsmExaedaYLNO44eT4AtBBwjbTiGPMlt2Md0T9H9JQ==";
      })
    ];
    modules = {
      "node_modules/@fastify/ajv-compiler" = "fastify-ajv-compiler-4.0.7.tgz";
      "node_modules/@fastify/deepmerge" = "fastify-deepmerge-3.2.4.tgz";
      "node_modules/@fastify/error" = "fastify-error-4.2.1.tgz";
      "node_modules/@fastify/fast-json-stringify-compiler" = "fastify-fast-json-stringify-compiler-5.2.0.tgz";
      "node_modules/@fastify/forwarded" = "fastify-forwarded-3.1.2.tgz";
      "node_modules/@fastify/merge-json-schemas" = "fastify-merge-json-schemas-0.2.2.tgz";
      "node_modules/@fastify/proxy-addr" = "fastify-proxy-addr-5.1.3.tgz";
      "node_modules/@pinojs/redact" = "pinojs-redact-0.4.0.tgz";
      "node_modules/abstract-logging" = "abstract-logging-2.0.1.tgz";
      "node_modules/ajv" = "ajv-8.20.0.tgz";
      "node_modules/ajv-formats" = "ajv-formats-3.0.1.tgz";
      "node_modules/ajv/node_modules/fast-uri" = "fast-uri-3.1.9.tgz";
      "node_modules/atomic-sleep" = "atomic-sleep-1.0.0.tgz";
      "node_modules/avvio" = "avvio-9.3.1.tgz";
      "node_modules/cookie" = "cookie-2.0.2.tgz";
      "node_modules/dequal" = "dequal-2.0.3.tgz";
      "node_modules/fast-decode-uri-component" = "fast-decode-uri-component-1.0.1.tgz";
      "node_modules/fast-deep-equal" = "fast-deep-equal-3.1.3.tgz";
      "node_modules/fast-json-stringify" = "fast-json-stringify-7.3.6.tgz";
      "node_modules/fast-querystring" = "fast-querystring-1.1.2.tgz";
      "node_modules/fast-uri" = "fast-uri-4.2.3.tgz";
      "node_modules/fastify" = "fastify-5.12.8.tgz";
      "node_modules/fastq" = "fastq-1.20.3.tgz";
      "node_modules/find-my-way" = "find-my-way-9.10.1.tgz";
      "node_modules/ipaddr.js" = "ipaddr.js-2.5.0.tgz";
      "node_modules/json-schema-ref-resolver" = "json-schema-ref-resolver-3.0.1.tgz";
      "node_modules/json-schema-traverse" = "json-schema-traverse-1.0.0.tgz";
      "node_modules/light-my-request" = "light-my-request-6.8.1.tgz";
      "node_modules/on-exit-leak-free" = "on-exit-leak-free-2.1.2.tgz";
      "node_modules/pino" = "pino-10.4.0.tgz";
      "node_modules/pino-abstract-transport" = "pino-abstract-transport-3.0.0.tgz";
      "node_modules/pino-std-serializers" = "pino-std-serializers-7.1.0.tgz";
      "node_modules/process-warning" = "process-warning-5.1.1.tgz";
      "node_modules/quick-format-unescaped" = "quick-format-unescaped-4.0.4.tgz";
      "node_modules/real-require" = "real-require-1.0.0.tgz";
      "node_modules/require-from-string" = "require-from-string-2.0.2.tgz";
      "node_modules/ret" = "ret-0.5.1.tgz";
      "node_modules/reusify" = "reusify-1.1.0.tgz";
      "node_modules/rfdc" = "rfdc-1.4.1.tgz";
      "node_modules/safe-regex2" = "safe-regex2-5.1.2.tgz";
      "node_modules/safe-stable-stringify" = "safe-stable-stringify-2.5.0.tgz";
      "node_modules/secure-json-parse" = "secure-json-parse-4.1.1.tgz";
      "node_modules/semver" = "semver-7.8.6.tgz";
      "node_modules/set-cookie-parser" = "set-cookie-parser-3.2.3.tgz";
      "node_modules/sonic-boom" = "sonic-boom-4.2.1.tgz";
      "node_modules/split2" = "split2-4.2.0.tgz";
      "node_modules/thread-stream" = "thread-stream-4.2.1.tgz";
      "node_modules/toad-cache" = "toad-cache-3.7.4.tgz";
    };
    buildModules = {
      "node_modules/@esbuild/linux-x64" = "esbuild-linux-x64-0.25.12.tgz";
      "node_modules/@types/node" = "types-node-22.20.5.tgz";
      "node_modules/esbuild" = "esbuild-0.25.12.tgz";
      "node_modules/typescript" = "typescript-5.9.3.tgz";
      "node_modules/undici-types" = "undici-types-6.21.0.tgz";
    };
    optional = [ "node_modules/@esbuild/linux-x64" ];
  };

  app = language.mkApp {
    name = "node-esbuild";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "npm run build" ];
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
    name = "node-esbuild";
    version = "1.0.0";
    description = "TypeScript, bundled by a development dependency that brings a binary";
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
        web = "node dist/server.js";
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
      "package-lock.json" = "9bccae2a0c0c0231f795aa2534cc63f7a661c45f90cbe9629e60f2d59d601f59";
    };
  };

  env = hop3.mkEnv {
    name = "node-esbuild";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}

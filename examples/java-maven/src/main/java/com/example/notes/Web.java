package com.example.notes;

import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Answers HTTP on $PORT. */
public final class Web {
  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/", exchange -> {
      byte[] page = Web.class.getResourceAsStream("/page.txt").readAllBytes();
      send(exchange, new String(page, StandardCharsets.UTF_8));
    });
    server.createContext("/health", exchange -> send(exchange, json(Map.of("status", "ok"))));
    server.createContext("/about", exchange -> send(exchange, about()));
    server.start();
  }

  /** What a run time has to have beside the language: certificates, zones, an encoding. */
  private static String about() {
    Map<String, Object> found = new TreeMap<>();
    found.put("release", Runtime.version().feature());
    found.put("paris", ZoneId.of("Europe/Paris").getRules().getOffset(Instant.EPOCH).toString());
    found.put("names", System.getProperty("sun.jnu.encoding"));
    try {
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init((java.security.KeyStore) null);
      int issuers = ((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers().length;
      found.put("certificates", issuers > 50);
    } catch (java.security.GeneralSecurityException error) {
      found.put("certificates", error.toString());
    }
    return json(found);
  }

  static String json(Map<String, ?> value) {
    return new GsonBuilder().create().toJson(value);
  }

  private static void send(HttpExchange exchange, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, content.length);
    try (var body = exchange.getResponseBody()) {
      body.write(content);
    }
  }
}

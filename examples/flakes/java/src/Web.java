import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

/** Answers HTTP on $PORT. */
public final class Web {
  public static void main(String[] arguments) throws java.io.IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", exchange -> {
      byte[] page = "Hello from Java, built by hop3-nix\n".getBytes();
      exchange.sendResponseHeaders(200, page.length);
      exchange.getResponseBody().write(page);
      exchange.close();
    });
    server.start();
  }
}

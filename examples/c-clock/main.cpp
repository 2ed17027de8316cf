// A small HTTP server: one answer for each connection.
#include "answers.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <iostream>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main() {
    const char *port = std::getenv("PORT");
    const char *host = std::getenv("BIND_ADDRESS");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port ? std::atoi(port) : 8000);
    inet_pton(AF_INET, host ? host : "0.0.0.0", &address.sin_addr);

    int listening = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 ||
        listen(listening, 64) != 0) {
        std::cerr << "cannot listen\n";
        return 1;
    }
    while (true) {
        int client = accept(listening, nullptr, nullptr);
        if (client < 0)
            continue;
        char buffer[4096];
        std::string request;
        while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65536) {
            ssize_t got = read(client, buffer, sizeof buffer);
            if (got <= 0)
                break;
            request.append(buffer, got);
        }
        size_t start = request.find(' '), end = request.find(' ', start + 1);
        if (end != std::string::npos) {
            std::string body = answer(request.substr(start + 1, end - start - 1));
            std::string reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
            if (write(client, reply.data(), reply.size()) < 0)
                std::cerr << "the client has gone\n";
        }
        close(client);
    }
}

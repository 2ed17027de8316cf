#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    const char *port = getenv("PORT"), *host = getenv("BIND_ADDRESS");
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons(port ? atoi(port) : 8000);
    inet_pton(AF_INET, host ? host : "0.0.0.0", &address.sin_addr);
    int listening = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 64)) {
        perror("cannot listen");
        return 1;
    }
    const char *answer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello from C\n";
    for (;;) {
        char request[4096];
        int client = accept(listening, NULL, NULL);
        if (client < 0)
            continue;
        if (read(client, request, sizeof request) > 0 && write(client, answer, strlen(answer)) < 0)
            perror("the client has gone");
        close(client);
    }
}

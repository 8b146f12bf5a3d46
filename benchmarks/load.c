/* A load generator small enough not to be what is measured.

       load PORT CONNECTIONS SECONDS PATH BODY_SIZE

   keeps CONNECTIONS keep-alive connections to 127.0.0.1:PORT busy for SECONDS, each sending
   its next request when its last answer is complete, and prints one line of JSON. Times are
   microseconds from the first byte sent to the last byte received. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_SIZE = 16 * 1024, READ_SIZE = 256 * 1024, MOST_CONNECTIONS = 1024 };

/* What of a response comes next. */
typedef enum { HEAD, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER, COMPLETE } Part;

typedef struct {
    int fd;
    size_t sent;
    double started;
    Part part;
    char line[HEAD_SIZE]; /* the head, or the chunk-size or trailer line, so far */
    size_t length;
    uint64_t remaining; /* of the body or the chunk */
} Connection;

static char *request;
static size_t request_size;
static struct sockaddr_in address = {.sin_family = AF_INET};

static double *latencies;
static size_t answered, capacity, failed;
static uint64_t received_bytes;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* ---- One request --------------------------------------------------------------- */

static void begin(Connection *connection) {
    connection->sent = connection->length = 0;
    connection->part = HEAD;
    connection->started = now();
}

static void open_connection(Connection *connection) {
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0) fail("socket");
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    begin(connection);
}

static void reopen(Connection *connection) {
    failed++;
    close(connection->fd);
    open_connection(connection);
}

static void finish(Connection *connection) {
    if (answered == capacity) {
        capacity = capacity ? capacity * 2 : 4096;
        latencies = realloc(latencies, capacity * sizeof *latencies);
        if (!latencies) fail("realloc");
    }
    latencies[answered++] = now() - connection->started;
    begin(connection);
}

/* ---- Reading a response --------------------------------------------------------- */

static const char *header(const char *head, const char *name) {
    for (const char *line = head; (line = strstr(line, "\r\n")); ) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0) return line + strlen(name);
    }
    return NULL;
}

static Part after_head(Connection *connection) {
    if (strncmp(connection->line, "HTTP/1.1 200", 12) != 0) failed++;
    const char *length = header(connection->line, "content-length:");
    connection->remaining = length ? strtoull(length, NULL, 10) : 0;
    connection->length = 0;
    if (header(connection->line, "transfer-encoding:")) return CHUNK_SIZE;
    return connection->remaining ? BODY : COMPLETE;
}

static Part after_line(Connection *connection) {
    bool empty = connection->length == 2;
    uint64_t size = strtoull(connection->line, NULL, 16);
    connection->length = 0;
    if (connection->part == TRAILER) return empty ? COMPLETE : TRAILER;
    if (connection->part == CHUNK_END) return CHUNK_SIZE;
    connection->remaining = size;
    return size ? CHUNK_DATA : TRAILER;
}

static bool ends_with(const Connection *connection, const char *end) {
    size_t size = strlen(end);
    return connection->length >= size &&
           memcmp(connection->line + connection->length - size, end, size) == 0;
}

/* Takes some of the bytes, at least one, and returns how many. */
static size_t take(Connection *connection, const char *bytes, size_t size) {
    if (connection->part == BODY || connection->part == CHUNK_DATA) {
        size_t taken = size < connection->remaining ? size : (size_t)connection->remaining;
        connection->remaining -= taken;
        received_bytes += taken;
        if (connection->remaining == 0) connection->part = connection->part == BODY ? COMPLETE : CHUNK_END;
        return taken;
    }
    if (connection->length + 1 == HEAD_SIZE) fail("a line is too long");
    connection->line[connection->length++] = *bytes;
    connection->line[connection->length] = 0;
    if (connection->part == HEAD && ends_with(connection, "\r\n\r\n")) connection->part = after_head(connection);
    else if (connection->part != HEAD && ends_with(connection, "\r\n")) connection->part = after_line(connection);
    return 1;
}

/* ---- The loop ------------------------------------------------------------------- */

static void send_some(Connection *connection) {
    ssize_t n = send(connection->fd, request + connection->sent, request_size - connection->sent, MSG_NOSIGNAL);
    if (n >= 0) connection->sent += (size_t)n;
    else if (errno != EAGAIN) reopen(connection);
}

static void receive_some(Connection *connection) {
    static char bytes[READ_SIZE];
    ssize_t n = recv(connection->fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        reopen(connection);
        return;
    }
    for (size_t at = 0; at < (size_t)n && connection->part != COMPLETE;) {
        at += take(connection, bytes + at, (size_t)n - at);
    }
    if (connection->part == COMPLETE) finish(connection);
}

static void run(Connection *connections, int count, double until) {
    static struct pollfd polled[MOST_CONNECTIONS];
    for (int i = 0; i < count; i++) open_connection(&connections[i]);
    while (now() < until) {
        for (int i = 0; i < count; i++) {
            if (connections[i].sent == 0) send_some(&connections[i]);
            bool sending = connections[i].sent < request_size;
            polled[i] = (struct pollfd){connections[i].fd, sending ? POLLIN | POLLOUT : POLLIN, 0};
        }
        if (poll(polled, (nfds_t)count, 100) < 0) fail("poll");
        for (int i = 0; i < count; i++) {
            if (polled[i].revents & POLLOUT) send_some(&connections[i]);
            if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) receive_some(&connections[i]);
        }
    }
}

static void write_request(const char *path, size_t body_size) {
    request = malloc(body_size + strlen(path) + 256);
    if (!request) fail("malloc");
    int head = sprintf(request, "%s %s HTTP/1.1\r\nhost: 127.0.0.1\r\n", body_size ? "POST" : "GET", path);
    if (body_size) head += sprintf(request + head, "content-length: %zu\r\n", body_size);
    head += sprintf(request + head, "\r\n");
    memset(request + head, 'x', body_size);
    request_size = (size_t)head + body_size;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double q) { return answered ? latencies[(size_t)(q * (double)(answered - 1))] : 0; }

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS PATH BODY_SIZE\n");
        return 2;
    }
    int count = atoi(argv[2]);
    if (count < 1 || count > MOST_CONNECTIONS) return 2;
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    write_request(argv[4], strtoul(argv[5], NULL, 10));

    Connection *connections = calloc((size_t)count, sizeof *connections);
    double started = now();
    run(connections, count, started + atof(argv[3]) * 1e6);
    double seconds = (now() - started) / 1e6;
    qsort(latencies, answered, sizeof *latencies, by_size);
    printf("{\"answered\": %zu, \"failed\": %zu, \"seconds\": %.6f, \"received_bytes\": %llu, ", answered,
           failed, seconds, (unsigned long long)received_bytes);
    printf("\"min_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", quantile(0), quantile(0.5), quantile(0.99));
    return 0;
}
